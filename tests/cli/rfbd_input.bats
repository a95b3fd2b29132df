#!/usr/bin/env bats
# What viewers type and click, on its way through rfbd: before any picture, past viewers and consumers that stall, in order.

bats_require_minimum_version 1.5.0
load helpers
load served

# For viewers' scripts: the keys and clicks that the consumer got so far, in order.
EVENTS='
import os, re, subprocess
def events(path):
    text = subprocess.run(["python3", os.environ["REPO"] + "/tests/golden/read_fbs.py"], stdin=open(path),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    fields = [dict(re.findall(r"(\w+)=(\S+)", line), kind=line.split()[1]) for line in text.splitlines() if " KEY " in line or " MOTION " in line]
    return [(f["keysym"], f["down"]) if f["kind"] == "KEY" else (f["x"], f["y"], f["buttons"]) for f in fields]
def until_events(path, condition):
    end = time.monotonic() + 30
    while not condition(events(path)):
        assert time.monotonic() < end, "the events do not come"
        time.sleep(0.05)
'
NOISE='screen 1200 1000
noise 0 0 1200 1000 3
report 0 0 1200 1000
frame key'

@test "a key is with its consumer before the picture that was asked for in front of it" {
	serve "$NOISE" -i - '>'"$T/events"
	viewer "$T/events" <<-END
		$EVENTS
		v = Viewer(port)
		for n in range(5):
		    size = os.path.getsize(sys.argv[2])
		    v.send(struct.pack(">BBHHHHBBxxI", 3, 0, 0, 0, v.w, v.h, 4, n & 1, 0x61))
		    v.sock.recv(1, socket.MSG_PEEK)
		    assert os.path.getsize(sys.argv[2]) > size, "the picture came first"
		    v.update()
		assert events(sys.argv[2]) == [("97", str(n & 1)) for n in range(5)]
	END
}

@test "a viewer that takes none of its pictures can type, and so can those beside it" {
	serve "$NOISE" -i - '>'"$T/events"
	viewer "$T/events" <<-END
		$EVENTS
		stuck, other = Viewer(port), Viewer(port)
		for n in range(40):
		    stuck.request(False)
		other.request(False)
		other.update()			# by now the first has been sent what its socket takes
		stuck.key(0x61, True)
		until_events(sys.argv[2], lambda e: e == [("97", "1")])
		other.key(0x62, True)
		until_events(sys.argv[2], lambda e: e == [("97", "1"), ("98", "1")])
		stuck.key(0x61, False)
		until_events(sys.argv[2], lambda e: e[2:] == [("97", "0")])
	END
}

@test "a press and a release are where they were, however soon the pointer moves on" {
	serve "$RED" -i - '>'"$T/events"
	viewer "$T/events" <<-END
		$EVENTS
		v = Viewer(port)
		steps = [(10, 20, 0), (50, 60, 1), (90, 100, 1), (150, 110, 1), (150, 120, 0), (160, 130, 0)]
		v.send(b"".join(struct.pack(">BBHH", 5, b, x, y) for x, y, b in steps))
		until_events(sys.argv[2], lambda e: e[-1:] == [("160", "130", "0")])
		got = events(sys.argv[2])
		assert ("50", "60", "1") in got and ("150", "120", "0") in got, got
	END
}

@test "a consumer that stalls is given merged moves, and every key and click in order" {
	mkfifo "$T/gate"
	serve "$RED" -i - '|' "{ read -r _ <'$T/gate'; cat; } >'$T/events'"
	viewer "$T/events" "$T/gate" <<-END
		$EVENTS
		v = Viewer(port)
		clicks, buttons = [], 0
		for group in range(400):
		    # more moves than would be kept for it
		    v.send(b"".join(struct.pack(">BBHH", 5, buttons, (group + i) % 300, i % 200) for i in range(250)))
		    buttons ^= 1 << group % 3
		    v.pointer(group % 300, 7, buttons)
		    v.key(0x61 + group % 20, group & 1)
		    clicks += [(str(group % 300), "7", str(buttons)), (str(0x61 + group % 20), str(group & 1))]
		v.request(False)
		v.update()			# all of it has been read
		with open(sys.argv[3], "w") as gate:
		    gate.write("go\n")
		until_events(sys.argv[2], lambda e: e[-1:] == clicks[-1:])
		got = events(sys.argv[2])
		assert len(got) < 20000, len(got)
		# without moves, which change no button
		kept, held = [], "0"
		for e in got:
		    if len(e) == 2 or e[2] != held:
		        kept.append(e)
		    held = e[2] if len(e) == 3 else held
		assert kept == clicks, [(a, b) for a, b in zip(kept, clicks) if a != b][:3]
	END
}

@test "what a viewer has offered, and does not have given, is taken back before it has left" {
	serve "$RED" -i - '>'"$T/events"
	viewer <<-'END'
		v = Viewer(port, [0, 0xC0A1E5CE - (1 << 32)])
		v.send(struct.pack(">B3xiI", 6, -4, 1 << 27 | 1))		# notify: text
	END
	wait_for eval 'said | grep -q LEAVE'
	run said
	assert_output "JOIN CLIP_OFFER CLIP_OFFER CLIP_OFFER CLIP_OFFER LEAVE"
}
# the kinds of events so far
said() { python3 "$REPO/tests/golden/read_fbs.py" <"$T/events" 2>/dev/null | grep -oE '\b(JOIN|CLIP_OFFER|LEAVE)\b' | xargs; }
