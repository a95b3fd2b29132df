#!/usr/bin/env bats
# Viewers of other projects show exactly what the served display shows.

load viewers

setup_file() {
	rfbkit_setup
	start_screen
	start_viewer_screen
	paint_scene
	publish
	serve
	export PORT SERVED VIEWING STATS
}
teardown_file() { rfbkit_teardown; }

@test "TigerVNC's viewer: Tight, ZRLE, Hextile, Raw" {
	need xtigervncviewer xwininfo
	local e
	for e in Tight ZRLE Hextile Raw; do
		paint_scene 3
		tigervnc -AutoSelect=0 -PreferredEncoding="$e"
		assert_viewer_exact || { echo "in $e"; return 1; }
		paint_scene 7
		assert_viewer_exact || { echo "in $e, after a change"; return 1; }
		[[ $e != Tight ]] || scrolls assert_viewer_exact
		stop $tigervnc
	done
}

@test "TightVNC's viewer" {
	need xtightvncviewer xwininfo
	local e
	for e in tight hextile corre rre zlib raw; do
		start tightvnc env DISPLAY="$VIEWING" HOME="$T" xtightvncviewer -shared -nojpeg -encodings "$e copyrect" 127.0.0.1::"$PORT"
		paint_scene $((RANDOM % 9))
		# it draws the pointer into its picture, in the corner
		assert_viewer_exact 780x580+0+0 || { echo "in $e"; cat "$T/tightvnc.err"; return 1; }
		[[ $e != tight ]] || scrolls assert_viewer_exact 780x580+0+0
		stop $tightvnc
	done
}

@test "SSVNC's viewer, ZRLE and ZYWRLE too" {
	need ssvncviewer xwininfo
	local e n=0
	for e in tight zrle zywrle hextile corre rre zlib raw; do
		start ssvnc env DISPLAY="$VIEWING" HOME="$T" ssvncviewer -shared -encodings "$e copyrect" -quality 4 -noraiseonbeep 127.0.0.1::"$PORT"
		paint_scene $((n += 1))
		# it draws the pointer into its picture, in the corner; what it was sent lossy is exact once it rests
		assert_viewer_exact 780x580+0+0 || { echo "in $e"; cat "$T/ssvnc.err"; return 1; }
		[[ $e != zrle ]] || scrolls assert_viewer_exact 780x580+0+0
		stop $ssvnc
	done
}

@test "TigerVNC's and SSVNC's viewers follow the size of the screen" {
	need xtigervncviewer ssvncviewer xwininfo xrandr Xtigervnc
	local size
	start_xvnc other 640x480
	SERVED=$DISPLAY
	paint_scene 3
	serve
	tigervnc
	assert_viewer_exact
	for size in 1024x768 800x600; do
		xrandr --display "$SERVED" --size $size
		paint_scene 4
		assert_viewer_exact || { echo "TigerVNC's, at $size"; return 1; }
	done
	stop $tigervnc
	xdotool mousemove 9999 9999
	start ssvnc env DISPLAY="$VIEWING" HOME="$T" ssvncviewer -shared -noraiseonbeep 127.0.0.1::"$PORT"
	assert_viewer_exact 780x580+0+0
	for size in 1024x768 640x480; do
		xrandr --display "$SERVED" --size $size
		xdotool mousemove 9999 9999
		paint_scene 5
		assert_viewer_exact 620x460+0+0 || { echo "SSVNC's, at $size"; cat "$T/ssvnc.err"; return 1; }
	done
}

@test "gtk-vnc, at each depth it can ask for" {
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	paint_scene 2
	reference
	DISPLAY=$VIEWING gtkvnc.py 127.0.0.1 "$PORT" "$T/served.ppm" "$PATIENCE"
	DISPLAY=$VIEWING gtkvnc.py 127.0.0.1 "$PORT" "$T/served.ppm" "$PATIENCE" 1
}

