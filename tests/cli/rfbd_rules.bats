#!/usr/bin/env bats
# rfbd --rules: who comes in, does what, and gets how much; live changes by SIGHUP.

bats_require_minimum_version 1.5.0
load helpers
load served

rules() { printf '%s\n' "$@" >"$T/rules"; }
reload() { kill -HUP "$(monitor_of)"; }
# events: what reached the input consumer, one record a line
events() { python3 "$REPO/tests/golden/read_fbs.py" <"$T/events"; }

# each pixel says where it is: red is x, green is y (in steps that 300 by 200 need no second byte for)
GRADED="screen 300 200
$(for y in {0..190..10}; do for x in {0..290..10}; do printf 'fill %d %d 10 10 %02x%02x40\n' "$x" "$y" $((x / 10 * 8)) "$y"; done; done)
report 0 0 300 200
frame key"

@test "deny, view, control; the first rule that fits; who fits none stays out" {
	rules '# nobody but us' '10.0.0.0/8 control' '127.0.0.0/8 view' '* control'
	serve "$RED" --rules "$T/rules" -l "unix:$T/sock" -i - '>'"$T/events"
	viewer "$T/sock" <<-'END'
		for at, key in (port, 0x61), (sys.argv[2], 0x62):
		    v = Viewer(at)
		    v.key(key, True)
		    v.request(False)
		    v.update()
		    v.sock.close()
	END
	wait_for bash -c '(($(grep -c "the viewer left" "$0") == 2))' "$T/server.err"
	grep -q '127.0.0.1.*rule of line 3: view-only' "$T/server.err"
	grep -q 'rule of line 4: control' "$T/server.err"
	rules 'unix control'
	reload
	wait_text "$T/server.err" 'info: reloaded'
	viewer <<-'END'
		try:
		    Viewer(port)
		    raise SystemExit("came in")
		except Closed as e:
		    assert "rules do not let you in" in str(e), e
	END
	stop "$server"
	run events
	assert_line --regexp 'KEY.* keysym=98 '
	refute_line --regexp 'KEY.* keysym=97 '
}

@test "users: rights by name, a right password is no way around a rule" {
	printf '%s\n' one-pass one-pass >"$T/answers"
	local user
	for user in ann bob eve; do rfbd --passwd "$T/users" $user <"$T/answers"; done
	rules '* deny user=eve' '* control user=ann' '* view user=*'
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=one -keyout "$T/key" -out "$T/cert" 2>"$T/openssl.err"
	serve "$RED" -l "unix:$T/sock" -u "$T/users" -s Plain,X509Plain -C "$T/cert" -K "$T/key" --rules "$T/rules" -i - '>'"$T/events"
	viewer "$T/sock" <<-'END'
		import ssl
		class Plain(Viewer):
		    """VeNCrypt's Plain, on a Unix socket, or at a port within TLS."""
		    def __init__(self, path, user, password="one-pass"):
		        if "/" in path:
		            self.sock = socket.socket(socket.AF_UNIX)
		            self.sock.connect(path)
		        else:
		            self.sock = socket.create_connection(("127.0.0.1", path))
		        self.sock.settimeout(30)
		        self.events = []
		        self.read(12)
		        self.send(b"RFB 003.008\n")
		        types = self.read(self.read(1)[0])
		        if not types:
		            raise Closed(self.reason())
		        assert 19 in types
		        self.send(b"\x13")
		        self.read(2)
		        self.send(b"\0\x02")
		        self.read(1)
		        self.read(4 * self.read(1)[0])
		        self.send(struct.pack(">I", 256 if "/" in path else 262))
		        if "/" not in path:
		            assert self.read(1) == b"\1"
		            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
		            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
		            self.sock = tls.wrap_socket(self.sock)
		        self.send(struct.pack(">II", len(user), len(password)) + (user + password).encode())
		        if struct.unpack(">I", self.read(4))[0]:
		            raise Closed(self.reason())
		        self.send(b"\1")
		        self.w, self.h = struct.unpack(">HH", self.read(4))
		        self.read(16)
		        self.read(struct.unpack(">I", self.read(4))[0])
		        self.fb = bytearray(self.w * self.h * 4)
		        self.encodings((0,))
		for user, key in ("ann", 0x61), ("bob", 0x62):
		    v = Plain(sys.argv[2], user)
		    v.key(key, True)
		    v.request(False)
		    v.update()
		def refusal(at, password):
		    try:
		        Plain(at, "eve", password)
		    except Closed as e:
		        return str(e)
		    raise SystemExit("eve came in")
		# who guesses learns nothing from it, neither by what is said nor by how often one may try
		assert refusal(sys.argv[2], "one-pass") == refusal(sys.argv[2], "two-pass") != ""
		answers = [refusal(port, "one-pass") for _ in range(12)]
		assert answers[0] == refusal(sys.argv[2], "two-pass") and "try again later" in answers[-1], answers
	END
	stop "$server"
	grep -q 'Plain: the password is right, but denied by the rule of line 1' "$T/server.err"
	run events
	assert_line --regexp 'KEY.* keysym=97 '
	refute_line --regexp 'KEY.* keysym=98 '
}

