#!/usr/bin/env bats
# Open H.264: what comes over the wire goes through libavcodec. While it moves the video is a likeness and everything
# around it exact; once it rests all of it is exact.

load viewers

setup() {
	rfbkit_setup
	readelf -d "$BUILD/bin/rfbd" | grep -q openh264 || skip "built without openh264"
	mkdir -p "$T/stat"
	export RFB_STATDIR=$T/stat
}

# play X Y W H: a video on the served display, in $player until it is stopped.
play() {
	frames 30 "$@" >"$T/frames"
	DISPLAY=$SERVED START_IN=$T/frames start player xpaint
}

# view NAME [OPTION...]: an h264view whose stdin is $TO_NAME.
view() {
	local name=$1 fd
	shift
	mkfifo "$T/$name.in"
	exec {fd}<>"$T/$name.in"
	printf -v "to_$name" %s "$fd"
	START_IN=$T/$name.in start "$name" h264view -p "$PORT" -D "$SERVED" "$@"
}
# say NAME COMMAND: the answer in $answer.
say() {
	local name=$1 fd=to_$1 n
	shift
	n=$(wc -l <"$T/$name.out")
	echo "$*" >&"${!fd}"
	wait_for -t $((PATIENCE + 10)) answered "$name" "$n" || { echo "$name is silent:"; cat "$T/$name.err"; return 1; }
	answer=$(tail -n 1 "$T/$name.out")
	[[ $answer != failed* ]] || { echo "$name, $*: $answer"; return 1; }
}
answered() { (($(wc -l <"$T/$1.out") > $2)) || gone "${!1}"; }
# count NAME WHAT: a figure of its counts.
count() { say "$1" counts >&2 && sed -E "s/.*\b$2 ([^ ]+).*/\1/" <<<"$answer"; }
assert_count() { local n; n=$(count "$1" "$2"); [[ $n = "$3" ]] || { echo "$1: $2 is $n, not $3"; return 1; }; }
assert_psnr() { say "$1" psnr; awk -v n="${answer#psnr }" -v least="$2" 'BEGIN { exit n < least }' || { echo "$answer is less than $2"; return 1; }; }

serve_stat() {
	STAT=$(free_port)
	start stat rfbstat -l "127.0.0.1:$STAT"
	wait_port "$STAT"
}
metric() { curl -s --max-time 10 "http://127.0.0.1:$STAT/metrics" | awk -v m="$1" '$1 == m { print $2 }'; }

@test "a video is a likeness, the text around it exact; at rest all is exact" {
	start_screen
	paint_scene
	serve
	serve_stat
	view one -q 8
	play 101 77 333 201
	say one new 1
	say one video 20
	[[ $answer = *"box 333x201+101+77" ]] || { echo "$answer"; return 1; }
	# (what of the scene was sent lossy at first becomes exact beside it)
	wait_for while_it_moves exact 450 340 340 250
	wait_for while_it_moves exact 0 300 800 40
	wait_for while_it_moves different 101 77 333 201
	stop "$player"
	say one settle
	assert_psnr one 34
	assert_count one broken 0
	assert_count one begun 1
	assert_count one resets 1
	# once the region is given up, so are the viewer's decoders
	until_forgotten() { DISPLAY=$SERVED xpaint <<<"fill 700 500 20 20 $RANDOM" >/dev/null; assert_count one decoders 0; }
	wait_for until_forgotten
	assert_count one resets_all 1
	say one settle
	[ "$(metric 'rfb_sent_bytes_total{encoding="h264"}')" -gt 10000 ]
	[ "$(metric 'rfb_rectangles_total{encoding="h264"}')" -ge 20 ]
}
# while_it_moves WORD X Y W H: that part of one's picture is so, after one more rectangle of video.
while_it_moves() { say one video 1 && say one exact "${@:2}" && [[ $answer = "$1" ]]; }

@test "viewers of one region share one encoder; another quality has its own" {
	start_screen
	paint_scene
	serve -L debug
	serve_stat
	view one -q 8
	view two -q 8 -c
	view three
	play 220 150 320 240
	say one video 20
	say two video 20
	say three video 20
	view four -q 8
	say four video 10
	[ "$(metric 'rfb_clients{access="full"}')" = 4 ]
	wait_for sent_more_than_encoded
	view five -q 2
	say five video 10
	stop "$player"
	for v in one two three four five; do
		say $v settle
		assert_count $v broken 0
	done
	[ "$(grep -o 'video 320x240 at 220,150: quality [0-9]*' "$T/server.err" | sort -u | wc -l)" = 2 ]
}

