# fbgrab: what it captures is what XGetImage gives, it works no more than it must, and it ends well.
load helpers
bats_require_minimum_version 1.5.0

# grab [OPTIONS]: fbgrab into a viewer that keeps the picture in $T/pic.ppm and the records in $T/view.out
grab() {
	start_sh view "fbgrab $* | fbsview -q -o '$T/pic.ppm'"
	wait_text "$T/view.out" "^FRAME 0 key" || { cat "$T/view.err"; return 1; }
	grabber=$(pids_of fbgrab)
}
paint() { printf '%s\n' "$@" | xpaint >/dev/null; }
exact() { shot "$T/real.ppm" "$@" && same_pixels "$T/pic.ppm" "$T/real.ppm"; }
wait_exact() { wait_for exact "$@" || { shot "$T/real.ppm" "$@"; assert_same_pixels "$T/pic.ppm" "$T/real.ppm"; }; }
frames() { grep -c ^FRAME "$T/view.out"; }
# a busy minute on the root window, deterministic
scribble() {
	local i
	for ((i = 0; i < ${1:-100}; i++)); do
		echo "fill $((i * 37 % 500)) $((i * 91 % 300)) $((i * 13 % 180 + 1)) $((i * 29 % 90 + 1)) $(printf %06x $((i * 654321 % 16777216)))"
		((i % 4)) || echo "copy 10 10 200 150 $((i * 7 % 300)) $((i * 11 % 200))"
		((i % 7)) || echo "text $((i * 5 % 300)) $((i * 3 % 300 + 20)) ff8000 line $i"
	done | xpaint >/dev/null
}
picture_follows() {
	grab "$@"
	scribble 60
	paint "photo 20 20 320 200 7" "page 350 40 200 300 5" "noise 600 400 100 100 3"
	wait_exact
}
once_exact() {
	local o
	for o in "" -m -p "-p -m"; do
		fbgrab -1 $o | fbsview -q -o "$T/pic.ppm" >"$T/view.out"
		exact
	done
}
written() { awk '/^wchar/ { print $2 }' "/proc/$1/io"; }

@test "misuse: no display, two parts, operands, a terminal as output" {
	run fbgrab -1
	assert_failure 100
	assert_output --partial "neither -d nor"
	run fbgrab -d :1 -g 10x10+0+0 -o VGA
	assert_failure 100
	run fbgrab -d :1 something
	assert_failure 100
	run fbgrab -d :1 -r 0
	assert_failure 100
	for name in foo : :x host: "a b:0" :0:1 :0.x '[::g]:0'; do
		run fbgrab -d "$name"
		assert_failure 100
		assert_output --partial "fbgrab: error: \`$name' names no display: one is [HOST]:NUMBER, such as :0"
	done
	run script -qec "fbgrab -d :1 -1" /dev/null
	assert_failure 100
	assert_output --partial "terminal"
}

@test "stdout closed, full, a socket" {
	start_x
	run bash -c 'fbgrab -1 >&-'
	assert_failure 100
	run --separate-stderr bash -c 'fbgrab -1 >/dev/full'
	assert_failure 111
	assert_equal "$stderr" "fbgrab: error: cannot write: No space left on device"
	paint "photo 0 0 800 600 3"
	cat >"$T/pair.py" <<-'P'
	import socket, subprocess, sys
	a, b = socket.socketpair()
	grab = subprocess.Popen(["fbgrab"], stdout=a)
	a.close()
	view = subprocess.run(["fbsview", "-q", "-n", "1", "-o", sys.argv[1]], stdin=b)
	b.close()
	sys.exit(grab.wait() or view.returncode)
	P
	run python3 "$T/pair.py" "$T/pic.ppm"
	assert_success
	exact
}

@test "moving the pointer does not hold up the picture" {
	start_x
	# a frame in 200 seconds, after a burst of three
	grab -r 0.005
	for i in 1 2 3; do
		xdotool mousemove $((i * 10)) 50
		wait_text "$T/view.out" "^POINTER ${i}0,50"
	done
	# the pointer has used up its burst: the picture still has one
	for i in {4..10}; do xdotool mousemove $((i * 10)) 50; done
	paint "fill 100 100 50 50 ff0000"
	wait_exact
	run cat "$T/view.out"
	refute_line --regexp "^POINTER [4-9]0,50"
}