@test "a region is all that a viewer sees; its pointer is moved there" {
	rules '127.0.0.1 control region=100x60+50+30' '* view'
	serve_parts "$GRADED" 'copy 60 40 60 30 80 55
fill 55 35 3 3 ffffff
report 55 35 3 3
frame' -- --rules "$T/rules" -l "unix:$T/sock" -i - '>'"$T/events"
	viewer "$T/sock" "$T/gate1" <<-'END'
		whole, part, old = Viewer(sys.argv[2], [1, 0]), Viewer(port, [1, 0, -223, -308, -232]), Viewer(port, [0])
		assert (part.w, part.h) == (100, 60) == (old.w, old.h)
		for v in whole, part, old:
		    v.request(False)
		assert [r[2:] for r in part.update()] == [(100, 60, -308)] and struct.unpack(">IHHHHI", part.screens) == (0, 0, 0, 100, 60, 0)
		for v in whole, part, old:
		    v.update()
		def same(p):
		    return all(p.fb[y * 400:y * 400 + 400] == whole.fb[((y + 30) * 300 + 50) * 4:((y + 30) * 300 + 150) * 4] for y in range(60))
		assert part.at(0, 0) == "281e40" and part.at(99, 59) == "705040" == old.at(99, 59)
		# a part of the part: where the request says
		part.request(False, 10, 20, 30, 15)
		assert [r[:4] for r in part.update()] == [(10, 20, 30, 15)]
		# what is beyond the region is not had by asking for it
		part.request(False, 90, 50, 500, 500)
		assert [r[:4] for r in part.update()] == [(90, 50, 10, 10)]
		open(sys.argv[3], "w").close()
		whole.until(lambda v: v.at(56, 36) == "ffffff")
		part.until(lambda v: v.at(6, 6) == "ffffff")
		old.until(lambda v: v.at(6, 6) == "ffffff")
		assert same(part) and same(old)
		part.pointer(7, 8, 1)
		part.pointer(5000, 5000, 0)
		# its size is the rule's
		part.send(struct.pack(">BxHHBxIHHHHI", 251, 200, 200, 1, 0, 0, 0, 200, 200, 0))
		part.request()
		assert [r[:5] for r in part.update()] == [(1, 1, 100, 60, -308)]
	END
	stop "$server"
	run events
	assert_line --regexp 'MOTION.*57.*38'
	assert_line --regexp 'MOTION.*149.*89'
}

@test "a region beyond the screen is black there, whatever the screen's size" {
	rules '127.0.0.1 control region=100x60+250+180'
	serve_parts "$RED" 'screen 320 210
fill 0 0 320 210 00ff00
report 0 0 320 210
frame key' 'screen 100 100
fill 0 0 100 100 0000ff
report 0 0 100 100
frame key' -- --rules "$T/rules"
	viewer "$T" <<-'END'
		new, old = Viewer(port, [0, -223, -308]), Viewer(port, [0])
		for v in new, old:
		    v.request(False)
		new.update()
		for v in new, old:
		    v.until(lambda v: v.at(49, 19) == "ff0000" and v.at(50, 0) == "000000" == v.at(99, 59) == v.at(0, 20))
		open(sys.argv[2] + "/gate1", "w").close()
		for v in new, old:
		    v.until(lambda v: v.at(69, 29) == "00ff00" and v.at(70, 0) == "000000" == v.at(0, 30))
		open(sys.argv[2] + "/gate2", "w").close()
		for v in new, old:
		    v.until(lambda v: not any(v.fb))
		    assert (v.w, v.h) == (100, 60)
	END
}

