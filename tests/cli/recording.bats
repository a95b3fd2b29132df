# Recordings: what goes in comes out, frame by frame, whatever happens to the file; readers and writers that are not ours agree.
load helpers
bats_require_minimum_version 1.5.0

sums() { python3 "$REPO/tests/cli/read_recording.py" "$@"; }
# the pictures alone, without times
pictures() { sums | awk '{ print $3 }'; }
# a session of some seconds in the form of a stream
long() { fbslong "$@"; }
info() { rfbplay -I -j "$1" | python3 -c "import json,sys; print(json.load(sys.stdin)$2)"; }

@test "record, play, record: the same pixels at every frame" {
	long 40 5 320 240 >"$T/s.fbs"
	rfbrec "$T/a.vnc.gz" <"$T/s.fbs"
	pictures <"$T/s.fbs" >"$T/source"
	assert [ "$(wc -l <"$T/source")" = 201 ]
	zcat "$T/a.vnc.gz" | pictures >"$T/recorded"
	cmp "$T/source" "$T/recorded"
	rfbplay -s 0 -o - "$T/a.vnc.gz" >"$T/played.fbs"
	pictures <"$T/played.fbs" >"$T/played"
	cmp "$T/source" "$T/played"
	rfbrec "$T/b.vnc.gz" <"$T/played.fbs"
	sums <"$T/b.vnc.gz" | awk '{ print $1, $3 }' >"$T/again"
	sums <"$T/s.fbs" | awk '{ print $1, $3 }' | cmp - "$T/again"
}

@test "zcat gives a valid stream, gzip finds nothing wrong, an independent reader reads it by its index" {
	long 60 5 320 240 | rfbrec "$T/a.vnc.gz"
	gzip -t "$T/a.vnc.gz"
	zcat "$T/a.vnc.gz" >"$T/a.fbs"
	run -0 python3 "$REPO/tests/golden/read_fbs.py" <"$T/a.fbs"
	assert_line --regexp '^60000000 END 0 status=0 .*text=all of it$'
	zcat "$T/a.vnc.gz" | rfbenc | cmp - <(rfbenc <"$T/a.fbs")
	sums <"$T/a.vnc.gz" >"$T/by-members"
	sums <"$T/a.fbs" | cmp - "$T/by-members"
	# every member is listed, in its place, and begins with a keyframe
	sums --index <"$T/a.vnc.gz" >"$T/index"
	sums --members <"$T/a.vnc.gz" | awk '$3 == 0 || $3 == 3' | cmp - "$T/index"
	assert [ "$(wc -l <"$T/index")" -gt 3 ]
	sums <"$T/a.fbs" | awk '$2 % 2 { print $1 }' >"$T/keys"
	awk '$3 == 0 { print $4 }' "$T/index" | cmp - "$T/keys"
}

@test "a moment is found by the index, by headers, and by reading, and is the same" {
	local at
	long 60 5 320 240 | rfbrec "$T/a.vnc.gz"
	long 60 5 320 240 >"$T/a.fbs"
	head -c -92 "$T/a.vnc.gz" >"$T/headers.vnc.gz"
	mkfifo "$T/pipe"
	cat "$T/pipe" >"$T/piped.vnc.gz" &
	long 60 5 320 240 | rfbrec "$T/pipe"
	wait $!
	assert [ "$(sums --members <"$T/piped.vnc.gz" | head -1 | awk '{ print $2 }')" = 0 ]
	head -c -92 "$T/piped.vnc.gz" >"$T/read.vnc.gz"
	for at in 0 0.5 17.3 59.9 60 100; do
		rfbplay -p $at "$T/a.fbs" >"$T/expected.png"
		for f in a headers piped read; do
			rfbplay -p $at "$T/$f.vnc.gz" | cmp - "$T/expected.png" || { echo "$f at $at"; return 1; }
		done
	done
	assert [ "$(info "$T/a.vnc.gz" '["indexed"]')" = True ]
	assert [ "$(info "$T/piped.vnc.gz" '["indexed"]')" = True ]
}

