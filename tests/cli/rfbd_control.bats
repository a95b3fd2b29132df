#!/usr/bin/env bats
# A running rfbd is controlled: --control, --tell.

bats_require_minimum_version 1.5.0
load helpers
load served

tell() { rfbd --tell "$T/ctl" "$@"; }
events() { python3 "$REPO/tests/golden/read_fbs.py" <"$T/events"; }

# two viewers that stay, the second as the user of a Unix socket; each presses a key of its own for every line that a file gets
people() {
	viewer "$T" >"$T/viewer.out" 2>&1 <<-'END' &
		import os
		a, b = Viewer(port), Viewer(port)
		for v in a, b:
		    v.request(False)
		    v.update()
		open(sys.argv[2] + "/here", "w").close()
		done = 0
		while not os.path.exists(sys.argv[2] + "/leave"):
		    time.sleep(0.02)
		    wanted = os.path.getsize(sys.argv[2] + "/presses") if os.path.exists(sys.argv[2] + "/presses") else 0
		    if wanted > done:
		        done = wanted
		        for v, key in (a, 0x61), (b, 0x71):
		            try:
		                v.key(key + done - 1, True)
		                v.request(False)
		                v.update()
		            except (Closed, OSError):
		                pass
		        open(sys.argv[2] + "/pressed%d" % done, "w").close()
	END
	people=$!
	wait_for test -e "$T/here" || { cat "$T/viewer.out"; return 1; }
}
press() {
	printf x >>"$T/presses"
	wait_for test -e "$T/pressed$(stat -c %s "$T/presses")"
}

@test "list, view-only, control, disconnect" {
	serve "$RED" --control "$T/ctl" -i - '>'"$T/events"
	assert_equal "$(stat -c %a "$T/ctl")" 600
	run -0 tell list
	refute_output
	people
	cat >"$T/look.py" <<-'END'
		import json, sys
		a, b = [json.loads(l) for l in sys.stdin]
		assert (a["id"], b["id"]) == (1, 2), (a, b)
		assert a["access"] == "control" and a["transport"] == "tcp" and a["address"].startswith("127.0.0.1:") and a["user"] == "", a
		assert a["updates"] == 1 and a["sent_bytes"] > 240000 and a["encoding"] == "raw" and a["limits"] == {} and a["rule"] == 0, a
		assert a["clipboard_in"] and a["clipboard_out"] and not a["resize"], a
	END
	run -0 tell list
	assert_equal "${#lines[@]}" 2
	tell list | python3 "$T/look.py"
	press
	run -0 tell view-only 1
	refute_output
	run -0 tell list
	assert_line --regexp '"id":1,.*"access":"view"'
	assert_line --regexp '"id":2,.*"access":"control"'
	press
	run -0 tell control 1
	press
	run -0 tell view-only all
	press
	run -0 tell disconnect 2
	wait_text "$T/server.err" 'closed: disconnected by --control'
	run -0 tell list
	assert_equal "${#lines[@]}" 1
	run -1 tell disconnect 2
	assert_output 'rfbd: error: there is no such viewer'
	run -0 tell disconnect all
	wait_for bash -c '(($(grep -c "closed: disconnected" "$0") == 2))' "$T/server.err"
	run -0 tell list
	refute_output
	touch "$T/leave"
	wait "$people" || { cat "$T/viewer.out"; return 1; }
	stop "$server"
	assert_file_not_exist "$T/ctl"
	grep -q 'control: view-only 1' "$T/server.err"
	# a: 61 62 63 64, b: 71 72 73 74; the first may not press 62, none may press the fourth
	run events
	for key in 61 63 71 72 73; do assert_line --regexp "KEY.* keysym=$((16#$key)) "; done
	for key in 62 64 74; do refute_line --regexp "KEY.* keysym=$((16#$key)) "; done
}

@test "control is given also to who came to watch, but not by a view-only server" {
	printf 'secret\nwatcher\n' | tigervncpasswd -f >"$T/passwd" 2>/dev/null
	printf '* view\n' >"$T/rules"
	serve "$RED" --control "$T/ctl" -p "$T/passwd" --rules "$T/rules" -i - '>'"$T/events"
	viewer "$T" >"$T/viewer.out" 2>&1 <<-'END' &
		import os
		v = Viewer(port, password="watcher")
		v.key(0x61, True)
		v.request(False)
		v.update()
		open(sys.argv[2] + "/here", "w").close()
		while not os.path.exists(sys.argv[2] + "/go"):
		    time.sleep(0.02)
		v.key(0x62, True)
		v.request(False)
		v.update()
	END
	local watcher=$!
	wait_for test -e "$T/here" || { cat "$T/viewer.out"; return 1; }
	run -0 tell list
	assert_output --regexp '"access":"view".*"rule":1'
	tell control 1
	touch "$T/go"
	wait "$watcher"
	stop "$server"
	run events
	assert_line --regexp 'KEY.* keysym=98 '
	refute_line --regexp 'KEY.* keysym=97 '
	serve "$RED" --control "$T/ctl" -v
	run -1 tell control 1
	assert_output --partial 'view-only'
}