@test "Tight, ZRLE, Zlib and Hextile of a region are those of the screen, moved" {
	rules '127.0.0.1 view region=280x190+15+7' '* view'
	serve "screen 300 200
noise 0 0 150 200 7
fill 150 0 150 200 203040
fill 160 10 30 30 ff8000
report 0 0 300 200
frame key" --rules "$T/rules" -l "unix:$T/sock"
	viewer "$T/sock" <<-'END'
		whole = Viewer(sys.argv[2], [0])
		whole.request(False)
		whole.update()
		raw = Viewer(port, [0])
		raw.request(False)
		raw.update()
		want = b"".join(whole.fb[((y + 7) * 300 + 15) * 4:((y + 7) * 300 + 295) * 4] for y in range(190))
		assert raw.fb == want
		# others: every rectangle within the framebuffer, all of it covered (their pixels: tests/conformance)
		for encoding in 7, 16, 6, 5, 2, 4, 8:
		    v = Viewer(port, [encoding])
		    v.request(False)
		    head = v.read(4)
		    x, y, w, h, e = struct.unpack(">HHHHi", v.read(12))
		    assert e in (encoding, 0) and x < 280 and y < 190 and x + w <= 280 and y + h <= 190, (encoding, x, y, w, h)
	END
}

@test "fps spaces a viewer's updates, and nobody else's" {
	local i lines=$RED
	for i in {1..1500}; do lines+="
fill 0 0 20 20 $(printf %06x $i)
report 0 0 20 20
frame
wait 20"; done
	rules 'unix view' '* view fps=10'
	serve "$lines" --rules "$T/rules" -l "unix:$T/sock"
	viewer "$T/sock" <<-'END'
		import threading
		stop = False
		free = Viewer(sys.argv[2])
		free.n = 0
		def take():
		    free.request(False)
		    try:
		        while not stop:
		            free.update()
		            free.n += 1
		            free.request()
		    except OSError:
		        pass
		slow = Viewer(port)
		t = threading.Thread(target=take)
		t.start()
		# its first, and at least ten more; the other ten more than it got
		begun, was, n = time.monotonic(), free.n, 0
		slow.request(False)
		slow.update()
		while n < 10 or free.n < was + n + 10:
		    slow.request()
		    slow.update()
		    n += 1
		took = time.monotonic() - begun
		assert took > 0.085 * n, (took, n)
		stop = True
		free.sock.settimeout(1)
		t.join(30)
	END
}

@test "rate bounds the bytes a second" {
	rules '* view rate=200k'
	serve "screen 300 200
noise 0 0 300 200 3
report 0 0 300 200
frame key" --rules "$T/rules"
	viewer <<-'END'
		v = Viewer(port)
		begun = time.monotonic()
		for i in range(2):		# 240 kB each
		    v.request(False)
		    v.update()
		took = time.monotonic() - begun
		assert 2.0 < took < 20, took
	END
}

@test "idle and max-time of a rule" {
	rules 'unix view max-time=1' '* view idle=1'
	serve "$RED" --rules "$T/rules" -l "unix:$T/sock"
	viewer "$T/sock" <<-'END'
		for at in port, sys.argv[2]:
		    try:		# on a slow machine the time may be over before it said anything
		        v = Viewer(at)
		        v.request(False)
		        v.update()
		        v.drained()
		    except (Closed, OSError):
		        pass
	END
	wait_text "$T/server.err" 'it did nothing for 1 s'
	wait_text "$T/server.err" 'its 1 s are over'
}

