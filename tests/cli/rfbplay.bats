# rfbplay: pictures, films, events, and viewers that control it.
load helpers
bats_require_minimum_version 1.5.0

ppm() { python3 "$REPO/tests/cli/png2ppm.py"; }
sums() { python3 "$REPO/tests/cli/read_recording.py"; }
info() { rfbplay -I -j "$1" 2>/dev/null | python3 -c "import json,sys; r=json.load(sys.stdin); print($2)"; }
paint() { printf '%s\n' "$@" | xpaint >/dev/null; }

@test "misuse: modes exclude each other; a file as stdout must be asked for" {
	fbslong 2 5 100 80 | rfbrec "$T/a.vnc.gz"
	run -100 rfbplay
	run -100 rfbplay -I -y "$T/a.vnc.gz"
	run -100 rfbplay "$T/a.vnc.gz" -- -l 5900
	run -100 bash -c "rfbplay '$T/a.vnc.gz' >'$T/out'"
	assert_output --partial "-o -"
	run -100 rfbplay -o file "$T/a.vnc.gz"
	run -100 rfbplay -t 5 -e 4 -o - "$T/a.vnc.gz"
	run -100 script -qec "rfbplay -o - '$T/a.vnc.gz'" /dev/null
	run -100 script -qec "rfbplay -p 0 '$T/a.vnc.gz'" /dev/null
	run -111 rfbplay -I "$T/nothing"
	assert_output --partial "No such file"
}

@test "-p is exactly what the screen showed; a screenshot through a pipe" {
	start_x x 400x300
	paint "page 10 10 200 200 1" "photo 220 20 150 150 2" "noise 5 210 90 80 3"
	shot "$T/real.ppm"
	fbgrab -1 | rfbplay -p 0 - | ppm >"$T/shot.ppm"
	assert_same_pixels "$T/shot.ppm" "$T/real.ppm"
	fbgrab -1 | fbdiff | rfbenc | rfbplay -p 0 - | ppm >"$T/shot.ppm"
	assert_same_pixels "$T/shot.ppm" "$T/real.ppm"
}

@test "-p at a time is the frame that was shown then; -T shows many" {
	fbslong 20 5 160 120 >"$T/s.fbs"
	rfbrec "$T/a.vnc.gz" <"$T/s.fbs"
	local t i=0
	sums <"$T/s.fbs" >"$T/sums"
	for t in 0 0.19 0.2 3.7 19.99 20 55; do
		rfbplay -p $t "$T/a.vnc.gz" | ppm >"$T/p.ppm"
		python3 - "$T/p.ppm" "$T/sums" $t <<-'END'
			import sys, zlib
			data = open(sys.argv[1], "rb").read()
			px = data.split(b"255\n", 1)[1]
			xrgb = b"".join(px[i + 2:i + 3] + px[i + 1:i + 2] + px[i:i + 1] + b"\0" for i in range(0, len(px), 3))
			shown = [l.split() for l in open(sys.argv[2]) if int(l.split()[0]) <= float(sys.argv[3]) * 1e6 + 0.5][-1]
			assert f"{zlib.crc32(xrgb):08x}" == shown[2], (sys.argv[3], shown)
		END
	done
	rfbplay -T 5 "$T/a.vnc.gz" | ppm | head -c 15 >"$T/head"
	assert_equal "$(head -2 "$T/head" | tail -1)" "$((3 * 168 + 8)) $((2 * (120 + 13 + 8) + 8))"
}

