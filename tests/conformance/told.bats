#!/usr/bin/env bats
# What a screen tells beside its pixels, as viewers of other projects show it: the pointer's shape and place, the bell, the lock lamps,
# names and sizes. xtold says what a display shows its user: the served one, and the one that the viewers' windows are on.

load page

setup() {
	rfbkit_setup
	start_screen 640x480
	start_viewer_screen
	DISPLAY=$SERVED
	paint_scene 3
	mkfifo "$T/shapes"
	exec {SHAPES}<>"$T/shapes"
	START_IN=$T/shapes start shaper xshape.py
	start there xtold
	start here env DISPLAY="$VIEWING" xtold
	wait_text "$T/here.out" '^leds 0'
}

# Red, a little grey, nothing; green, blue, a third of blue-green; and the same without what is between. Alphas are such that nothing
# is rounded.
SOFT='ffff0000 33111111 00000000 ff00ff00 ff0000ff 55082020'
HARD='ffff0000 ff112233 00000000 ff00ff00 ff0000ff 00000000'
# (gtk-vnc takes the premultiplied pixels for straight ones, and multiplies them again)
TWICE='ffff0000 33030303 00000000 ff00ff00 ff0000ff 55030b0b'
# shape PIXELS: the served display's cursor is these 3 by 2, with its hot spot at 1,1.
shape() {
	echo "3 2 1 1 ${1// /}" >&"$SHAPES"
	wait_for shown_last there "cursor 3x2+1+1 ${1// /}"
}
shown_last() { [[ $(grep "^${2%% *}" "$T/$1.out" | tail -1) = "$2" ]]; }
# wait_cursor NAME PIXELS: what NAME's output says last of a cursor's shape.
wait_cursor() { wait_for shown_last "$1" "cursor 3x2+1+1 ${2// /}" || { grep ^cursor "$T/$1.out" | tail -3 | cut -c1-80; return 1; }; }
count() { grep -c "^$2" "$T/$1.out" || :; }
rings_at() {
	local before
	before=$(count "$1" bell)
	DISPLAY=$SERVED xpaint <<<bell >/dev/null
	wait_for rang "$1" "$before"
}
rang() { (($(count "$1" bell) > $2)); }
# over_viewer X Y: the viewers' pointer, with the keyboard's focus, over the viewer's picture.
over_viewer() { DISPLAY=$VIEWING xdotool windowfocus --sync "$(viewer_window)" mousemove --window "$(viewer_window)" "$1" "$2"; }

@test "TigerVNC's viewer: Cursor with alpha, Bell, ContinuousUpdates" {
	need xtigervncviewer xwininfo
	serve
	tigervnc
	over_viewer 300 200
	shape "$SOFT"
	# (its toolkit gives the X server straight pixels where premultiplied ones are due)
	wait_cursor here 'ffff0000 33555555 00000000 ff00ff00 ff0000ff 55186060'
	shape "$HARD"
	wait_cursor here "$HARD"
	rings_at here
	grep -q 'Enabling continuous updates' "$T/tigervnc.err"
}

@test "gtk-vnc: Cursor with alpha, Bell, LED state" {
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	need xwininfo
	serve
	gtk_listens
	wait_for have_viewer_window
	over_viewer 300 200
	shape "$SOFT"
	wait_cursor here "$TWICE"
	shape "$HARD"
	wait_cursor here "$HARD"
	rings_at gtk
	DISPLAY=$SERVED xdotool key Caps_Lock
	wait_for shown_last gtk 'leds 4'
	DISPLAY=$SERVED xdotool key Caps_Lock
	wait_for shown_last gtk 'leds 0'
}
gtk_listens() {
	mkfifo "$T/wishes"
	exec {WISHES}<>"$T/wishes"
	START_IN=$T/wishes start gtk env DISPLAY="$VIEWING" gtktold.py 127.0.0.1 "$PORT"
	# (LEDs come with what else there is to tell)
	wait_text "$T/gtk.out" "^leds"
}

@test "gvncviewer: Cursor with alpha" {
	need gvncviewer
	serve
	start gvnc env DISPLAY="$VIEWING" HOME="$T" gvncviewer 127.0.0.1:$((PORT - 5900))
	wait_for connected_viewer
	DISPLAY=$VIEWING xdotool mousemove 320 240
	shape "$SOFT"
	wait_cursor here "$TWICE"
	shape "$HARD"
	wait_cursor here "$HARD"
}
connected_viewer() { grep -q 'came in' "$T/server.err"; }