@test "statistics" {
	start_x
	mkdir "$T/stats"
	export RFB_STATDIR=$T/stats
	grab
	paint "fill 100 100 50 50 ff0000"
	wait_exact
	assert_file_exists "$T/stats/fbgrab.$grabber"
	stop "$view"
	wait_for gone "$grabber"
}

@test "one keyframe is exact and complete" {
	start_x
	paint "photo 0 0 800 600 3" "text 30 30 ff0000 hello"
	once_exact
	run cat "$T/view.out"
	assert_line --regexp "^SCREEN 800x600\+0\+0 kind=0 flags=0 display=$DISPLAY output=800x600\+0\+0$"
	assert_line --regexp "^NAME $(hostname)$DISPLAY \($(id -un)\)$"
	assert_line --regexp "^LEDS 0$"
	assert_line --regexp "^CURSOR "
	assert_line --regexp "^POINTER "
	assert_line "FRAME 0 key"
	assert_line --regexp "^END 0"
}

@test "exact on 16 bits" {
	start_server x Xvfb -screen 0 640x480x16
	paint "fill 0 0 300 200 f81f" "fill 30 30 300 200 07e0" "fill 100 100 50 50 1234" "text 9 9 ffff words"
	once_exact
	grab
	scribble 30
	wait_exact
	stop "$x"
	start_server x Xvfb -screen 0 640x480x16 -extension MIT-SHM
	paint "fill 0 0 300 200 f81f" "fill 100 100 50 50 1234"
	once_exact
}

@test "exact on 8 bits with a colour map" {
	start_server x Xvfb -screen 0 640x480x8
	paint "fill 0 0 300 200 11" "fill 30 30 300 200 a7" "fill 100 100 50 50 3"
	once_exact
}

@test "exact on 30 bits" {
	start_server x Xvfb -screen 0 640x480x30 || skip "this Xvfb has no depth 30"
	paint "fill 0 0 300 200 3ff00000" "fill 30 30 300 200 12345678" "fill 100 100 50 50 3"
	once_exact
}

@test "exact without MIT-SHM" {
	start_x x 800x600 -extension MIT-SHM
	paint "photo 0 0 800 600 3"
	once_exact
	picture_follows
}

