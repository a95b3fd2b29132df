# What the conformance tests share: a served display with a scene on it, the server under
# test, and a display of their own for viewers that open windows.
#
# CONFORMANCE_SERVER=x0vncserver or x11vnc runs the same tests against another server, which shows
# whether a test asks for what servers do.

load ../cli/helpers

CONF=$REPO/tests/conformance
PATH=$PATH:$CONF

# need PROGRAM...: skips the test where one is not installed.
need() {
	local p
	for p; do command -v "$p" >/dev/null || skip "$p is not installed"; done
}

# start_screen [WxH=800x600]: the display to serve; $SERVED. The pointer waits in the corner.
start_screen() {
	start_x screen "${1:-800x600}"
	SERVED=$DISPLAY
	xdotool mousemove 9999 9999
}

# start_viewer_screen [WxH=1100x900]: the display on which viewers open their windows; $VIEWING.
start_viewer_screen() {
	start_x viewing "${1:-1100x900}"
	VIEWING=$DISPLAY
	DISPLAY=$SERVED
}

# paint_scene [SEED=1]: text, photograph, noise and flat areas, all over the served display.
paint_scene() {
	local s=${1:-1}
	DISPLAY=$SERVED xpaint >/dev/null <<-END
		fill 0 0 4000 4000 d0d4d8
		page 10 10 400 300 $s
		photo 420 10 300 300 $((s + 1))
		noise 20 350 200 200 $((s + 2))
		fill 300 400 200 100 204080
		text 310 450 ffffff The quick brown fox, $s
		page 520 330 260 250 $((s + 3))
		fill 799 0 1 600 ff0000
		fill 0 599 700 1 00ff00
	END
}

# serve [RFBD-OPTION...]: serves $SERVED on $PORT; the pid in $server is the pipeline's.
serve() {
	PORT=$(free_port)
	case ${CONFORMANCE_SERVER:-rfbkit} in
	rfbkit)
		DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT $*"
		served ;;
	x0vncserver)
		start server x0vncserver -display "$SERVED" -rfbport "$PORT" -localhost 1 -SecurityTypes None ;;
	x11vnc)
		start server x11vnc -display "$SERVED" -rfbport "$PORT" -localhost -forever -shared -nopw -q ;;
	esac
	wait_port "$PORT" || { cat "$T/server.err"; return 1; }
}
# Until rfbd says so: it has said by then what its key is, too, which it makes while its port listens already.
served() { wait_text "$T/server.err" "listening on 127\.0\.0\.1:$PORT"; }

# publish: what is started from now on says in $STATS what it does.
publish() {
	STATS=$T/stat
	mkdir "$STATS"
	export RFB_STATDIR=$STATS
}
copies() { RFB_STATDIR=$STATS rfbstat -j | jq .metrics.rectangles.copyrect; }

# scrolls CHECK...: a page of text moves up under those who look (as many as $LOOKING, 1), until they were sent copies; CHECK holds
# before and after.
scrolls() {
	local before
	DISPLAY=$SERVED xpaint <<<'page 10 10 400 300 9' >/dev/null
	"$@" || return 1
	[[ ${CONFORMANCE_SERVER:-rfbkit} = rfbkit ]] || return 0
	before=$(copies)
	wait_for scrolled_as_copy $((before + ${LOOKING:-1})) && "$@"
}
# (where changes were no moves just before, fbdiff does not look for moves in each frame; a new line each time, or soon nothing would move)
scrolled_as_copy() {
	DISPLAY=$SERVED xpaint <<<"copy 10 24 400 286 10 10
page 10 296 400 14 $RANDOM
wait 50"
	(($(copies) >= $1))
}

# frames MS X Y W H: what xpaint plays as a video, a frame each MS milliseconds, for longer than any test takes.
frames() { awk -v ms="$1" -v at="${*:2}" 'BEGIN { for (i = 1; i <= 30000; i++) print "photo", at, i "\nwait", ms }'; }

reference() { DISPLAY=$SERVED shot "$T/served.ppm" "$@"; }

# viewer_window: the id of the viewer's picture, a window as large as the served display.
viewer_window() {
	local w size
	size=$(DISPLAY=$SERVED xdotool getdisplaygeometry)
	for w in $(DISPLAY=$VIEWING xdotool search --onlyvisible --name . 2>/dev/null); do
		[[ $(DISPLAY=$VIEWING xwininfo -id "$w" | awk '/Width:/ { w = $2 } /Height:/ { print w, $2 }') = "$size" ]] || continue
		echo "$w"
		return
	done
	return 1
}
have_viewer_window() { [[ -n $(viewer_window) ]]; }

# The part WxH+X+Y of the viewers' display where its picture is.
viewer_part() {
	DISPLAY=$VIEWING xwininfo -id "$(viewer_window)" |
		awk '/Absolute upper-left X:/ { x = $4 } /Absolute upper-left Y:/ { y = $4 }
			/Width:/ { w = $2 } /Height:/ { h = $2 } END { print w "x" h "+" x "+" y }'
}