@test "-y through ffmpeg has the right length, and pictures at the right times" {
	# a second red, 1.5 s green, half a second blue
	python3 - >"$T/lines" <<-'END'
		print("screen 64 48\nfill 0 0 64 48 ff0000\nreport 0 0 64 48\nframe key\nwait 1000\nfill 0 0 64 48 00ff00\nreport 0 0 64 48\nframe")
		print("wait 1500\nfill 0 0 64 48 0000ff\nreport 0 0 64 48\nframe\nwait 500\nfill 0 0 1 1 0000fe\nreport 0 0 1 1\nframe\nend")
	END
	fbsgen <"$T/lines" | rfbrec "$T/a.vnc.gz"
	rfbplay -y "$T/a.vnc.gz" | ffmpeg -v error -f yuv4mpegpipe -i - -y "$T/a.mp4"
	length=$(info "$T/a.vnc.gz" 'r["length"]')
	ffprobe -v error -show_entries format=duration -of csv=p=0 "$T/a.mp4" >"$T/duration"
	ffmpeg -v error -i "$T/a.mp4" -f rawvideo -pix_fmt rgb24 - >"$T/frames.rgb"
	zcat "$T/a.vnc.gz" | python3 "$REPO/tests/golden/read_fbs.py" | awk '$2 == "FRAME" { print $1 / 1e6 }' >"$T/times"
	python3 - "$length" "$T/duration" "$T/frames.rgb" "$T/times" <<-'END'
		import sys
		length, duration = float(sys.argv[1]), float(open(sys.argv[2]).read())
		assert abs(duration - length) <= 2 / 30, (duration, length)
		data = open(sys.argv[3], "rb").read()
		times = [float(t) for t in open(sys.argv[4])]
		size = 64 * 48 * 3
		for n in range(len(data) // size):
		    at, px = n / 30, data[n * size + size // 2:n * size + size // 2 + 3]
		    if min(abs(at - t) for t in times) < 0.05:
		        continue
		    i = sum(t <= at for t in times) - 1
		    assert max(range(3), key=lambda c: px[c]) == min(i, 2), (n, at, times, px)
	END
	rfbplay -y --fps 5 "$T/a.vnc.gz" | head -1 | grep -q 'W64 H48 F5:1'
	# an end in the middle of what stands still: the picture stays until there
	rfbplay -y --fps 10 -e 2 "$T/a.vnc.gz" >"$T/part.y4m"
	assert [ "$(grep -ao FRAME "$T/part.y4m" | wc -l)" -ge 20 ]
	assert [ "$(grep -ao FRAME "$T/part.y4m" | wc -l)" -le 21 ]
}

@test "-t and -e cut a part out, -i shortens what is idle, -s speeds up" {
	fbslong 30 2 100 80 >"$T/s.fbs"
	rfbrec "$T/a.vnc.gz" <"$T/s.fbs"
	rfbplay -s 0 -t 10.2 -e 20 -o - "$T/a.vnc.gz" | sums >"$T/part"
	sums <"$T/s.fbs" | awk '$1 >= 10000000 && $1 <= 20000000 { print $3 }' | cmp - <(awk '{ print $3 }' "$T/part")
	# 30 s at 30 times the speed; then with an idle time of at most 10 ms, 61 frames take well under a second
	start=$(now_ms)
	rfbplay -s 30 -o - "$T/a.vnc.gz" | sums | awk '{ print $3 }' | cmp - <(sums <"$T/s.fbs" | awk '{ print $3 }')
	took=$(($(now_ms) - start))
	assert [ "$took" -ge 990 ]
	rfbplay -i 0.01 -o - "$T/a.vnc.gz" | sums | awk '{ print $3 }' | cmp - <(sums <"$T/s.fbs" | awk '{ print $3 }')
	assert [ "$(($(now_ms) - start - took))" -lt 15000 ]
}

@test "it ends when its reader does, also in the middle of a pause" {
	fbslong 3600 1 100 80 | rfbrec "$T/a.vnc.gz"
	start_sh play "rfbplay -s 0.1 '$T/a.vnc.gz' | head -c 1000 >/dev/null"
	wait_exit "$play"
	wait_for eval '[[ -z $(pids_of rfbplay) ]]'
}

@test "-E gives what people did, in its order, and nothing else" {
	rfbplay -s 20 -E "$REPO/tests/golden/foreign/pyvnc.jsonl" | python3 "$REPO/tests/golden/read_fbs.py" | cut -d' ' -f2- >"$T/events"
	cat >"$T/expected" <<-'END'
		JOIN 0 viewer=1 rights=3 text=PyVNCServer
		MOTION 0 viewer=1 x=10 y=20 buttons=0
		KEY 0 viewer=1 keysym=104 code=0 down=1
		KEY 0 viewer=1 keysym=104 code=0 down=0
		KEY 0 viewer=1 keysym=105 code=0 down=1
		KEY 0 viewer=1 keysym=105 code=0 down=0
		KEY 0 viewer=1 keysym=65293 code=0 down=1
		KEY 0 viewer=1 keysym=65293 code=0 down=0
		LEAVE 0 viewer=1
		END 0 status=0 zero=0 text=
	END
	diff "$T/events" "$T/expected"
}

@test "-E: who was never seen to leave leaves where the recording is cut, or makes room" {
	local i
	# a hundred people with a key held, all in one; then two recordings that end so, one behind the other
	for ((i = 1; i <= 100; i++)); do echo "down $i a"; done | fbsmake >"$T/a.fbs"
	rfbplay -s 0 -E "$T/a.fbs" | python3 "$REPO/tests/golden/read_fbs.py" | cut -d' ' -f2- >"$T/events"
	assert [ "$(grep -c '^KEY' "$T/events")" = 100 ]
	awk '{ v = $3 } $1 == "JOIN" { in_[v] = 1; n++ } $1 == "LEAVE" { if (!in_[v]) exit bad = 1; delete in_[v]; n-- }
		$1 == "KEY" && !in_[v] { exit bad = 2 } n > 64 { exit bad = 3 } END { exit bad ? bad : n ? 4 : 0 }' "$T/events"
	printf '%s\n' "join 1 i" "down 1 Shift_L" | fbsmake | rfbrec -k "$T/b.vnc.gz"
	printf '%s\n' "join 7 i" "key 7 x" | fbsmake | rfbrec -k "$T/c.vnc.gz"
	cat "$T/b.vnc.gz" "$T/c.vnc.gz" >"$T/d.vnc.gz"
	rfbplay -s 0 -E "$T/d.vnc.gz" | python3 "$REPO/tests/golden/read_fbs.py" | awk '{ print $2, $4 }' >"$T/events"
	printf '%s\n' "JOIN viewer=1" "KEY viewer=1" "LEAVE viewer=1" "JOIN viewer=7" "KEY viewer=7" "KEY viewer=7" "LEAVE viewer=7" "END status=0" | diff - "$T/events"
}

@test "an input-only recording drives an xterm" {
	start_x x 640x480
	setxkbmap us
	start term xterm -geometry 40x10+0+0 -e bash -c "touch '$T/ready'; read -r line; echo \"\$line\" >'$T/typed'; sleep 1000"
	wait_for test -e "$T/ready"
	xdotool search --sync --onlyvisible --class xterm
	xdotool mousemove 50 50
	rfbplay -E "$REPO/tests/golden/foreign/pyvnc.jsonl.gz" | fbinput -d "$DISPLAY"
	wait_for test -s "$T/typed"
	assert_equal "$(<"$T/typed")" hi
}

# --- viewers --------------------------------------------------------------------------------

# serve FILE OPTIONS: $port
serve() {
	start player rfbplay --serve "${@:2}" "$1" -- -l 0
	wait_text "$T/player.err" 'listening on 127\.0\.0\.1:'
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/player.err" | head -1)
}
# viewer <<PYTHON: a script with a viewer `v` that has the first picture of the recording whose sums are $T/sums. crc(v) is its picture's
# sum, `when` the seconds of each sum; shows(v, CONDITION) waits for a picture of the recording whose time fulfils it.
viewer() { PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 -c "$WATCHING$(cat)" "$port" "$T/sums"; }
WATCHING='
import sys, zlib
from rawviewer import *
when = {c: int(t) / 1e6 for t, _, c in (l.split() for l in open(sys.argv[2]))}
crc = lambda v: "%08x" % zlib.crc32(b"".join(bytes(v.fb[i:i + 3]) + b"\0" for i in range(0, len(v.fb), 4)))
def press(v, *keys):
    for key in keys:
        v.key(key, 1); v.key(key, 0)
def shows(v, condition):
    v.until(lambda v: crc(v) in when and condition(when[crc(v)]))
v = Viewer(sys.argv[1], [1, 0])
v.request(False)
v.update()
'

@test "viewers watch, pause, seek and see the position" {
	fbslong 600 2 320 240 >"$T/s.fbs"
	rfbrec "$T/a.vnc.gz" <"$T/s.fbs"
	sums <"$T/s.fbs" >"$T/sums"
	serve "$T/a.vnc.gz"
	viewer <<-'END'
		shows(v, lambda t: t >= 0.5)
		press(v, 0x20)				# pause, then seek to the end and back: only these show
		press(v, 0xff57)
		shows(v, lambda t: t == 600)
		press(v, 0xff50)
		shows(v, lambda t: t < 1)
		press(v, 0xff52)
		shows(v, lambda t: 60 <= t < 62)		# a minute on
		press(v, 0xff53)
		shows(v, lambda t: 65 <= t < 67)		# five seconds on
		before = crc(v)
		press(v, ord("p"))			# the position covers the lower left corner
		v.until(lambda v: v.at(2, 237) == "202020")
		press(v, ord("p"))
		v.until(lambda v: crc(v) == before)
		press(v, ord("."))
		shows(v, lambda t: t == when[before] + 0.5)		# the next frame
		press(v, ord("+")); press(v, ord("+")); press(v, ord("+"))
		press(v, 0x20)				# plays on, eight times as fast
		shows(v, lambda t: t >= when[before] + 6)
	END
	stop "$player"
	wait_for eval '[[ -z $(pids_of rfbd) ]]'
}

@test "a stop between two frames, or a jump to there, is a place of its own" {
	fbslong 600 0.05 320 240 >"$T/s.fbs"		# a frame each twenty seconds
	rfbrec "$T/a.vnc.gz" <"$T/s.fbs"
	sums <"$T/s.fbs" >"$T/sums"
	serve "$T/a.vnc.gz"
	viewer <<-'END'
		press(v, 0x20, 0xff50, 0xff52)		# paused, from the beginning a minute on
		shows(v, lambda t: t == 60)
		press(v, *[0xff53] * 4)			# five seconds on, four times
		shows(v, lambda t: t == 80)
		press(v, *[0xff51] * 2)
		shows(v, lambda t: t == 60)
		press(v, ord("p"))			# at 1:10: the text differs from that at 1:05
		v.until(lambda v: v.at(2, 237) == "202020")
		text = lambda v: b"".join(bytes(v.fb[(y * 320) * 4:(y * 320 + 160) * 4]) for y in range(220, 240))
		before = text(v)
		press(v, 0xff51)
		v.until(lambda v: text(v) != before)
	END
	stop "$player"
}

@test "the same said in full: rfbplay FILE | rfbd; and it is view-only by itself" {
	fbslong 600 2 320 240 | rfbrec "$T/a.vnc.gz"
	start_sh server "rfbplay '$T/a.vnc.gz' | exec rfbd -l 0"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:'
	wait_text "$T/server.err" 'view-only: the source is a recording'
}

@test "rfbd's death ends it, its own death ends rfbd" {
	fbslong 600 2 320 240 | rfbrec "$T/a.vnc.gz"
	serve "$T/a.vnc.gz"
	kill -TERM $(pids_of rfbd)
	wait_exit "$player"
	serve "$T/a.vnc.gz"
	kill -KILL "$player"
	wait_for eval '[[ -z $(pids_of rfbd) ]]'
}

@test "TERM ends a served recording that nobody watches, and whose pipe is full, without a word about its stream" {
	printf '%s\n' 'screen 1024 768' 'noise 0 0 1024 768 1' 'report 0 0 1024 768' 'frame key' \
		'noise 0 0 1024 768 2' 'report 0 0 1024 768' frame 'noise 0 0 1024 768 3' 'report 0 0 1024 768' frame end | fbsgen >"$T/s.fbs"
	serve "$T/s.fbs"
	wait_for is_writing "$player"
	kill -TERM "$player"
	wait_exit "$player"
	assert_equal "$status" 0
	run cat "$T/player.err"
	refute_output --regexp "error|warning"
}
# it waits in a write
is_writing() { grep -qE '^(1|20|278) ' "/proc/$1/syscall"; }

takes_term() { grep -qx rfbplay "/proc/$1/comm" && grep -q '^SigCgt:.*[4-7c-f]...$' "/proc/$1/status"; }

@test "TERM ends a player that has not read all of a piped recording yet" {
	local in how
	mkheld in
	for how in "-o - -" "--serve - -- -l 0"; do
		START_IN=$T/in start player rfbplay $how
		wait_for takes_term "$player"
		cat "$REPO/tests/golden/foreign/pyvnc.jsonl" >&$in
		wait_for all_read $in
		kill -TERM "$player"
		wait_exit "$player"
		assert_equal "$status" 143
		assert_equal "$(<"$T/player.err")" ""
	done
}

@test "TERM, INT and HUP end one that waits for more of a stream, and close what it wrote" {
	local in s
	fbslong 3 5 100 80 >"$T/s.fbs"
	for s in TERM INT HUP; do
		mkheld in
		START_IN=$T/in start player rfbplay -s 0 -o - -
		head -c -100 "$T/s.fbs" >&$in
		wait_for all_read $in
		wait_for test -s "$T/player.out"
		kill -$s "$player"
		wait_exit "$player"
		assert_equal "$status" 0
		assert_equal "$(<"$T/player.err")" ""
		rfbplay -I "$T/player.out"
		exec {in}>&-
	done
}

@test "TERM ends one whose reader takes nothing" {
	local out
	mkheld out
	fbslong 20 5 640 480 >"$T/s.fbs"
	start player bash -c 'exec rfbplay -s 0 -o - "$1" >"$2"' - "$T/s.fbs" "$T/out"
	wait_for some_unread $out
	kill -TERM "$player"
	wait_exit "$player"
	assert_equal "$status" 0
}
