#!/usr/bin/env bats
# rfbd --scale: the picture, what follows the pointer, sizes.

bats_require_minimum_version 1.5.0
load helpers
load served

STRIPES="screen 300 201
$(for x in {0..299..3}; do printf 'fill %d 0 2 201 ff0000\nfill %d 0 1 201 0000ff\n' $x $((x + 2)); done)
report 0 0 300 201
frame key"

@test "by a factor: pixels are means, the pointer is where it was clicked, changes come exactly" {
	serve_parts "$STRIPES" 'fill 0 0 300 201 101010
noise 31 17 101 77 5
report 0 0 300 201
frame
wait 300
copy 31 17 50 40 200 90
frame
wait 300
fill 7 7 1 1 ffffff
report 7 7 1 1
frame' -- --scale 1/2 -i - '>'"$T/events"
	viewer "$T" <<-'END'
		a, b = Viewer(port, [1, 0]), Viewer(port, [0])
		assert (a.w, a.h) == (150, 101)		# 100.5 rounds up
		for v in a, b:
		    v.request(False)
		    v.update()
		assert [a.at(x, 50) for x in range(3)] == ["ff0000", "800080", "800080"], [a.at(x, 50) for x in range(3)]
		open(sys.argv[2] + "/gate1", "w").close()	# what follows may come
		a.pointer(100, 50, 1)
		a.pointer(149, 100, 0)
		a.pointer(9999, 9999, 0)
		# 7, 7 is one of four pixels under 3, 3; rows are a little less than two high
		for v in a, b:
		    v.until(lambda v: v.at(3, 3) not in ("101010", "ff0000", "800080"))
		assert a.fb == b.fb
		whole = Viewer(port, [0])
		whole.request(False)
		whole.update()
		assert whole.fb == a.fb
	END
	stop "$server"
	grep -q '300x201 is shown as 150x101' "$T/server.err"
	run python3 "$REPO/tests/golden/read_fbs.py" <"$T/events"
	assert_line --regexp 'MOTION.* x=201 y=100 '
	assert_line --regexp 'MOTION.* x=299 y=200 '
}

@test "in a size, larger, and when the screen becomes another one" {
	serve "screen 300 200
fill 0 0 300 200 ff0000
fill 0 0 150 200 0000ff
report 0 0 300 200
frame key
wait 700
screen 80 100
fill 0 0 80 100 00ff00
report 0 0 80 100
frame key" --scale 160x120
	viewer <<-'END'
		v, late = Viewer(port, [0, -223]), Viewer(port, [0, -308])
		assert (v.w, v.h) == (160, 120)
		v.request(False)
		v.update()
		v.until(lambda v: v.at(0, 0) == "00ff00" == v.at(159, 119))
		assert (v.w, v.h) == (160, 120)
		late.request(False)
		late.update()
		late.request(False)
		late.until(lambda v: v.at(80, 60) == "00ff00")
	END
	stop "$server"
	serve "$RED" --scale 2
	viewer <<-'END'
		v = Viewer(port)
		assert (v.w, v.h) == (600, 400)
		v.request(False)
		v.update()
		assert v.at(599, 399) == "ff0000"
	END
}

@test "a region of a scaled screen is a part of what is shown" {
	printf '127.0.0.1 view region=50x40+60+10\nunix view\n' >"$T/rules"
	serve "screen 300 200
noise 0 0 300 200 9
report 0 0 300 200
frame key" --scale 0.75 --rules "$T/rules" -l "unix:$T/sock"
	viewer "$T/sock" <<-'END'
		whole, part = Viewer(sys.argv[2]), Viewer(port)
		assert (whole.w, whole.h, part.w, part.h) == (225, 150, 50, 40)
		for v in whole, part:
		    v.request(False)
		    v.update()
		assert part.fb == b"".join(whole.fb[(y * 225 + 60) * 4:(y * 225 + 110) * 4] for y in range(10, 50))
	END
}

@test "what is no factor and no size is misuse" {
	local bad
	for bad in 0 1/65 9 half 10x 0x10; do
		run -100 rfbd -l 0 --scale "$bad" </dev/null
		assert_output --partial -- --scale
	done
}
