#!/usr/bin/env bats
# rfbd --scale with viewers of other projects: what they show is what another program makes of the served display.

load viewers

setup_file() {
	rfbkit_setup
	start_screen
	paint_scene
	serve --scale 1/2 -R on
	export PORT SERVED
}
teardown_file() { rfbkit_teardown; }

# half FILE: the display's picture, each pixel the mean of four, rounded to the nearest.
half() {
	reference
	python3 - "$T/served.ppm" "$1" <<-'END'
		import sys
		magic, size, most, px = open(sys.argv[1], "rb").read().split(b"\n", 3)
		w, h = map(int, size.split())
		row = lambda y: px[y * w * 3:(y + 1) * w * 3]
		out = bytearray()
		for y in range(0, h, 2):
		    a, b = row(y), row(y + 1)
		    s = [p + q for p, q in zip(a, b)]
		    for x in range(0, 3 * w, 6):
		        out += bytes((s[x + c] + s[x + 3 + c] + 2) // 4 for c in range(3))
		open(sys.argv[2], "wb").write(b"P6\n%d %d\n255\n" % (w // 2, h // 2) + out)
	END
}

@test "libvncclient shows the mean of each four pixels, after changes in parts too" {
	need vncclient
	local e
	half "$T/half.ppm"
	for e in raw tight zrle; do
		start watcher vncclient --encodings "$e copyrect" --watch 600 --ppm "$T/half.ppm" "127.0.0.1::$PORT"
		wait_text "$T/watcher.out" '[0-9]'
		DISPLAY=$SERVED xpaint >/dev/null <<-END
			copy 31 47 301 203 7 111
			noise $((RANDOM % 99)) 301 77 91 ${#e}
			fill 555 333 1 1 ffffff
			text 101 203 000000 a line of text, in $e
		END
		half "$T/half.ppm"
		kill -USR1 "$watcher"
		wait_text "$T/watcher.out" 'exact after' || { cat "$T/watcher.out"; return 1; }
		stop "$watcher"
	done
}

@test "a size that a viewer asks for is one of the scaled screen: the display becomes as much larger, until that viewer leaves" {
	need Xtigervnc xrandr
	start_xvnc other 800x600
	SERVED=$DISPLAY
	serve --scale 1/2 -R on
	half "$T/half.ppm"
	# it asks for no update until it has been answered
	start lib vncclient --resize 500x300 --ppm "$T/half.ppm" --timeout "$PATIENCE" --watch 600 127.0.0.1::"$PORT"
	wait_for is_size 1000 600
	paint_scene 2
	half "$T/half.ppm"
	kill -USR1 "$lib"
	wait_text "$T/lib.out" 'exact after' || { cat "$T/lib.out"; return 1; }
	stop "$lib"
	wait_for is_size 800 600
}
is_size() { [[ $(DISPLAY=$SERVED xdotool getdisplaygeometry) = "$1 $2" ]]; }
