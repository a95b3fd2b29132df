# fbdiff: what comes out shows what went in, with fewer pixels; it holds back, lets go, and says what is wrong.
load helpers
bats_require_minimum_version 1.5.0

gen() { printf '%s\n' "$@" | fbsgen; }
# the last picture of a stream
picture() { fbsview -q -o "$1" >"$1.log"; }
# diffed LINES...: the stream through fbdiff into $T/out.fbs, its records in $T/out, both pictures compared
diffed() {
	gen "$@" >"$T/in.fbs"
	fbdiff <"$T/in.fbs" >"$T/out.fbs"
	fbsview <"$T/out.fbs" >"$T/out"
	picture "$T/a.ppm" <"$T/in.fbs"
	picture "$T/b.ppm" <"$T/out.fbs"
	assert_same_pixels "$T/a.ppm" "$T/b.ppm"
}
count() { grep -c "^$1" "$T/out" || :; }
size() { stat -c %s "$1"; }
KEY=("screen 400 300" "noise 0 0 400 300 1" "report 0 0 400 300" "frame key")

@test "misuse: operands, options, terminals" {
	run fbdiff something
	assert_failure 100
	run fbdiff -x
	assert_failure 100
	run script -qec "fbdiff </dev/null" /dev/null
	assert_failure 100
	assert_output --partial terminal
	run script -qec "fbdiff >/dev/null" /dev/null
	assert_failure 100
	assert_output --partial terminal
	run fbdiff -h
	assert_success
}

@test "pixels that did not change are dropped, empty frames too" {
	diffed "${KEY[@]}" "report 0 0 400 300" "frame" "report 10 10 50 50" "frame" "fill 20 30 5 4 ff00ff" \
		"report 0 0 400 300" "frame" end
	assert_equal "$(count FRAME)" 2
	assert_equal "$(grep -A9 '^FRAME 0' "$T/out" | grep -c PIXELS)" 1
	grep -qx "PIXELS 5x4+20+30" "$T/out"
}

@test "everything that is no pixel passes, with its time" {
	diffed "${KEY[@]}" "name one" "frame" "bell" "frame" "clip some text" "frame" "frame gap" end
	assert_equal "$(count NAME)" 1
	assert_equal "$(count BELL)" 1
	assert_equal "$(count CLIP)" 1
	assert_equal "$(count FRAME)" 4
	grep -q '^FRAME 3.*gap' "$T/out"
	# start of the stream, and the time of its first record
	cmp -n 24 "$T/in.fbs" "$T/out.fbs"
	cmp -i 40 -n 8 "$T/in.fbs" "$T/out.fbs"
}

@test "a keyframe is a keyframe with all its pixels, also later on" {
	diffed "${KEY[@]}" "fill 5 5 9 9 123456" "report 5 5 9 9" "frame" "screen 400 300" "report 0 0 400 300" "frame key" \
		"screen 200 100" "noise 0 0 200 100 7" "report 0 0 200 100" "frame key" end
	assert_equal "$(grep -c '^FRAME.*key' "$T/out")" 3
	# rows of the screen's width, in as many records as it takes
	assert_equal "$(awk -F'[ x+]' '/^PIXELS 400x/ { rows += $3 } END { print rows }' "$T/out")" 600
	assert_equal "$(awk -F'[ x+]' '/^PIXELS 200x/ { rows += $3 } END { print rows }' "$T/out")" 100
}

@test "a text that scrolls is a copy and a strip" {
	local i lines=("screen 800 600" "noise 0 0 800 600 1" "text 60 40 640 480 0" "report 0 0 800 600" "frame key")
	for i in 1 2 3 4 5 6 7 8 9 10; do lines+=("text 60 40 640 480 $((i * 16))" "report 60 40 640 480" frame); done
	diffed "${lines[@]}" end
	assert_equal "$(count COPY)" 10
	# ten strips of at most 640 x 16 pixels, and the keyframe
	(($(size "$T/out.fbs") < 800 * 600 * 4 + 10 * (640 * 16 * 4 + 500)))
}