@test "Remmina: Cursor, Bell" {
	need remmina
	serve
	remmina
	wait_for remmina_is_exact || { cat "$T/remmina.err"; return 1; }
	DISPLAY=$VIEWING xdotool mousemove 500 400
	shape "$HARD"
	wait_cursor here "$HARD"
	rings_at here
}

@test "libvncclient: Cursor, PointerPos, Bell" {
	serve
	start lib vncclient --told --watch 600 127.0.0.1::"$PORT"
	wait_text "$T/lib.out" '^1 updates'
	shape "$HARD"
	wait_cursor lib "$HARD"
	DISPLAY=$SERVED xdotool mousemove 123 45
	wait_for shown_last lib 'pointer 123 45'
	DISPLAY=$SERVED xdotool mousemove 600 400
	wait_for shown_last lib 'pointer 600 400'
	rings_at lib
}

@test "TightVNC's and SSVNC's viewers: the cursor at PointerPos in their pictures, Bell" {
	need xtightvncviewer ssvncviewer xwininfo
	local v pixels
	serve
	pixels=$(printf 'ff0a14c8%.0s' {1..64})
	echo "8 8 0 0 $pixels" >&"$SHAPES"
	wait_for shown_last there "cursor 8x8+0+0 $pixels"
	for v in xtightvncviewer ssvncviewer; do
		DISPLAY=$VIEWING xdotool mousemove 1099 899
		start viewer env DISPLAY="$VIEWING" HOME="$T" $v -shared 127.0.0.1::"$PORT"
		wait_for have_viewer_window
		DISPLAY=$SERVED xdotool mousemove 330 430
		wait_for viewer_has_pixel 332 433 0a14c8 || { echo "$v"; return 1; }
		DISPLAY=$SERVED xdotool mousemove 400 240
		wait_for viewer_has_pixel 403 242 0a14c8 && wait_for viewer_lacks_pixel 332 433 0a14c8 || { echo "$v, moved"; return 1; }
		rings_at here || { echo "$v"; return 1; }
		stop "$viewer"
	done
}
viewer_has_pixel() {
	DISPLAY=$VIEWING shot "$T/viewing.ppm" "$(viewer_part)"
	[[ $(pixel "$T/viewing.ppm" "$1" "$2") = "$3" ]]
}
viewer_lacks_pixel() { ! viewer_has_pixel "$@" && [[ -s $T/viewing.ppm ]]; }

@test "noVNC: Cursor with alpha, Bell, LED state, ContinuousUpdates, extended mouse buttons" {
	serve_web
	start report env DISPLAY="$SERVED" keyreport
	wait_text "$T/report.out" ready
	open_page
	page novnc "http://$WEB/"
	shape "$SOFT"
	page waitjs "$CURSOR === '3x2+1+1 255,0,0,255,85,85,85,51,0,0,0,0,0,255,0,255,0,0,255,255,24,96,96,85'"
	DISPLAY=$SERVED xpaint <<<bell >/dev/null
	page waitjs 'told.includes("bell")'
	DISPLAY=$SERVED xdotool key Caps_Lock
	page waitjs 'rfb._remoteCapsLock === true'
	DISPLAY=$SERVED xdotool key Caps_Lock
	page waitjs 'rfb._remoteCapsLock === false'
	page waitjs 'rfb._enabledContinuousUpdates && rfb._qemuExtKeyEventSupported && rfb._extendedPointerEventSupported'
	page sideclickat 100 60 back
	wait_text "$T/report.out" '^down 8 100 60$'
	page sideclickat 101 60 forward
	wait_text "$T/report.out" '^down 9 101 60$'
}
CURSOR='(() => { const { _canvas: c, _hotSpot: h } = rfb._cursor;
	return c.width && `${c.width}x${c.height}+${h.x}+${h.y} ${c.getContext("2d").getImageData(0, 0, c.width, c.height).data.join(",")}`; })()'