# viewer_is_exact [WxH+X+Y]: what the viewer shows is what the served display (or this part of it) shows.
viewer_is_exact() {
	reference "$@"
	DISPLAY=$VIEWING shot "$T/viewing.ppm" "$(viewer_part)" || return 1
	ppmdiff ${1:+-g "$1"} "$T/served.ppm" "$T/viewing.ppm" >"$T/ppmdiff.out"
}
assert_viewer_exact() {
	wait_for have_viewer_window || return 1
	wait_for viewer_is_exact "$@" && return
	cat "$T/ppmdiff.out"
	return 1
}

# tigervnc [OPTION...]: xtigervncviewer on the viewers' display, connected to $PORT.
tigervnc() {
	start tigervnc env DISPLAY="$VIEWING" HOME="$T" xtigervncviewer -RemoteResize=0 -Shared -NoJPEG "$@" 127.0.0.1::"$PORT"
	wait_for have_viewer_window || { cat "$T/tigervnc.err"; return 1; }
}

# remmina [SETTING=VALUE...]: Remmina's VNC plugin on the viewers' display, connected to $PORT, in a home of its own and without a session's
# bus; with the password in $REMMINA_PASSWORD.
remmina() {
	local home=$T/remmina-home with
	with=(env DISPLAY="$VIEWING" HOME="$home" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home" XDG_CACHE_HOME="$home"
		XDG_RUNTIME_DIR="$home" DBUS_SESSION_BUS_ADDRESS=disabled: GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1 remmina)
	mkdir -p "$home/config/remmina"
	printf '[remmina_pref]\nperiodic_usage_stats_permitted=false\nhide_toolbar=true\n' >"$home/config/remmina/remmina.pref"
	printf '%s\n' '[remmina]' protocol=VNC name=rfbkit server=127.0.0.1:"$PORT" quality=9 colordepth=32 viewmode=1 window_width=1000 \
		window_height=800 "$@" >"$T/to.remmina"
	[[ -z ${REMMINA_PASSWORD-} ]] ||
		"${with[@]}" --update-profile "$T/to.remmina" --set-option password="$REMMINA_PASSWORD" >"$T/remmina.out" 2>&1
	start remmina "${with[@]}" -c "$T/to.remmina"
}
# Its picture is in the middle of a larger window: where is told in $T/where.
remmina_is_exact() {
	reference
	DISPLAY=$VIEWING shot "$T/viewing.ppm" && within.py "$T/served.ppm" "$T/viewing.ppm" >"$T/where"
}

# vncclient with the reference and the port filled in.
client() { timeout $((PATIENCE * 2)) vncclient --display "$SERVED" --timeout "$PATIENCE" "$@" 127.0.0.1::"$PORT"; }

# serve_as 'LINE': a shell line with rfbd at its end, on $PORT; DISPLAY is the served one.
serve_as() {
	PORT=$(free_port)
	DISPLAY=$SERVED start_sh server "$1 -l 127.0.0.1:$PORT"
	served
}
server_pids() { pids_of fbgrab; pids_of fbdiff; pids_of rfbd; pids_of fbinput; }

# frames_of RECORDING: what it has flushed holds the scene, noise included.
frames_of() { (($(zcat "$1" 2>/dev/null | wc -c) > 100000)); }

# capture_to FILE: tshark notes what passes at $PORT. It says that it does before it is true: so it is tried.
capture_to() {
	start tshark tshark -q -i lo -f "tcp port $PORT" -w "$1"
	wait_text "$T/tshark.err" "Capturing on" || skip "nobody may capture here"
	wait_for is_noted "$1" || { gone "$tshark" && skip "nobody may capture here"; return 1; }
}
# end_capture FILE: once it has noted all that passed until now.
end_capture() {
	wait_for is_noted "$1"
	stop "$tshark"
}
# A word that a stranger says at $PORT is noted, and with it what was said before.
is_noted() {
	local word=stranger-$RANDOM$RANDOM
	echo "$word" >"/dev/tcp/127.0.0.1/$PORT"
	wait_for -t 1 grep -qa "$word" "$1"
}

# guess ADDRESS N: so many wrong passwords from there, one after the other (in one process: a block ends after ten seconds); prints
# each one's reason.
guess() {
	/usr/bin/python3 - "$PORT" "$1" "$2" <<-'END'
		import socket, sys
		def get(s, n):
		    b = b""
		    while len(b) < n:
		        more = s.recv(n - len(b))
		        if not more: sys.exit("closed")
		        b += more
		    return b
		for _ in range(int(sys.argv[3])):
		    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20, (sys.argv[2], 0)) as s:
		        get(s, 12); s.sendall(b"RFB 003.008\n")
		        n = get(s, 1)[0]
		        if n:
		            get(s, n); s.sendall(b"\2"); get(s, 16); s.sendall(bytes(16)); get(s, 4)
		        print(get(s, int.from_bytes(get(s, 4), "big")).decode())
	END
}
