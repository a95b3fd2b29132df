# rfbenc: encoded and decoded again it is the same stream; every thread count writes the same bytes.
load helpers
bats_require_minimum_version 1.5.0

pictures() { python3 "$REPO/tests/cli/read_recording.py" | awk '{ print $1, $3 }'; }

@test "trle and back: the same pictures at the same times, and smaller" {
	fbslong 10 5 320 240 >"$T/s.fbs"
	pictures <"$T/s.fbs" >"$T/expected"
	rfbenc <"$T/s.fbs" >"$T/trle.fbs"
	pictures <"$T/trle.fbs" | cmp - "$T/expected"
	rfbenc -d <"$T/trle.fbs" | pictures | cmp - "$T/expected"
	[[ $(stat -c %s "$T/trle.fbs") -lt $(($(stat -c %s "$T/s.fbs") / 3)) ]]
	local j
	for j in 2 3 8; do rfbenc -j $j <"$T/s.fbs" | tail -c +33 | cmp - <(tail -c +33 "$T/trle.fbs"); done
	rfbenc -e raw <"$T/trle.fbs" | tail -c +33 | cmp - <(rfbenc -d <"$T/trle.fbs" | tail -c +33)
}

@test "jpeg is smaller still and near, and decodes" {
	fbslong 4 5 320 240 >"$T/s.fbs"
	rfbenc -e jpeg -q 90 <"$T/s.fbs" >"$T/jpeg.fbs" || skip "built without JPEG"
	rfbplay -p 2 "$T/s.fbs" | python3 "$REPO/tests/cli/png2ppm.py" >"$T/a.ppm"
	rfbenc -d <"$T/jpeg.fbs" | rfbplay -p 2 - | python3 "$REPO/tests/cli/png2ppm.py" >"$T/b.ppm"
	python3 - "$T/a.ppm" "$T/b.ppm" <<-'END'
		import sys
		a, b = (open(f, "rb").read() for f in sys.argv[1:])
		assert len(a) == len(b) and sum(abs(x - y) for x, y in zip(a, b)) / len(a) < 12
		assert a != b
	END
}

@test "everything else passes as it is" {
	rfbenc <"$REPO/tests/golden/down.fbs" | rfbenc -d | python3 "$REPO/tests/golden/read_fbs.py" | grep -v 'PIXELS\|FRAME' |
		diff - <(grep -v 'PIXELS\|FRAME' "$REPO/tests/golden/down.txt")
	run -1 rfbenc <"$REPO/tests/golden/shared.fbs"
	assert_output --partial "shared memory"
}

@test "-B is a table of every encoding" {
	fbslong 2 5 160 120 | rfbenc -B >"$T/table"
	for e in raw rre corre hextile trle zlib zrle tight jpeg; do grep -qE "^[ ~]$e +[0-9]+ +[0-9]+" "$T/table" || grep -qE "$e.*left out" "$T/table"; done
	# of each the same pixels; of raw as many bytes and some headers
	assert_equal "$(awk '$2 ~ /^[0-9]+$/ && NR > 3 { print $2 }' "$T/table" | sort -u | wc -l)" 1
}

@test "END ends it, though its input stays open" {
	start_sh enc "{ cat '$REPO/tests/golden/down.fbs'; sleep 1000; } | { rfbenc; echo ended; } | python3 '$REPO/tests/golden/read_fbs.py'"
	wait_text "$T/enc.err" "something follows END"
}

@test "damage is told with its offset" {
	fbslong 2 5 100 80 | head -c 20000 >"$T/cut.fbs"
	run -1 --separate-stderr bash -c "rfbenc <'$T/cut.fbs' >/dev/null"
	assert_equal "$stderr" "rfbenc: error: fbslong died: stream truncated at offset 20000"
	run -1 bash -c "{ cat '$REPO/tests/golden/down.fbs' | head -c 400; printf 'garbage, garbage, garbage, garbage'; } | rfbenc >/dev/null"
	assert_output --regexp 'at offset [0-9]+'
	run -100 bash -o pipefail -c "rfbenc -e mp3 </dev/null | cat"
	# a reader that goes away is no error
	run -0 --separate-stderr bash -c "fbslong 100 5 320 240 | { rfbenc; echo \$? >&2; } | head -c 1000 >/dev/null"
	assert_equal "$stderr" 0
}