CURSOR=${CURSOR//[$'\n\t']/ }

@test "TigerVNC's viewer, gtk-vnc and noVNC say with a key which one it was: QEMU's extended keys" {
	need xtigervncviewer xwininfo
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	start_sh server "fbgrab | fbdiff | exec rfbd -l 127.0.0.1:$PORT -W $WEB -i - >'$T/input.fbs'"
	wait_port "$WEBPORT"
	DISPLAY=$VIEWING setxkbmap fr
	tigervnc
	over_viewer 300 200
	# a French keyboard has its a where an English one has its q
	wait_for came_with_code 1 97 16 xdotool key a
	stop "$tigervnc"
	gtk_listens
	wait_for have_viewer_window
	over_viewer 300 200
	wait_for came_with_code 2 97 16 xdotool key a
	stop "$gtk"
	open_page
	page novnc "http://$WEB/"
	page waitjs rfb._qemuExtKeyEventSupported
	page focus
	wait_for came_with_code 3 113 16 page press q
}
# came_with_code VIEWER KEYSYM CODE COMMAND...: does that, and the viewer has said this of a key.
came_with_code() {
	DISPLAY=$VIEWING "${@:4}" || return
	python3 "$REPO/tests/golden/read_fbs.py" <"$T/input.fbs" 2>/dev/null >"$T/input"
	grep -q " KEY .*viewer=$1 keysym=$2 code=$3 down=1$" "$T/input"
}

@test "noVNC: each encoding of pixels that it knows" {
	serve_web
	open_page
	local n
	for n in 0 2 5 6 7 16 21 -260; do
		page novnc "http://$WEB/" "$n"
		paint_scene "${n#-}"
		reference
		page equal "$T/served.ppm" || { echo "encoding $n"; return 1; }
		page js "used.has($n)"
		[ "$answer" = true ] || { page js '[...used]'; echo "encoding $n: $answer came"; return 1; }
	done
}

@test "DesktopName, whenever it changes: TigerVNC's viewer, gtk-vnc and noVNC" {
	need xtigervncviewer xwininfo
	mkfifo "$T/source"
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	start_sh server "exec 5<>'$T/source'; fbsgen <&5 | exec rfbd -l 127.0.0.1:$PORT -W $WEB"
	printf '%s\n' 'screen 640 480' 'name first' 'fill 0 0 640 480 604020' 'report 0 0 640 480' 'frame key' >"$T/source"
	wait_port "$WEBPORT"
	tigervnc
	wait_for titled first
	# (without LEDs to tell, a gtk-vnc that has the picture is one that resizes)
	start gtk env DISPLAY="$VIEWING" gtktold.py 127.0.0.1 "$PORT"
	wait_text "$T/gtk.out" '^size 640 480'
	open_page
	page novnc "http://$WEB/"
	page waitjs 'told.includes("desktopname first")'
	printf '%s\n' 'name zweiter größer' frame >"$T/source"
	wait_for titled zweiter
	wait_text "$T/gtk.out" '^name zweiter größer'
	page waitjs 'told.includes("desktopname zweiter größer")'
}
titled() { [[ -n $(DISPLAY=$VIEWING xdotool search --onlyvisible --name "$1") ]]; }

@test "sizes that viewers ask for, with -R on: libvncclient, gtk-vnc, noVNC and TigerVNC" {
	need xtigervncviewer xrandr Xtigervnc
	start_xvnc other 640x480
	SERVED=$DISPLAY
	paint_scene 1
	serve_web -R on
	start lib vncclient --resize 700x500 --watch 600 127.0.0.1::"$PORT"
	wait_for is_size 700 500
	stop "$lib"
	# the size that was there before, when the last viewer has left
	wait_for is_size 640 480
	gtk_listens
	echo 'size 720 540' >&"$WISHES"
	wait_for is_size 720 540
	wait_text "$T/gtk.out" '^size 720 540'
	stop "$gtk"
	wait_for is_size 640 480
	tigervnc -RemoteResize=1 -DesktopSize=800x560
	wait_for is_size 800 560
	paint_scene 2
	assert_viewer_exact
	stop "$tigervnc"
	wait_for is_size 640 480
	open_page
	page novnc "http://$WEB/"
	page js 'void (rfb.resizeSession = true)'
	wait_for is_size 1200 800
	paint_scene 3
	reference
	page equal "$T/served.ppm"
}
is_size() { [[ $(DISPLAY=$SERVED xdotool getdisplaygeometry) = "$1 $2" ]]; }
