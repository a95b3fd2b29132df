#!/usr/bin/env bats
# What limits a viewer, seen by viewers of other projects: a region is, to the pixel, that part of the screen.

load viewers

setup_file() {
	rfbkit_setup
	start_screen
	start_viewer_screen
	paint_scene
	REGION=333x257+211+123
	printf '127.0.0.1 control region=%s\nunix view\n' "$REGION" >"$T/rules"
	RULES=$T/rules
	serve --rules "$RULES" -l "unix:$T/whole"
	WHOLE=$T/whole
	export PORT SERVED VIEWING REGION RULES WHOLE server
}
teardown_file() { rfbkit_teardown; }

part() { client --part "$REGION" "$@" || { echo "in: $*"; return 1; }; }

@test "libvncclient: every encoding of a region, beside a viewer of all" {
	need vncclient
	local e f
	timeout 100 vncclient --display "$SERVED" --encodings tight "$WHOLE"
	for e in raw rre corre hextile zlib tight zrle; do
		paint_scene $((${#e} + 3))
		part --encodings "$e copyrect"
	done
	for f in bgr233 rgb565be bgr888; do
		part --encodings tight --format "$f"
		part --encodings zrle --format "$f"
	done
}

@test "libvncclient: JPEG of a region ends exact, and what moves within it, into it and out of it" {
	need vncclient
	local i
	paint_scene 5
	part --encodings 'tight copyrect' --quality 3
	DISPLAY=$SERVED start watcher vncclient --display "$SERVED" --part "$REGION" --watch 600 --encodings 'tight copyrect' "127.0.0.1::$PORT"
	wait_text "$T/watcher.out" '[0-9]'
	for i in 1 2 3; do
		DISPLAY=$SERVED xpaint >/dev/null <<-END
			copy 220 140 200 200 220 $((130 + i))
			copy 100 100 300 200 150 $((120 + 10 * i))
			copy 300 200 300 200 100 60
			fill $((230 + i * 10)) 150 40 40 00ff0$i
		END
		kill -USR1 "$watcher"
		wait_for bash -c '(($(grep -c "exact after" "$0") >= $1))' "$T/watcher.out" $i || { cat "$T/watcher.out" "$T/watcher.err"; return 1; }
	done
	kill -TERM "$watcher"
	wait_exit "$watcher"
	assert_equal "$status" 0
}

@test "TigerVNC's viewer and gtk-vnc show the region" {
	need xtigervncviewer xwininfo
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	paint_scene 2
	reference "$REGION"
	DISPLAY=$VIEWING gtkvnc.py 127.0.0.1 "$PORT" "$T/served.ppm" "$PATIENCE"
	start tigervnc env DISPLAY="$VIEWING" HOME="$T" xtigervncviewer -RemoteResize=0 -Shared -NoJPEG 127.0.0.1::"$PORT"
	wait_for region_is_shown || { cat "$T/tigervnc.err"; return 1; }
}
region_is_shown() {
	local w
	for w in $(DISPLAY=$VIEWING xdotool search --onlyvisible --name . 2>/dev/null); do
		[[ $(DISPLAY=$VIEWING xwininfo -id "$w" | awk '/Width:/ { w = $2 } /Height:/ { print w "x" $2 }') = "${REGION%%+*}" ]] || continue
		DISPLAY=$VIEWING shot "$T/viewing.ppm" "$(DISPLAY=$VIEWING xwininfo -id "$w" |
			awk '/Absolute upper-left X:/ { x = $4 } /Absolute upper-left Y:/ { y = $4 } END { print x, y }' |
			sed "s/\(.*\) \(.*\)/${REGION%%+*}+\1+\2/")"
		ppmdiff "$T/served.ppm" "$T/viewing.ppm" && return
	done
	return 1
}