@test "a window that is dragged is a copy and the background that it leaves" {
	local i lines=("screen 800 600" "noise 0 0 800 600 1" "text 100 100 300 200 0" "report 0 0 800 600" "frame key")
	for i in 0 1 2 3 4 5 6 7; do
		lines+=("scroll $((100 + i * 9)) $((100 + i * 7)) 300 200 9 7" "noise $((100 + i * 9)) $((100 + i * 7)) 309 7 $i"
			"noise $((100 + i * 9)) $((107 + i * 7)) 9 200 $i" "report 90 90 700 500" frame)
	done
	diffed "${lines[@]}" end
	assert_equal "$(count COPY)" 8
	(($(size "$T/out.fbs") < 800 * 600 * 4 + 8 * ((309 * 7 + 9 * 200) * 4 * 3 / 2 + 1000)))
}

@test "copies of the source are understood" {
	diffed "${KEY[@]}" "copy 10 10 200 150 30 44" frame "copy 0 0 100 100 5 0" "noise 7 7 30 30 5" "report 7 7 30 30" frame end
	(($(count COPY) >= 2))
	(($(size "$T/out.fbs") < 400 * 300 * 4 + 30 * 30 * 4 + 2000))
}

@test "shared pixels need -m" {
	gen "screen 100 80" "noise 0 0 100 80 1" shared "damage 0 0 100 80" "frame key" end >"$T/in.fbs"
	run fbdiff <"$T/in.fbs"
	assert_failure 1
	assert_output --partial "fbdiff -m"
}

@test "shared pixels are the same as those in the pipe" {
	local lines=("screen 400 300" "noise 0 0 400 300 1") some=("noise 3 4 50 60 9" "copy 0 0 99 99 200 150" "text 9 9 350 250 8")
	gen "${lines[@]}" "shared" "damage 0 0 400 300" "frame key" settle "${some[0]}" "damage 0 0 400 300" frame settle \
		"${some[2]}" "damage 7 7 380 290" frame settle end | fbdiff -m | tee "$T/out.fbs" | picture "$T/b.ppm"
	gen "${lines[@]}" "report 0 0 400 300" "frame key" "${some[0]}" "report 0 0 400 300" frame \
		"${some[2]}" "report 7 7 380 290" frame end | fbdiff | picture "$T/a.ppm"
	assert_same_pixels "$T/a.ppm" "$T/b.ppm"
	run fbsview -q <"$T/out.fbs"
	assert_line --regexp "^FRAME 2"
	refute_output --partial SHARED
}

# attached PID N: so many have the only segment that it created.
attached() { [[ $(shm_of "$1" | cut -d' ' -f4) = "$2" ]]; }

@test "a segment that is not what it should be is refused, and its id removed otherwise" {
	local lie
	for lie in nonce size pid id; do
		START_IN=<(gen "screen 100 80" "noise 0 0 100 80 1" "shared $lie" "damage 0 0 100 80" "frame key" end) \
			start d fbdiff -m
		wait_exit "$d"
		assert_equal "$lie $status" "$lie 1"
		assert_equal "$(wc -l <"$T/d.err")" 1
		grep -q "shared segment" "$T/d.err"
		wait_for eval '! runs fbsgen'
	done
	mkfifo "$T/p"
	START_IN=$T/p start d fbdiff -m
	exec 7> >(exec fbsgen >"$T/p")
	printf '%s\n' "screen 100 80" "shared" "damage 0 0 100 80" "frame key" settle >&7
	wait_for test -s "$T/d.out"
	# marked for removal, yet attached by both
	local source=$(pids_of fbsgen)
	wait_for attached "$source" 2
	assert_equal "$(shm_of "$source" | wc -l)" 1
	kill -KILL "$source"
	exec 7>&-
	wait_exit "$d"
	assert_equal "$status" 0
	wait_for eval '[[ -z $(shm_of "$source") ]]'
}