@test "reload says whether it was good; stop ends in order" {
	printf '* view\n' >"$T/rules"
	serve "$RED" --control "$T/ctl" --rules "$T/rules"
	run -0 tell reload
	refute_output
	grep -q 'info: reloaded' "$T/server.err"
	echo nonsense >"$T/rules"
	run -1 tell reload
	assert_output --partial 'what was in force before stays'
	run -0 tell stop
	wait_for no_rfbd
	assert_file_not_exist "$T/ctl"
}

@test "the socket by itself: lines in, lines out, several commands on one connection" {
	command -v socat >/dev/null || skip "socat is not installed"
	serve "$RED" --control "$T/ctl"
	run -0 socat -t 10 - "UNIX-CONNECT:$T/ctl" <<<$'list\nfly 3\ndisconnect\ndisconnect 99999999999\nlist 1\n\nreload\r\ncontrol all'
	assert_equal "$output" "ok
error: unknown command: there are list, disconnect ID, view-only ID, control ID, reload, stop
error: it needs a viewer's id, as list tells it, or \`all'
error: it needs a viewer's id, as list tells it, or \`all'
error: too many words
error: unknown command: there are list, disconnect ID, view-only ID, control ID, reload, stop
ok
ok"
	# without an end of line; too long; many at once and nobody reading
	run -0 socat -t 10 - "UNIX-CONNECT:$T/ctl" < <(printf list)
	assert_output ok
	run -0 socat -t 10 - "UNIX-CONNECT:$T/ctl" < <(printf 'list%0300d\n' 0)
	assert_output 'error: the line is too long'
	viewer "$T/ctl" <<-'END'
		s = [socket.socket(socket.AF_UNIX) for i in range(60)]
		for c in s:
		    c.connect(sys.argv[2])
		s[0].settimeout(5)
		try:
		    for i in range(2000):
		        s[0].sendall(b"list\nwhat is this\n" * 100)
		except (TimeoutError, OSError):
		    pass
		for c in s:
		    c.close()
		v = Viewer(port)
		v.request(False)
		v.update()
	END
	run -0 tell list
}

@test "connections that somebody leaves open keep nobody out" {
	serve "$RED" --control "$T/ctl"
	viewer "$T/ctl" "$T/held" "$T/gate" <<-'END' &
		import os
		s = []
		for i in range(40):
		    c = socket.socket(socket.AF_UNIX)
		    c.connect(sys.argv[2])
		    s.append(c)
		    c.sendall(b"list\n")
		    assert c.recv(100) == b"ok\n"
		assert s[0].recv(100).startswith(b"error: too many") and s[0].recv(100) == b""
		open(sys.argv[3], "w").close()
		end = time.monotonic() + 30
		while not os.path.exists(sys.argv[4]) and time.monotonic() < end:
		    time.sleep(0.02)
		s[-1].sendall(b"list\n")
		assert s[-1].recv(100) == b"ok\n"
	END
	wait_for test -e "$T/held"
	run -0 tell list
	touch "$T/gate"
	wait $!
}

@test "--tell: misuse, and nobody there" {
	run -100 tell
	run -100 tell fly
	run -100 tell disconnect
	run -100 tell disconnect 0
	run -111 tell list
	assert_output --partial "$T/ctl"
	run -100 rfbd -l 0 list </dev/null
}

@test "another user's command is refused" {
	[[ $(id -u) = 0 ]] || skip "only root can be somebody else"
	command -v setpriv >/dev/null || skip "no setpriv"
	serve "$RED" --control "$T/ctl"
	chmod 666 "$T/ctl"
	chmod a+x "$T" "${T%/*}" "${T%/*/*}" "${T%/*/*/*}" 2>/dev/null || :
	python3 - "$T/ctl" <<-'END' || skip "no way there for nobody"
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		os.setgid(65534)
		os.setuid(65534)
		s.connect(sys.argv[1])
		s.settimeout(20)
		try:
		    s.sendall(b"stop\n")
		    assert s.recv(100) == b"", "answered"
		except (ConnectionResetError, BrokenPipeError):
		    pass
	END
	wait_text "$T/server.err" 'refused a connection of another user'
	run -0 tell list
}