@test "a cut recording plays up to the cut, says so, and can be gone on with" {
	local size cut first
	long 24 5 96 64 | rfbrec "$T/a.vnc.gz"
	sums <"$T/a.vnc.gz" | awk '{ print $3 }' >"$T/all"
	size=$(stat -c %s "$T/a.vnc.gz")
	first=$(sums --index <"$T/a.vnc.gz" | sed -n 2p | cut -d' ' -f1)
	for cut in $(seq $((first + 7)) $(((size - first) / 8)) $((size - 1))) $((size - 1)) $((size - 93)); do
		head -c "$cut" "$T/a.vnc.gz" >"$T/cut.vnc.gz"
		rfbplay -s 0 -o - "$T/cut.vnc.gz" 2>"$T/err" | pictures >"$T/cut" || true
		cmp -n "$(stat -c %s "$T/cut")" "$T/cut" "$T/all"
		run rfbplay -I "$T/cut.vnc.gz"
		if ((cut < size - 400)); then
			assert_failure 1
			assert_output --partial "cut"
		fi
		n=$(wc -l <"$T/cut")
		long 1 5 96 64 | rfbrec -a "$T/cut.vnc.gz"
		gzip -t "$T/cut.vnc.gz"
		run -0 rfbplay -I "$T/cut.vnc.gz"
		assert_line --regexp '^state +whole'
		assert [ "$(sums <"$T/cut.vnc.gz" | wc -l)" = $((n + 6)) ]
	done
}

@test "recordings put one behind the other are one: times go on, at a gap" {
	long 12 5 96 64 | rfbrec "$T/a.vnc.gz"
	long 7 5 160 120 | rfbrec "$T/b.vnc.gz"
	for f in a b a; do sums <"$T/$f.vnc.gz" | awk '{ print $3 }'; done >"$T/all"
	cat "$T"/{a,b,a}.vnc.gz >"$T/c.vnc.gz"
	for f in a b a; do zcat "$T/$f.vnc.gz"; done >"$T/c.fbs"
	for f in c.vnc.gz c.fbs; do
		run -0 --separate-stderr rfbplay -I -j "$T/$f"
		assert_equal "$stderr" ""
		run python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["length"], r["gaps"], r["damage"], r["closed"], [s["width"] for s in r["sizes"]])' <<<"$output"
		assert_output "31.0 [12.0, 19.0] 0 True [96, 160, 96]"
		rfbplay -s 0 -o - "$T/$f" | pictures | cmp - "$T/all"
		rfbplay -I - <"$T/$f" | grep -qE '^state +whole$'
	done
	# a moment in each, by seeking
	cmp <(rfbplay -p 14 "$T/c.vnc.gz") <(rfbplay -p 2 "$T/b.vnc.gz")
	cmp <(rfbplay -p 22.5 "$T/c.vnc.gz") <(rfbplay -p 3.5 "$T/a.vnc.gz")
	rfbplay -E "$T/c.vnc.gz" >"$T/events.fbs"
	# made one, it can be gone on with; before, it is refused and left alone
	run -1 rfbrec -a "$T/c.vnc.gz" <"$T/c.fbs"
	assert_output --partial "several recordings, one behind the other"
	cat "$T"/{a,b,a}.vnc.gz | cmp - "$T/c.vnc.gz"
	rfbrec -f "$T/c.vnc.gz" "$T/d.vnc.gz"
	sums <"$T/d.vnc.gz" | awk '{ print $3 }' | cmp - "$T/all"
	long 1 5 96 64 | rfbrec -a "$T/d.vnc.gz"
	# the first one cut: that is told, and the second plays
	head -c $(($(stat -c %s "$T/a.vnc.gz") / 2)) "$T/a.vnc.gz" | cat - "$T/b.vnc.gz" >"$T/e.vnc.gz"
	run -1 rfbplay -I "$T/e.vnc.gz"
	rfbplay -s 0 -o - "$T/e.vnc.gz" 2>"$T/err" | pictures | tail -36 | cmp - <(sums <"$T/b.vnc.gz" | awk '{ print $3 }')
	zcat "$T/a.vnc.gz" | head -c -40 | cat - "$T/c.fbs" >"$T/e.fbs"
	run -1 rfbplay -I "$T/e.fbs"
	assert_output --partial "another one follows"
}

@test "a file name that is no UTF-8" {
	long 1 5 96 64 | rfbrec "$T/"$'caf\xe9.vnc.gz'
	run -0 rfbplay -I -j "$T/"$'caf\xe9.vnc.gz'
	assert_output --partial 'caf?.vnc.gz"'
}

@test "flipped bits are told with their offset, and what is behind the damage still plays" {
	long 30 5 160 120 | rfbrec "$T/a.vnc.gz"
	sums <"$T/a.vnc.gz" | awk '{ print $3 }' >"$T/all"
	python3 - "$T/a.vnc.gz" "$T/bad.vnc.gz" <<-'END'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		at = len(data) // 2
		for i in range(at, at + 40): data[i] ^= 0x55
		open(sys.argv[2], "wb").write(data)
	END
	run -1 rfbplay -I "$T/bad.vnc.gz"
	assert_line --regexp 'damaged: .* (at byte|at offset) [0-9]+'
	assert_line --regexp '^state +damaged'
	rfbplay -s 0 -o - "$T/bad.vnc.gz" 2>"$T/err" | pictures >"$T/played" || true
	assert [ "$(tail -1 "$T/played")" = "$(tail -1 "$T/all")" ]
	assert [ "$(wc -l <"$T/played")" -lt 151 ]
	# going on with it says what cannot be kept
	head -c $(($(stat -c %s "$T/bad.vnc.gz") / 2 + 60)) "$T/bad.vnc.gz" >"$T/short.vnc.gz"
	long 1 5 160 120 | rfbrec -a "$T/short.vnc.gz" 2>"$T/err"
	grep -qE '(damaged:|is cut) .*; goes on behind its last whole frame' "$T/err"
	run -0 rfbplay -I "$T/short.vnc.gz"
	# nothing is shown that was not recorded
	run -0 bash -c "sort -u '$T/played' | comm -23 - <(sort -u '$T/all')"
	assert_output ""
}

