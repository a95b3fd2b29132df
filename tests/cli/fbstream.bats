# fbstream(5) is enough to write a reader: one in Python, written from the page, reads the golden streams.
load helpers

reader=$REPO/tests/golden/read_fbs.py

@test "an independent reader gets every field of the golden streams" {
	local f
	for f in down shared up; do
		run python3 "$reader" <"$REPO/tests/golden/$f.fbs"
		assert_success
		assert_output "$(<"$REPO/tests/golden/$f.txt")"
	done
}

@test "it notices a cut" {
	head -c 300 "$REPO/tests/golden/down.fbs" >"$T/cut"
	run python3 "$reader" <"$T/cut"
	assert_failure 1
	assert_output --partial "truncated at 300"
}

@test "the page's hexadecimal examples are the golden stream's bytes" {
	# lines of the page: offset, then bytes
	awk '/^[0-9a-f][0-9a-f][0-9a-f] ([0-9a-f][0-9a-f] ?)+$/ { $1 = ""; print }' "$REPO/doc/fbstream.5" |
		xxd -r -p >"$T/example"
	assert [ "$(stat -c %s "$T/example")" = 296 ]
	cmp "$T/example" <(head -c 296 "$REPO/tests/golden/shared.fbs")
	assert [ "$(grep -c '^\(03 00 00 00 ac 20\|42 00 00 00 10\)' "$REPO/doc/fbstream.5")" = 2 ]
	xxd -p "$REPO/tests/golden/up.fbs" | tr -d '\n' | grep -q \
		"$(grep -E '^(42 00 00 00 10|03 00 00 00 ac 20)' "$REPO/doc/fbstream.5" | tr -d ' \n')"
}

@test "the page is clean mdoc" {
	run mandoc -Tlint -W warning "$REPO/doc/fbstream.5"
	assert_output ""
}