# What is encoded for one viewer is sent once at most; how much more often what is shared is sent, is a matter of the machine's load.
sent_more_than_encoded() {
	local encoded sent v
	for v in one two three; do say $v video 5 || return; done
	encoded=$(metric 'rfb_encode_duration_seconds_count{encoding="h264"}')
	sent=$(metric 'rfb_rectangles_total{encoding="h264"}')
	((encoded > 0 && sent * 20 > encoded * 21))
}

@test "a viewer that let frames go by begins again at a key frame" {
	start_screen
	paint_scene
	serve
	view one -q 8
	view two -q 8
	play 220 150 320 240
	say one new 1
	say two new 1
	wait_for -t $((PATIENCE * 4)) begins_again	# each try plays forty frames
	stop "$player"
	for v in one two; do
		say $v settle
		assert_psnr $v 34
		assert_count $v broken 0
	done
}

# Two lets more frames go by than it would be sent all at once, and begins again; to one, which went on, that key frame is a frame like
# any other, unless it could not follow itself, on a machine that was too busy.
begins_again() {
	local before again
	before=$(count one begun) again=$(($(count two begun) + 1))
	kill -STOP "$two"
	say one video 20
	kill -CONT "$two"
	say two new $again && say two video 10 && say one video 10 || return 1
	[[ $(count one begun) = "$before" ]]
}

@test "two videos; a viewer of 16 bits; the cursor painted; continuous updates; copies across" {
	start_screen
	paint_scene
	serve
	DISPLAY=$SERVED xdotool mousemove 320 270
	view one -q 6 -f rgb565
	view two -q 8 -P
	view three -q 0 -c
	play 220 150 320 240
	local i
	frames 41 20 420 180 150 >"$T/more"
	DISPLAY=$SERVED START_IN=$T/more start other xpaint
	for v in one two three; do say $v new 2; done
	for i in {1..40}; do
		printf 'copy 200 140 200 100 %d 320\ncopy 400 300 100 100 250 200\ntext 300 250 ff00ff frame %d\n' $((300 + i * 5)) $i
	done | DISPLAY=$SERVED xpaint >/dev/null
	DISPLAY=$SERVED xdotool mousemove 330 280
	for v in one two three; do say $v video 10; done
	stop "$player" "$other"
	DISPLAY=$SERVED xdotool mousemove 9999 9999
	for v in one two three; do
		say $v settle 760 560	# what is seen of the cursor in the corner apart
		assert_count $v broken 0
	done
}

@test "the screen changes its size while a video plays" {
	start_xvnc screen 800x600
	SERVED=$DISPLAY
	DISPLAY=$SERVED xdotool mousemove 9999 9999
	paint_scene
	serve
	view one -q 8
	view two -q 8 -c
	play 220 150 320 240
	say one new 1
	say two new 1
	local size
	for size in 1024x768 640x480; do
		xrandr --display "$SERVED" --size "$size"
		say one video 15
		say two video 15
	done
	stop "$player"
	say one settle
	say two settle
	assert_count one broken 0
	assert_count two broken 0
}

@test "a viewer of a part of the screen gets videos that lie in it" {
	start_screen
	paint_scene
	printf '127.0.0.1 view region=400x300+200+140\n' >"$T/rules"
	serve --rules "$T/rules"
	view one -q 8 -o 200,140
	play 220 150 320 240
	# whole, once enough of its frames were seen: a cell of which it covers a strip is found last
	whole() { say one video 10 && [[ $answer = *"box 320x240+20+10" ]]; }
	wait_for whole || { echo "$answer"; return 1; }
	move() {
		printf '127.0.0.1 view region=400x300+%d+%d\n' "$@" >"$T/rules"
		kill -HUP "$(monitor)"
		say one origin "$@"
	}
	# elsewhere on the screen: the decoders begin again at the new place
	move 180 120
	elsewhere() { say one counts && [[ $answer = *"box 320x240+40+30" ]]; }
	wait_for elsewhere
	assert_count one resets_all 1
	say one video 10
	# only half of the video: it comes as everything else
	move 300 140
	stop "$player"
	say one settle
	assert_count one broken 0
}
# The older of the two processes named rfbd.
monitor() { pids_of rfbd | sort -n | head -n 1; }

@test "text that flies by is no video" {
	local i
	start_screen
	paint_scene
	serve
	view one -q 8
	for i in {1..90}; do printf 'page 100 100 500 400 %d\nwait 30\n' "$i"; done | DISPLAY=$SERVED xpaint >/dev/null
	say one settle
	assert_count one rects 0
}