@test "gvncviewer" {
	need gvncviewer xwininfo
	paint_scene 5
	start gvnc env DISPLAY="$VIEWING" HOME="$T" gvncviewer 127.0.0.1:$((PORT - 5900))
	wait_for gvnc_shows_the_scene || { cat "$T/ppmdiff.out" "$T/gvnc.err"; return 1; }
	scrolls wait_for gvnc_shows_the_scene
}
# Its picture lies under a menu bar in a larger window. It asks for JPEG: the end is exact with us, not with others.
gvnc_shows_the_scene() {
	local w part
	reference 780x340+0+0
	for w in $(DISPLAY=$VIEWING xdotool search --onlyvisible --name . 2>/dev/null); do
		part=$(DISPLAY=$VIEWING xwininfo -id "$w" | awk '/Absolute upper-left X:/ { x = $4 } /Absolute upper-left Y:/ { y = $4 }
			/Width:/ { w = $2 } /Height:/ { h = $2 } END { if (w >= 800 && h >= 600) print x, y + h - 600 }')
		[[ -n $part ]] || continue
		DISPLAY=$VIEWING shot "$T/viewing.ppm" || return 1
		ppmdiff ${CONFORMANCE_SERVER:+-p 30} -g "780x340+${part/ /+}" "$T/served.ppm" "$T/viewing.ppm" >"$T/ppmdiff.out" && return
	done
	return 1
}

@test "Remmina, in each encoding" {
	need remmina
	local e n=0 before
	for e in tight zrle zlib hextile corre rre raw; do
		before=$(rectangles $e)
		remmina encodings="$e copyrect"
		paint_scene $((n += 1))
		wait_for remmina_is_exact || { echo "in $e"; cat "$T/remmina.err"; return 1; }
		[[ $e != zrle ]] || scrolls wait_for remmina_is_exact
		[[ ${CONFORMANCE_SERVER:-rfbkit} != rfbkit ]] || (($(rectangles $e) > before)) || { echo "it was sent no $e"; return 1; }
		stop $remmina
	done
}
rectangles() { RFB_STATDIR=$STATS rfbstat -j | jq ".metrics.rectangles.$1"; }

@test "Remmina with a password types, clicks and follows the size of the screen" {
	need remmina xrandr Xtigervnc
	local size x y
	start_xvnc other 640x480
	SERVED=$DISPLAY
	start report env DISPLAY="$SERVED" keyreport
	wait_text "$T/report.out" ready
	tigervncpasswd -f <<<sesame42 >"$T/passwd"
	serve -p "$T/passwd"
	REMMINA_PASSWORD=sesame42 remmina
	wait_for remmina_is_exact || { cat "$T/remmina.err"; return 1; }
	IFS=x+ read -r _ _ x y <"$T/where"
	DISPLAY=$VIEWING xdotool mousemove $((x + 200)) $((y + 150))
	wait_for remmina_clicks 200 150
	DISPLAY=$VIEWING xdotool key shift+a
	wait_text "$T/report.out" '^press A Shift'
	stop $report
	for size in 800x600 640x480; do
		xrandr --display "$SERVED" --size $size
		paint_scene 5
		wait_for remmina_is_exact || { echo "at $size"; return 1; }
	done
}
remmina_clicks() { DISPLAY=$VIEWING xdotool click 1 && grep -q "^down 1 $1 $2" "$T/report.out"; }

@test "vncsnapshot, in each encoding" {
	need vncsnapshot ffmpeg
	local e
	paint_scene 4
	reference 780x560+0+0
	# (it keeps the first picture, which is the last that rfbd has where a new one is long in coming)
	client
	# (it asks for LastRect and does not understand it: rfbd counts rectangles for RFB 3.3)
	for e in tight hextile corre rre zlib raw; do
		timeout "$PATIENCE" vncsnapshot -quiet -nojpeg -nocursor -encodings "$e" -rect 780x560+0+0 \
			127.0.0.1:$((PORT - 5900)) "$T/snap.jpg"
		ffmpeg -v error -y -i "$T/snap.jpg" -pix_fmt rgb24 "$T/snap.ppm"
		# the file is a JPEG: only nearly the same
		ppmdiff -p 40 "$T/served.ppm" "$T/snap.ppm" || { echo "in $e"; return 1; }
	done
}