@test "with -m large frames are lent to the pipe, and are right" {
	local i lines=("screen 1500 900")
	for i in 1 2 3 4 5 6 7 8; do
		lines+=("noise 0 0 1500 900 $i" "report 0 0 1500 900" "frame $([[ $i != 1 ]] || echo key)" "noise 40 50 1200 700 1$i"
			"fill 300 300 900 9 ff0000" "report 40 50 1200 700" frame)
	done
	gen "${lines[@]}" end >"$T/in.fbs"
	picture "$T/a.ppm" <"$T/in.fbs"
	fbdiff -m <"$T/in.fbs" | tee "$T/out.fbs" | picture "$T/b.ppm"
	assert_same_pixels "$T/a.ppm" "$T/b.ppm"
	assert_equal "$(fbsview <"$T/out.fbs" | grep -c ^FRAME)" 16
	fbdiff -m <"$T/in.fbs" >"$T/file.fbs"
	fbdiff <"$T/in.fbs" | cmp - "$T/file.fbs"
	cmp "$T/out.fbs" "$T/file.fbs"
}

@test "the source's end passes with its reason" {
	diffed "${KEY[@]}" "end 1"
	assert_equal "$(tail -1 "$T/out" | cut -c1-5)" "END 1"
	run --separate-stderr fbdiff <"$T/in.fbs"
	assert_equal "$stderr" ""
}

@test "the source's end passes though nobody reads" {
	local out
	mkheld out
	printf '%s\n' "screen 64 48" "fill 0 0 64 48 ff0000" "report 0 0 64 48" "frame key" "fill 0 0 9 9 00ff00" "report 0 0 9 9" frame \
		"fill 0 0 9 9 0000ff" "report 0 0 9 9" frame end >"$T/lines"
	start_sh filter "fbsgen <'$T/lines' | exec fbdiff >'$T/out'"
	wait_exit "$filter"
	assert_equal "$status" 0
	head -c "$(unread $out)" <&$out | python3 "$REPO/tests/golden/read_fbs.py" >"$T/got"
	assert_equal "$(grep -c FRAME "$T/got")" 3
	grep -q END "$T/got"
}

@test "a source that dies is named once, and those after know" {
	gen "${KEY[@]}" >"$T/in.fbs"
	run --separate-stderr bash -c 'fbdiff <"$T/in.fbs" >"$T/out.fbs"'
	assert_success
	assert_equal "$stderr" "fbdiff: error: fbsgen died: the stream stops without END at offset $(size "$T/in.fbs")"
	fbsview <"$T/out.fbs" >"$T/out"
	grep -q "^FRAME 0 key" "$T/out"
	assert_equal "$(tail -1 "$T/out" | cut -c1-5)" "END 2"
}

@test "truncated, damaged, foreign: one line with the offset, exit 1, and what was good is passed on" {
	gen "${KEY[@]}" "noise 0 0 9 9 5" "report 0 0 9 9" "frame" end >"$T/in.fbs"
	local n=$(size "$T/in.fbs") cut
	for cut in 0 5 31 40 100 5000 $((n - 100)) $((n - 30)); do
		head -c "$cut" "$T/in.fbs" >"$T/cut.fbs"
		run --separate-stderr bash -c 'fbdiff <"$T/cut.fbs" >"$T/out.fbs"'
		assert_equal "$cut $status ${#stderr_lines[@]}" "$cut 1 1"
		fbsview -q <"$T/out.fbs" >"$T/out"
		assert_equal "$(tail -1 "$T/out" | cut -c1-5)" "END 2"
		((cut < n - 200)) || grep -q "^FRAME 0 key" "$T/out"
	done
	head -c 700000 /dev/urandom >"$T/foreign"
	run --separate-stderr bash -c 'fbdiff <"$T/foreign" >"$T/out.fbs"'
	assert_failure 1
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" "offset 0"
	# a flipped bit in the second frame's pixels
	cp "$T/in.fbs" "$T/bad.fbs"
	printf '\xff' | dd of="$T/bad.fbs" bs=1 seek=$((n - 150)) conv=notrunc status=none
	run --separate-stderr bash -c 'fbdiff <"$T/bad.fbs" >"$T/out.fbs"'
	assert_failure 1
	assert_regex "$stderr" "offset [0-9]+"
	fbsview -q <"$T/out.fbs" | grep -q "^FRAME 0 key"
}

@test "encoded pixels are refused with advice" {
	gen "${KEY[@]}" trle frame end >"$T/in.fbs"
	run --separate-stderr bash -c 'fbdiff <"$T/in.fbs" >/dev/null'
	assert_failure 1
	assert_regex "$stderr" "rfbenc -d at offset [0-9]+"
}