@test "exact over TCP, and from another IPC namespace" {
	start_x first
	local d=$((${DISPLAY#:} + 1000))
	export DISPLAY=:$d
	start x Xvfb ":$d" -screen 0 640x480x24 -noreset -listen tcp -ac
	wait_for xdpyinfo -display "localhost:$d"
	paint "photo 0 0 640 480 3"
	fbgrab -1 -L debug -d "localhost$DISPLAY" 2>"$T/err" | fbsview -q -o "$T/pic.ppm" >"$T/view.out"
	grep -q "display=localhost$DISPLAY" "$T/view.out"
	exact
	grep -q "captured by GetImage, XDamage" "$T/err"
	unshare --ipc true || skip "no IPC namespaces without privileges"
	unshare --ipc fbgrab -1 -L debug 2>"$T/err" | fbsview -q -o "$T/pic.ppm"
	exact
	grep -q "captured by GetImage, XDamage" "$T/err"
	run bash -c "timeout 20 fbgrab -m | unshare --ipc fbsview"
	assert_output --partial "segment"
}

@test "exact without XDamage" {
	start_x x 800x600 -extension DAMAGE
	picture_follows
}

@test "exact without RANDR, XDamage and MIT-SHM" {
	start_x x 800x600 -extension RANDR -extension DAMAGE -extension MIT-SHM
	picture_follows
}

@test "the picture follows the screen: damage" { start_x; picture_follows; }
@test "the picture follows the screen: shared segment" { start_x; picture_follows -m; }
@test "the picture follows the screen: hashed tiles" { start_x; picture_follows -p; }
@test "the picture follows the screen: hashed tiles in a shared segment" { start_x; picture_follows -p -m; }

@test "pixels are lent to a pipe that fbdiff reads, to no other, and are right" {
	start_x
	start_sh view "fbgrab -L debug 2>'$T/grab.err' | fbdiff | fbsview -q -o '$T/pic.ppm'"
	wait_text "$T/view.out" "^FRAME 0 key"
	# whoever reads is looked for now and then, since the shell may have yet to start it
	local i
	for ((i = 0; i < 500; i++)); do
		paint "noise 0 0 640 400 $i"
		wait_exact
		! grep -q "fbdiff reads: pixels are lent" "$T/grab.err" || break
	done
	grep -q "fbdiff reads: pixels are lent" "$T/grab.err"
	for i in 1 2 3 4 5 6 7 8; do
		paint "noise 0 0 640 400 $i" "copy 10 10 200 150 300 $i" "photo 20 20 320 200 $i"
		wait_exact
	done
	fbgrab -1 -L debug 2>"$T/once.err" | fbsview -q -o "$T/pic.ppm" >"$T/view.out"
	exact
	run ! grep -q lent "$T/once.err"
}

@test "only what was damaged is captured" {
	start_x
	start_sh view "fbgrab | fbsview"
	wait_text "$T/view.out" "^FRAME 0 key"
	paint "fill 300 200 10 12 ff0000"
	wait_text "$T/view.out" "^FRAME 1$"
	run grep -A99 "^FRAME 0" "$T/view.out"
	assert_line "PIXELS 10x12+300+200"
	refute_line --regexp "PIXELS [0-9]{3,}x"
}

@test "the rate is a ceiling" {
	start_x
	grab -r 5
	local from=$(now_ms) n most
	start_sh busy "while :; do echo 'noise 0 0 30 30 '\$((++i)); echo 'wait 50'; done | xpaint"
	wait_for eval '(($(frames) >= 10))'
	# a burst of three may follow a pause, and one may be under way
	n=$(frames) most=$((($(now_ms) - from) * 5 / 1000 + 1 + 3 + 1))
	echo "$n frames, at most $most"
	assert [ "$n" -le "$most" ]
}

@test "idle costs nothing" {
	start_x
	grab
	# the probe after the start is over when time passes without a turn
	local before after
	quiet() { before=$(cpu_us $grabber); sleep 2; after=$(cpu_us $grabber); [[ $after = "$before" ]]; }
	wait_for -t 60 quiet
}

@test "nobody reads: one frame in flight, then no work whatever moves, then the newest picture" {
	start_x x 300x200
	mkfifo "$T/fifo"
	start_sh grab "exec fbgrab >'$T/fifo'"
	exec {hold}<>"$T/fifo"
	captured() { [[ $(written "$grab") -gt 240000 ]]; }
	wait_for captured
	start_sh busy "while :; do echo 'noise 0 0 200 100 '\$((++i)); echo 'wait 10'; done | xpaint"
	wait_for runs xpaint
	# after a request or two to the display it is parked: a frame would cost more than this
	parked() {
		local was=$(written "$grab") cpu=$(cpu_us "$grab")
		sleep 2
		[[ $(written "$grab") = "$was" ]] && (($(cpu_us "$grab") - cpu < 4000))
	}
	wait_for -t 60 parked
	# the one frame, and no other, which would be as large as what was painted
	assert [ "$(written "$grab")" -lt $((240000 + 80000)) ]
	stop "$busy"
	start_sh view "exec fbsview -q -o '$T/pic.ppm' <'$T/fifo'"
	# let go only once there is another reader: without any, fbgrab would end
	wait_text "$T/view.out" "^FRAME 0 key"
	exec {hold}<&-
	wait_exact
	assert [ "$(frames)" -le 3 ]
}

@test "a reader that stops in the middle of a frame holds up nothing but frames" {
	start_x x 1000x1000
	mkfifo "$T/fifo"
	start_sh grab "exec fbgrab >'$T/fifo'"
	exec {hold}<"$T/fifo"
	head -c 1000 <&$hold >/dev/null
	full() { [[ $(written "$grab") -gt 1000000 ]]; }
	wait_for full
	for i in {1..200}; do xdotool mousemove $((i * 4)) $((i * 3)); done
	kill -TERM "$grab"
	wait_exit "$grab"
	assert_equal "$status" 0
	exec {hold}<&-
}

@test "ends quietly when its reader goes away: idle, busy, waiting for a display" {
	start_x
	start_sh view "fbgrab | fbsview -n 1"
	wait_exit "$view"
	no_fbgrab() { [[ -z $(pids_of fbgrab) ]]; }
	wait_for no_fbgrab
	assert_equal "$(<"$T/view.err")" ""
	start_sh busy "while :; do echo 'noise 0 0 200 100 '\$((++i)); done | xpaint"
	start_sh view "fbgrab | fbsview -q -n 3"
	wait_exit "$view"
	wait_for no_fbgrab
	assert_equal "$(<"$T/view.err")" ""
	mkfifo "$T/go"
	start_sh view "fbgrab -d :$((${DISPLAY#:} + 5000)) | { exec 3<&0; read -r _ <'$T/go'; }"
	wait_text "$T/view.err" "waiting"
	: >"$T/go"
	wait_exit "$view"
	wait_for no_fbgrab
	assert_equal "$(wc -l <"$T/view.err")" 1
}

@test "waits for a display that is not there yet, and says so once" {
	start_x first
	local d=$((${DISPLAY#:} + 3000))
	start_sh view "fbgrab -d :$d | fbsview -q"
	wait_text "$T/view.err" "fbgrab: info: display :$d: not there; waiting for it"
	sleep 1
	start x Xvfb ":$d" -screen 0 320x200x24 -nolisten tcp -noreset
	wait_text "$T/view.out" "^SCREEN 320x200"
	wait_text "$T/view.out" "^FRAME 0 key"
	assert_equal "$(wc -l <"$T/view.err")" 1
}

@test "a host that does not exist is named as what is missing; a screen that does not exist is an error" {
	start view fbgrab -d rfbkit-nowhere.invalid:0
	wait_text "$T/view.err" "^fbgrab: info: display rfbkit-nowhere.invalid:0: no address of host rfbkit-nowhere.invalid: .*; waiting for it$"
	stop "$view"
	start_x
	run -100 --separate-stderr bash -c 'fbgrab -d "$1.7" | cat >/dev/null; exit "${PIPESTATUS[0]}"' - "$DISPLAY"
	assert_equal "$stderr" "fbgrab: error: display $DISPLAY has no screen 7"
	fbgrab -1 -d "$DISPLAY.0" | rfbplay -p 0 - >"$T/shot.png"
}

@test "the display goes away: the stream says so, one line, exit 111" {
	start_x
	local d=$DISPLAY
	start_sh view "set -o pipefail; fbgrab | fbsview -q"
	wait_text "$T/view.out" "^FRAME 0 key"
	kill -KILL "$x"
	wait_exit "$view"
	assert_equal "$status" 111
	assert_equal "$(tail -1 "$T/view.out")" "END 1 display $d went away"
	assert_equal "$(<"$T/view.err")" "fbgrab: error: display $d went away"
}

@test "the display goes away while nobody reads: between frames and within one" {
	local size
	mkfifo "$T/fifo"
	for size in 300x200 1000x1000; do
		start_x x $size
		start_sh grab "exec fbgrab >'$T/fifo'"
		exec {hold}<>"$T/fifo"
		captured() { [[ $(written "$grab") -gt 240000 ]]; }
		wait_for captured
		paint "noise 0 0 100 100 1"
		kill -KILL "$x"
		wait_exit "$grab"
		assert_equal "$status" 111
		assert_equal "$(<"$T/grab.err")" "fbgrab: error: display $DISPLAY went away"
		exec {hold}<&-
	done
}

@test "TERM ends the stream properly" {
	start_x
	grab -m
	kill -TERM "$grabber"
	wait_exit "$view"
	assert_equal "$status" 0
	assert_equal "$(tail -1 "$T/view.out")" "END 0 "
	assert_equal "$(<"$T/view.err")" ""
}

@test "no segment is left behind by any end" {
	start_x
	local signal
	for signal in TERM KILL; do
		grab -m
		local pid=$grabber
		kill -$signal "$pid"
		wait_exit "$view"
		unleaked() { [[ -z $(shm_of "$pid") ]]; }
		wait_for unleaked
		rm "$T/view.out"
	done
	grab -m
	kill -KILL "$x"
	wait_exit "$view"
	pid=$grabber
	wait_for unleaked
}

@test "cursor shape and position" {
	start_x
	# a shape of its own over its window
	start term xterm -T over -geometry 40x10+100+80
	wait_for xdotool search --name "^over$"
	xdotool mousemove 600 500
	grab
	xdotool mousemove 610 515
	wait_text "$T/view.out" "^POINTER 610,515 on=1"
	local shapes=$(grep -c ^CURSOR "$T/view.out")
	more_shapes() { [[ $(grep -c ^CURSOR "$T/view.out") -gt $shapes ]]; }
	xdotool mousemove 150 120
	wait_for more_shapes
	shapes=$(grep -c ^CURSOR "$T/view.out")
	xdotool mousemove 610 515
	wait_for more_shapes
	stop "$view"
	rm "$T/view.out"
	grab -C
	xdotool mousemove 150 120
	paint "fill 5 5 5 5 00ff00"
	wait_exact
	run cat "$T/view.out"
	refute_line --regexp "^(CURSOR|POINTER)"
}

@test "an arrow for a cursor whose maker has left, which the server shows to nobody" {
	start_x x 800x600 +extension SECURITY
	grab
	wait_text "$T/view.out" "^CURSOR 16x16"
	xsetroot -cursor_name watch
	wait_text "$T/view.out" "^CURSOR 10x16 hot=0,0"
}

@test "lock lamps and the bell" {
	start_x
	grab
	xdotool key Caps_Lock
	wait_text "$T/view.out" "^LEDS 4"
	xdotool key Num_Lock
	wait_text "$T/view.out" "^LEDS 6"
	paint bell
	wait_text "$T/view.out" "^BELL"
}

@test "-g: a part, with its origin; outside the screen is an error" {
	start_x
	paint "photo 0 0 800 600 9"
	grab -g 200x100+300+250
	grep -q "^SCREEN 200x100+300+250 " "$T/view.out"
	wait_exact 200x100+300+250
	paint "fill 280 240 100 100 123456"
	wait_exact 200x100+300+250
	xdotool mousemove 310 255
	wait_text "$T/view.out" "^POINTER 10,5 on=1"
	xdotool mousemove 3 5
	wait_text "$T/view.out" "^POINTER -297,-245 on=0"
	fbgrab -1 -g 200x100+750+550 | fbsview -q | grep -q "^SCREEN 50x50+750+550 "
	run --separate-stderr fbgrab -1 -g 200x100+800+0
	assert_failure 100
	assert_equal "$stderr" "fbgrab: error: 200x100+800+0 is outside the screen of 800x600"
	run --separate-stderr fbgrab -1 -o NOSUCH
	assert_failure 100
	assert_equal "$stderr" "fbgrab: error: display $DISPLAY: output NOSUCH is not there or off"
}

@test "-w: a window by title and id, followed until it goes away" {
	start_x
	start term xterm -T "the one" -geometry 40x10+100+80
	wait_for xdotool search --name "^the one$"
	local id=$(xdotool search --name "^the one$" | head -1)
	mapped() { xwininfo -id "$id" | grep -q IsViewable; }
	wait_for mapped
	grab -w "'the one'"
	# where its inside stands
	place() { xwininfo -id "$id" | awk '/Absolute upper-left X/ { x = $4 } /Absolute upper-left Y/ { y = $4 }
		/Width:/ { w = $2 } /Height:/ { h = $2 } /Border width:/ { b = $3 } END { print w "x" h "+" x + b "+" y + b }'; }
	told() { grep -qF "SCREEN $(place) " "$T/view.out" && exact "$(place)"; }
	wait_for told
	xdotool windowmove "$id" 200 150
	wait_for told
	xdotool windowsize "$id" 300 200
	wait_for told
	# partly beyond the edge of the screen: what is left of it
	xdotool windowmove "$id" 700 150
	wait_text "$T/view.out" "^SCREEN [0-9]+x200\+70[01]\+15[01] "
	xdotool windowmove "$id" 200 150
	wait_for told
	xdotool windowunmap "$id"
	black() { [[ $(tail -c +16 "$T/pic.ppm" | tr -d '\0' | wc -c) = 0 ]]; }
	wait_for black
	xdotool windowmap "$id"
	wait_for mapped
	wait_for told
	fbgrab -1 -w "$id" | fbsview -q | grep -qF "SCREEN $(place) "
	run --separate-stderr fbgrab -1 -w "no such title"
	assert_failure 100
	stop "$term"
	wait_exit "$view"
	assert_equal "$(tail -1 "$T/view.out")" "END 1 window the one went away"
}

@test "-w: a window within others moves with them, and is black when they are unmapped" {
	start_x
	start term xterm -T "outer" -geometry 40x10+100+80
	wait_for xdotool search --name "^outer$"
	local outer inner
	outer=$(xdotool search --name "^outer$" | head -1)
	mapped() { xwininfo -id "$inner" | grep -q IsViewable; }
	has_inner() { inner=$(xwininfo -children -id "$outer" | awk '/child/ { getline; print $1; exit }') && [[ $inner = 0x* ]]; }
	wait_for has_inner
	has_inner
	wait_for mapped
	grab -w "$inner"
	place() { xwininfo -id "$inner" | awk '/Absolute upper-left X/ { x = $4 } /Absolute upper-left Y/ { y = $4 }
		/Width:/ { w = $2 } /Height:/ { h = $2 } /Border width:/ { b = $3 } END { print w "x" h "+" x + b "+" y + b }'; }
	told() { grep -qF "SCREEN $(place) " "$T/view.out" && exact "$(place)"; }
	wait_for told
	xdotool windowmove "$outer" 210 150
	wait_for told
	xdotool windowunmap "$outer"
	black() { [[ $(tail -c +16 "$T/pic.ppm" | tr -d '\0' | wc -c) = 0 ]]; }
	wait_for black
	xdotool windowmap "$outer"
	wait_for mapped
	wait_for told
}

@test "resized by RandR again and again: complete frames only, exact at the end" {
	start_xvnc
	grab ""
	grep -q "flags=1" "$T/view.out"
	start_sh busy "while :; do echo 'noise 10 10 300 200 '\$((++i)); echo 'wait 5'; done | xpaint"
	local size
	for size in 640x480 1024x768 1280x720 1920x1080 800x600 1024x768 640x480; do
		xrandr -s "$size"
		wait_text "$T/view.out" "^SCREEN $size\+0\+0 "
	done
	stop "$busy"
	paint "photo 0 0 640 480 2"
	wait_exact
	assert_equal "$(<"$T/view.err")" ""
	# each SCREEN comes with a keyframe
	assert_equal "$(grep -c ^SCREEN "$T/view.out")" "$(grep -c '^FRAME .* key' "$T/view.out")"
}

@test "resized in a shared segment and by hashed tiles" {
	local o size
	start_xvnc
	for o in -m -p "-p -m"; do
		echo "fbgrab $o"
		grab "$o"
		for size in 640x480 1024x768 1920x1080 800x600; do
			xrandr -s "$size"
			wait_text "$T/view.out" "^SCREEN $size\+0\+0 "
			paint "photo 0 0 320 240 5"
		done
		wait_exact
		stop "$view"
		rm "$T/view.out"
	done
}

@test "-o follows an output" {
	start_xvnc
	local output=$(xrandr | awk '/ connected/ { print $1; exit }')
	grab -o "$output"
	grep -q "^SCREEN 800x600+0+0 " "$T/view.out"
	xrandr -s 640x480
	wait_text "$T/view.out" "^SCREEN 640x480\+0\+0 "
	paint "photo 0 0 640 480 2"
	wait_exact 640x480+0+0
}

@test "selections: offered, small texts pushed, large and silent ones not" {
	start_x
	grab
	start own xown "grün €"
	wait_text "$T/view.out" "^OFFER 1 serial=1 size=0"
	wait_text "$T/view.out" "^CLIP 1 serial=1 last=1 bytes=9 grün €"
	start own2 xown -s PRIMARY -l 65536 abcdefg
	wait_text "$T/view.out" "^CLIP 2 serial=1 last=1 bytes=65536 "
	start own3 xown -l 65537 abc
	wait_text "$T/view.out" "^OFFER 1 serial=2 size=0"
	wait_text "$T/own3.out" "asked for UTF8_STRING"
	start own4 xown -i -l 500000 abc
	wait_text "$T/own4.out" "asked for UTF8_STRING"
	start own5 xown -n abc
	wait_text "$T/own5.out" "asked for UTF8_STRING"
	start own6 xown -r $'caf\xe9\r\nx'
	wait_text "$T/view.out" "^CLIP 1 serial=5 last=1 bytes=7 café"
	# nothing was blocked by the silent one
	paint "fill 1 1 20 20 00ff00"
	wait_exact
	stop "$own6"
	wait_text "$T/view.out" "^OFFER 1 serial=6 size=-1"
	run grep -c "^CLIP " "$T/view.out"
	assert_output 3
}

@test "a selection that was there before is offered" {
	start_x
	start own xown before
	wait_text "$T/own.out" owned
	grab
	wait_text "$T/view.out" "^OFFER 1 serial=1 size=0"
	wait_text "$T/view.out" "^CLIP 1 serial=1 last=1 bytes=6 before"
}

@test "selections that fbinput owns are no news; -K" {
	start_x
	grab
	start own xown -m ours
	wait_text "$T/own.out" owned
	start own2 xown -s PRIMARY theirs
	wait_text "$T/view.out" "^CLIP 2 serial=1 last=1 bytes=6 theirs"
	run cat "$T/view.out"
	refute_line --regexp "^(OFFER|CLIP) 1"
	stop "$view"
	rm "$T/view.out"
	grab -K
	start own3 xown -s PRIMARY secret
	wait_text "$T/own3.out" owned
	paint "fill 1 1 20 20 00ff00"
	wait_exact
	run cat "$T/view.out"
	refute_line --regexp "^(OFFER|CLIP)"
}

@test "readiness is told once the first frame is captured" {
	start_x first
	mkfifo "$T/ready"
	exec {ready}<>"$T/ready"
	local d=:$((${DISPLAY#:} + 4000))
	start_sh view "fbgrab -d $d -N 9 9>'$T/ready' | fbsview -q"
	wait_text "$T/view.err" waiting
	run read -r -t 1 -u $ready
	assert_failure
	start x Xvfb "$d" -screen 0 320x200x24 -nolisten tcp -noreset
	read -r -t "$PATIENCE" -u $ready
	exec {ready}>&-
}

@test "-a: a cookie file, and finding it" {
	local cookie=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
	: >"$T/cookies"
	start_x first
	local d=$((${DISPLAY#:} + 2000))
	HOME=$T XAUTHORITY=$T/cookies xauth -q add ":$d" . "$cookie"
	start x Xvfb ":$d" -screen 0 320x200x24 -nolisten tcp -noreset -auth "$T/cookies"
	export HOME=$T DISPLAY=:$d
	XAUTHORITY=$T/cookies wait_for xdpyinfo
	start_sh view "fbgrab | fbsview -q"
	wait_text "$T/view.err" "display :$d: .*uthorization.*; waiting for it"
	assert_equal "$(wc -l <"$T/view.err")" 1
	stop "$view"
	fbgrab -1 -a "$T/cookies" | fbsview -q | grep -q "^SCREEN 320x200"
	fbgrab -1 -a guess | fbsview -q | grep -q "^SCREEN 320x200"
}

@test "XDamage that says nothing is noticed after input" {
	start_x
	cat >"$T/mute.c" <<-'C'
	#include <X11/Xlib.h>
	#include <X11/extensions/Xdamage.h>
	#include <dlfcn.h>
	/* damage of a window that never shows anything */
	Damage XDamageCreate(Display *d, Drawable w, int level)
	{
		Damage (*real)(Display *, Drawable, int) = (Damage (*)(Display *, Drawable, int))dlsym(RTLD_NEXT, "XDamageCreate");
		return real(d, XCreateSimpleWindow(d, w, 0, 0, 1, 1, 0, 0, 0), level);
	}
	C
	cc -D_GNU_SOURCE -shared -fPIC -o "$T/mute.so" "$T/mute.c"
	start_sh view "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD='$T/mute.so' fbgrab | fbsview -q -o '$T/pic.ppm'"
	wait_text "$T/view.out" "^FRAME 0 key"
	start_sh busy "while :; do echo 'photo 0 0 800 600 '\$((++i)); echo 'wait 100'; done | xpaint"
	start_sh mouse "while :; do xdotool mousemove \$((++i % 500)) 100; sleep 0.2; done"
	wait_text "$T/view.err" "now captured by .*hashed tiles"
	stop "$busy" "$mouse"
	paint "photo 0 0 800 600 77"
	wait_exact
}