@test "SIGHUP: rights, limits and regions change for those who are here; who is denied has to go" {
	rules '* control'
	serve "$GRADED" --rules "$T/rules" -i - '>'"$T/events"
	viewer "$T" >"$T/viewer.out" 2>&1 <<-'END' &
		import os
		def step(name):
		    open(sys.argv[2] + "/at-" + name, "w").close()
		    while not os.path.exists(sys.argv[2] + "/go-" + name):
		        time.sleep(0.02)
		v, old = Viewer(port, [0, -223]), Viewer(port, [0])
		for w in v, old:
		    w.request(False)
		    w.update()
		    assert w.at(100, 100) == "506440", w.at(100, 100)
		def press(keysym):
		    v.key(keysym, True)
		    v.request(False)
		    v.update()		# it has been read
		press(0x61)
		step("view")
		press(0x62)
		step("region")
		v.until(lambda v: (v.w, v.h) == (100, 60))
		v.request(False)
		v.until(lambda v: v.at(0, 0) == "506440" and v.at(99, 59) == "989640")
		old.until(lambda w: w.at(0, 0) == "506440" and w.at(100, 0) == "000000" == w.at(299, 199))
		step("back")
		for w in v, old:
		    w.until(lambda w: (w.w, w.h) == (300, 200))
		v.request(False)
		for w in v, old:
		    w.until(lambda w: w.at(0, 0) == "000040" and w.at(100, 100) == "506440")
		step("deny")
		v.drained()
		old.drained()
	END
	local watcher=$!
	next() {
		wait_for test -e "$T/at-$1" || { cat "$T/viewer.out"; return 1; }
		shift
		rules "$@"
		local n
		n=$(grep -c 'info: reloaded' "$T/server.err" || :)
		reload
		wait_for bash -c '(($(grep -c "info: reloaded" "$0") > $1))' "$T/server.err" "$n"
	}
	next view '* view'
	wait_text "$T/server.err" 'rule of line 1: view-only'
	touch "$T/go-view"
	next region '127.0.0.1 view region=100x60+100+100 fps=20'
	touch "$T/go-region"
	next back '* control'
	touch "$T/go-back"
	next deny '# nobody' '127.0.0.1 deny'
	touch "$T/go-deny"
	wait "$watcher" || { cat "$T/viewer.out"; return 1; }
	wait_text "$T/server.err" 'closed: denied by the rule of line 2'
	stop "$server"
	run events
	assert_line --regexp 'KEY.* keysym=97 '
	refute_line --regexp 'KEY.* keysym=98 '
	# what the rights were is told to the input consumer as well
	assert_line --regexp 'JOIN.*rights=0 '
}

@test "a broken rules file: at the start the end, later no change; the log says which line" {
	rules '* view' '* nonsense'
	run -1 rfbd -l 0 --rules "$T/rules" </dev/null
	assert_output --partial 'line 2: the second word is none of deny, view, control'
	run -1 rfbd -l 0 --rules "$T/absent" </dev/null
	assert_output --partial absent
	rules '* view'
	serve "$RED" --rules "$T/rules" -i - '>'"$T/events"
	rules '* control' '10.0.0.1/8 control'
	reload
	wait_text "$T/server.err" 'line 2: the address has bits beyond its mask'
	wait_text "$T/server.err" 'the rules that were in force before stay'
	viewer <<-'END'
		v = Viewer(port)
		v.key(0x61, True)
		v.request(False)
		v.update()
	END
	stop "$server"
	run events
	refute_line --regexp 'KEY'
}

@test "the examples of rfbd.rules(5) say what the page says that they do" {
	local n=0 expected
	# 127.0.0.1 is none of the house; and in the second somebody without a name
	for expected in "rules do not let you in" 'rule of line 4: view-only, 500 kB/s, at most 600 s'; do
		awk -v want=$((++n)) '/^\.Ed/ { on = 0 } on { print } /^\.Bd -literal/ { on = ++k == want }' "$REPO/doc/rfbd.rules.5" >"$T/rules"
		[[ -s $T/rules ]]
		serve "$RED" --rules "$T/rules"
		viewer <<-'END'
			try:
			    v = Viewer(port)
			    v.request(False)
			    v.update()
			    v.sock.close()
			except Closed:
			    pass
		END
		wait_text "$T/server.err" "$expected"
		stop "$server"
	done
}