# ended_by NAME: a program that was started has ended with 0 and said nothing
quietly_ended() { wait_exit "${!1}" && assert_equal "$status" 0 && assert_equal "$(cat "$T/$1.err")" ""; }

@test "it ends quietly when its reader goes away, busy or idle" {
	mkfifo "$T/in" "$T/out"
	start_sh r "exec 3<'$T/out'; head -c 1000 <&3 >/dev/null"
	start_sh d "exec fbdiff <'$T/in' >'$T/out' 2>'$T/d.err'"
	exec 7> >(exec fbsgen >"$T/in")
	# more than a pipe holds: it is writing when its reader goes
	printf '%s\n' "screen 1600 1000" "report 0 0 1600 1000" "frame key" >&7
	quietly_ended d
	exec 7>&-
	start_sh r2 "exec 3<'$T/out'; head -c 320000 <&3 >/dev/null; read -r line <'$T/go'"
	mkfifo "$T/go"
	start_sh d2 "exec fbdiff <'$T/in' >'$T/out' 2>'$T/d2.err'"
	exec 7> >(exec fbsgen >"$T/in")
	printf '%s\n' "screen 40 30" "report 0 0 40 30" "frame key" >&7
	wait_for runs fbdiff
	alive "$d2"
	stop "$r2"
	quietly_ended d2
	exec 7>&-
}

@test "one frame in flight: nothing is read while nobody reads" {
	mkfifo "$T/in" "$T/out"
	start_sh d "exec fbdiff <'$T/in' >'$T/out'"
	exec 8<>"$T/out"	# holds the pipe open, reads nothing
	exec 7> >(exec fbsgen >"$T/in")
	printf '%s\n' "screen 60 50" "report 0 0 60 50" "frame key" settle "fill 1 1 5 5 ff0000" "report 0 0 60 50" frame wait\ 1 \
		"name first was read" frame "settle" >&7
	wait_for eval '(($(unread 8) > 12000))'
	# and waiting costs next to nothing: it watches instead of asking
	read_of() { awk '/^rchar/ { print $2 }' "/proc/$d/io"; }
	still() {
		local was=$(read_of) cpu=$(cpu_us "$d")
		sleep 2
		[[ $(read_of) = "$was" ]] && (($(cpu_us "$d") - cpu < 5000))
	}
	wait_for -t 60 still
	head -c "$(unread 8)" <&8 | python3 "$REPO/tests/golden/read_fbs.py" >"$T/got"
	assert_equal "$(grep -c FRAME "$T/got")" 1
	exec 8<&-
	stop "$d"
	exec 7>&-
}

@test "idle costs nothing" {
	mkfifo "$T/in"
	start_sh d "exec fbdiff <'$T/in' | fbsview"
	exec 7> >(exec fbsgen >"$T/in")
	printf '%s\n' "screen 640 480" "noise 0 0 640 480 1" "report 0 0 640 480" "frame key" >&7
	wait_text "$T/d.out" "^FRAME 0"
	# once it has given memory back, which is a second later, time passes without a turn
	local p=$(pids_of fbdiff) before
	quiet() { before=$(cpu_us "$p"); sleep 1.5; [[ $(cpu_us "$p") = "$before" ]]; }
	wait_for -t 60 quiet
	exec 7>&-
}

@test "a display through fbgrab and fbdiff, in both ways, is exact after a busy while" {
	local m
	start_x x 800x600
	for m in "" -m; do
		start_sh view "fbgrab $m | fbdiff $m | fbsview -q -o '$T/pic.ppm'"
		wait_text "$T/view.out" "^FRAME 0 key"
		{
			echo "root"; echo "photo 0 0 800 600 3"; echo "window 50 60 400 300"; echo "page 0 0 400 300 5"
			for ((i = 0; i < 40; i++)); do
				echo "copy 0 16 400 284 0 0"; echo "text 5 297 202020 line $i of the text"; echo "wait 5"
				echo "move $((50 + i * 7)) $((60 + i * 5))"; echo "wait 5"
			done
		} | xpaint >/dev/null
		exact() { shot "$T/real.ppm" && same_pixels "$T/pic.ppm" "$T/real.ppm"; }
		wait_for exact || assert_same_pixels "$T/pic.ppm" "$T/real.ppm"
		stop "$view"
	done
}