@test "kill -9 loses at most what the flush had not reached" {
	printf '%s\n' 'screen 200 100' 'fill 0 0 200 100 ff0000' 'report 0 0 200 100' 'frame key' 'fill 5 5 9 9 00ff00' 'report 5 5 9 9' 'frame' >"$T/lines"
	start_sh rec "{ fbsgen <'$T/lines' 2>/dev/null; sleep 1000; } | exec rfbrec '$T/a.vnc.gz'"
	has_two_frames() { [[ $(zcat "$T/a.vnc.gz" 2>/dev/null | pictures 2>/dev/null | wc -l) = 2 ]]; }
	wait_for has_two_frames
	kill -KILL "$(pids_of rfbrec)"
	run -1 rfbplay -I -j "$T/a.vnc.gz"
	assert_output --partial '"frames": 2'
	assert_output --partial '"closed": false'
}

@test "no room for more: an error, and what was written is whole" {
	run -111 bash -c "ulimit -f 300; fbslong 400 5 | rfbrec '$T/a.vnc.gz'"
	assert_output --partial "File too large; it is complete up to"
	gzip -t "$T/a.vnc.gz"
	run -0 rfbplay -I "$T/a.vnc.gz"
	assert_line --regexp '^state +whole'
	[[ $(sums <"$T/a.vnc.gz" | wc -l) -gt 10 ]]
	run -111 bash -c "fbslong 100 5 | rfbrec /dev/full"
	assert_output --partial "No space left on device"
}

@test "recordings of other programs play, seek and convert" {
	local f g=$REPO/tests/golden/foreign
	for f in rfbproxy.fbs ui.fbs proxy2.fbs session.vncrec novnc.js novnc64.js; do
		rfbplay -s 0 -o - "$g/$f" | pictures | uniq | cmp - <(awk '{ print $2 }' "$g/expected.txt") || { echo "$f"; return 1; }
		rfbrec -f "$g/$f" "$T/$f.vnc.gz"
		gzip -t "$T/$f.vnc.gz"
		# times between updates are kept (the first frame is time 0, or 100 ms)
		sums <"$T/$f.vnc.gz" | awk '!($3 in s) { if (NR == 1) t = $1; s[$3] = 1; print ($1 - t) / 1000 }' |
			cmp - <(awk '{ print $1 - 100 }' "$g/expected.txt") || { echo "$f"; return 1; }
		rfbplay -p 0.6 "$T/$f.vnc.gz" | cmp - <(rfbplay -p 0.6 "$g/$f")
	done
	run -0 rfbplay -I "$g/ui.fbs"
	assert_line --regexp '^format +FBS'
	# gzipped as they may be
	gzip -c "$g/rfbproxy.fbs" | rfbplay -s 0 -o - - | pictures | cmp - <(awk '{ print $2 }' "$g/expected.txt")
}

@test "a damaged foreign recording is told with its offset and plays up to there" {
	local g=$REPO/tests/golden/foreign
	head -c 6300 "$g/rfbproxy.fbs" >"$T/cut.fbs"
	run rfbplay -I "$T/cut.fbs"
	assert_failure 1
	assert_output --regexp 'cut in an update at offset [0-9]+'
	assert_line --regexp '^frames +[12]'
	run -1 rfbrec -f "$T/cut.fbs" "$T/out.vnc.gz"
	assert_output --regexp 'cut in an update at offset'
	[[ $(sums <"$T/out.vnc.gz" | wc -l) -ge 1 ]]
	echo "something else" >"$T/other"
	run -1 rfbplay -I "$T/other"
	assert_output --partial "no recording of a known format"
}

@test "the page on recordings is clean mdoc" {
	run mandoc -Tlint -W warning "$REPO/doc/recording.5" "$REPO/bin/rfbrec/rfbrec.1" "$REPO/bin/rfbplay/rfbplay.1" "$REPO/bin/rfbenc/rfbenc.1"
	assert_output ""
}
