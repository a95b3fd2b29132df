#!/usr/bin/env bats
# rfbd by itself: streams from fbsgen, viewers in plain sockets (rawviewer.py).

load helpers
load served
bats_require_minimum_version 1.5.0

@test "a viewer gets the picture, the name, and what changes" {
	serve "$RED
wait 300
fill 10 20 5 5 00ff00
report 10 20 5 5
frame
wait 300
copy 10 20 5 5 100 100
frame"
	viewer <<-'END'
		v = Viewer(port, [1, 0])
		assert (v.w, v.h, v.name) == (300, 200, "a red screen"), v.name
		v.request(False)
		v.update()
		v.until(lambda v: v.at(104, 104) == "00ff00")
		assert v.at(0, 0) == v.at(99, 100) == v.at(299, 199) == "ff0000"
		assert v.at(14, 24) == "00ff00" and v.at(15, 24) == "ff0000"
	END
}

@test "an incremental request is answered when something changed, a full one always" {
	serve "$RED"
	viewer <<-'END'
		v = Viewer(port)
		v.request(False)
		assert v.update()
		v.request(True)
		v.sock.settimeout(0.5)
		try:
		    v.update()
		    raise SystemExit("answered with nothing to say")
		except TimeoutError:
		    pass
		v.sock.settimeout(30)
		v.request(False, 10, 10, 20, 20)
		assert [r[:4] for r in v.update()] == [(10, 10, 20, 20)]
		# beyond the framebuffer: clipped
		v.request(False, 290, 190, 1000, 1000)
		assert [r[:4] for r in v.update()] == [(290, 190, 10, 10)]
	END
}

@test "RFB 3.3, 3.7 and 3.8" {
	serve "$RED"
	viewer <<-'END'
		for version in b"RFB 003.003\n", b"RFB 003.005\n", b"RFB 003.007\n", b"RFB 003.008\n", b"RFB 004.001\n":
		    v = Viewer(port, version=version)
		    v.request(False)
		    v.update()
		    assert v.at(7, 7) == "ff0000"
	END
}

@test "the end of the stream: viewers get the last picture, exit 0" {
	# what follows the first picture comes when somebody has seen it
	printf '%s\n' "$RED" >"$T/begin"
	printf '%s\n' 'fill 0 0 300 200 0000ff' 'report 0 0 300 200' frame end >"$T/end"
	mkfifo "$T/gate"
	start_sh server "cat '$T/begin' '$T/gate' '$T/end' | fbsgen | exec rfbd -l 0 -L debug"
	find_port server
	viewer "$T/gate" <<-'END'
		v = Viewer(port)
		v.request(False)
		v.update()
		v.request()
		open(sys.argv[2], "w").close()
		try:
		    while True:
		        v.update()
		        v.request()
		except (Closed, OSError):
		    pass
		assert v.at(150, 100) == "0000ff"
	END
	wait_exit "$server"
	assert_equal "$status" 0
}

@test "--keep: the last picture stays" {
	serve_all "$RED
end" --keep
	find_port server
	sleep 0.3
	viewer <<-'END'
		v = Viewer(port)
		v.request(False)
		v.update()
		assert v.at(150, 100) == "ff0000"
	END
	stop "$server"
}

@test "damaged, cut off and foreign streams: one line with the offset, exit 1" {
	local case
	printf '%s\nend\n' "$RED" | fbsgen >"$T/good"
	head -c 5000 "$T/good" >"$T/cut"
	{ head -c 3000 "$T/good"; printf XXXXXXXX; tail -c +3009 "$T/good"; } >"$T/damaged"
	echo "this is no stream, but a text that is long enough to be looked at" >"$T/foreign"
	: >"$T/empty"
	for case in cut damaged foreign empty; do
		START_IN=$T/$case start server rfbd -l 0
		wait_exit "$server"
		grep -v -e ': info:' "$T/server.err" >"$T/said" || :
		assert_equal "$case $status" "$case 1"
		assert_equal "$case $(wc -l <"$T/said")" "$case 1"
	done
	START_IN=$T/cut start server rfbd -l 0
	wait_exit "$server"
	run cat "$T/server.err"
	assert_output --regexp 'offset [0-9]+'
}

@test "a display that goes while a frame larger than the pipe waits is noticed though nobody watches" {
	local differ
	start_x x 1200x1000
	start_sh server "fbgrab | fbdiff | exec rfbd -l 0 -L debug"
	find_port server
	start_sh mover 'while :; do echo "noise 0 0 1200 1000 $((++n))"; sleep 0.03; done | xpaint >/dev/null'
	viewer <<-'END'
		v = Viewer(port, [0])
		for incremental in (False, True, True):
		    v.request(incremental)
		    assert v.update()
	END
	# fbdiff takes no more of what moves: it stands in the middle of a frame
	differ=$(pids_of fbdiff)
	taken() { awk '/^rchar/ { print $2 }' "/proc/$differ/io"; }
	stuck() {
		local before=$(taken)
		sleep 0.1
		(($(taken) == before))
	}
	wait_for stuck
	kill -KILL "$x"
	wait_exit "$server"
	run cat "$T/server.err"
	assert_output --partial "$DISPLAY went away"
}

@test "with no viewer the stream is not read on" {
	local lines=$RED i
	for i in {1..40}; do lines+="
noise 0 0 300 200 $i
report 0 0 300 200
frame"; done
	printf '%s\n' "$lines" 'fill 0 0 300 200 123456' 'report 0 0 300 200' frame >"$T/lines"
	start_sh server "{ fbsgen <'$T/lines'; echo done >'$T/written'; sleep 1000; } | exec rfbd -l 0"
	find_port server
	sleep 1
	assert_file_not_exist "$T/written"	# 40 frames of 240 kB do not fit into a pipe
	viewer <<-'END'
		v = Viewer(port)
		v.request(False)
		v.update()
		v.until(lambda v: v.at(9, 9) == "123456")
	END
	wait_for test -e "$T/written"
}

@test "passwords: full, view-only, wrong; others have to wait after too many" {
	printf 'secret\nwatcher\n' >"$T/plain"
	tigervncpasswd -f <"$T/plain" >"$T/passwd" 2>/dev/null || vncpasswd -f <"$T/plain" >"$T/passwd"
	assert_equal "$(stat -c %s "$T/passwd")" 16
	serve "$RED" -p "$T/passwd" -i - '>'"$T/events"
	viewer <<-'END'
		for version in b"RFB 003.003\n", b"RFB 003.007\n", b"RFB 003.008\n":
		    v = Viewer(port, password="secret", version=version)
		    v.key(0x61, True)
		    v.key(0x61, False)
		    v.request(False)
		    v.update()
		v = Viewer(port, password="watcher")
		v.key(0x62, True)
		v.request(False)
		v.update()
		for i in range(6):
		    try:
		        Viewer(port, password="wrong")
		        raise SystemExit("came in")
		    except Closed as e:
		        pass
		try:
		    Viewer(port, password="secret")
		    raise SystemExit("came in after too many failures")
		except Closed as e:
		    assert "too many" in str(e), str(e)
	END
	run grep -c 'wrong password' "$T/server.err"
	assert_output 6
	stop "$server"
	run python3 "$REPO/tests/golden/read_fbs.py" <"$T/events"
	assert_line --regexp 'KEY.*0x0*61|KEY.*97'
	refute_line --regexp 'KEY.*0x0*62|KEY.*98'
}

@test "events go to -i -, each with its viewer; LEAVE follows" {
	serve "$RED" -i - '>'"$T/events"
	viewer <<-'END'
		v = Viewer(port)
		v.pointer(10, 20, 1)
		v.pointer(5000, 5000, 0)
		v.key(0xff0d, True)
		v.request(False)
		v.update()
	END
	wait_for grep -q 'the viewer' "$T/server.err"
	stop "$server"
	run python3 "$REPO/tests/golden/read_fbs.py" <"$T/events"
	assert_success
	assert_line --regexp 'JOIN'
	assert_line --regexp 'MOTION.*10.*20'
	assert_line --regexp 'MOTION.*299.*199'
	assert_line --regexp 'KEY'
	assert_line --regexp 'LEAVE'
}

@test "a source that is not live, or elsewhere, is for watching, and the log says so" {
	serve "$RED"
	wait_text "$T/server.err" 'view-only: '
}

@test "the source socket: sources come, go and displace each other; the viewer stays" {
	start server rfbd -l 0 -S "$T/sock"
	find_port server
	assert_equal "$(stat -c %a "$T/sock")" 600
	source_with() { start_sh "$1" "{ printf 'screen 300 200\nfill 0 0 300 200 $2\nreport 0 0 300 200\nframe key\n' | fbsgen; sleep 1000; } | socat -u - UNIX-CONNECT:'$T/sock'"; }
	command -v socat >/dev/null || skip "socat is not installed"
	source_with one ff0000
	viewer "$T" >"$T/viewer.out" 2>&1 <<-'END' &
		v = Viewer(port)
		v.request(False)
		v.update()
		for colour in "ff0000", "00ff00", "0000ff":
		    v.until(lambda v: v.at(299, 199) == colour)
		    open(sys.argv[2] + "/saw-" + colour, "w").close()
	END
	local watcher=$!
	wait_for test -e "$T/saw-ff0000"
	source_with two 00ff00
	wait_for test -e "$T/saw-00ff00"
	signal_group KILL "$two"
	wait_text "$T/server.err" 'waiting for another'
	source_with three 0000ff
	wait "$watcher" || { cat "$T/viewer.out"; return 1; }
	stop "$server"
	assert_file_not_exist "$T/sock"
}

@test "-e runs the source, again when it ends; one that cannot be run is the end" {
	printf '%s\nwait 500\nend\n' "$RED" >"$T/lines"
	start server rfbd -l 0 -e "fbsgen <'$T/lines'; echo x >>'$T/runs'"
	find_port server
	viewer <<-'END'
		v = Viewer(port)
		v.request(False)
		v.update()
		assert v.at(1, 1) == "ff0000"
	END
	wait_for bash -c '(($(wc -l <"$0") >= 2))' "$T/runs"
	stop "$server"
	run -111 rfbd -l 0 -e "/nonexistent/program"
	assert_output --partial "cannot be run"
	run -100 rfbd -l 0 -e "fbgrab --no-such-option"
	assert_output --partial "misused"
}

@test "-e: a command that ends again and again is tried later and later, with one line each time; one that writes no stream is ended" {
	start server rfbd -l 0 -e "exit 3"
	wait_text "$T/server.err" 'again in 0\.8 s'
	stop "$server"
	# (it may have been tried once more by now)
	run grep -v -e 'listening on' -e 'again in 1\.6 s' "$T/server.err"
	assert_output "rfbd: warning: the source ended with status 3: again in 0.2 s
rfbd: warning: the source ended with status 3: again in 0.4 s
rfbd: warning: the source ended with status 3: again in 0.8 s"
	# it would stay for ever
	start server rfbd -l 0 -e "echo x >>'$T/tried'; echo this is a text and no stream; exec sleep 1000"
	wait_for bash -c '(($(wc -l <"$0") >= 2))' "$T/tried"
	stop "$server"
}

@test "a slow viewer holds up nobody, and merges what it missed" {
	local lines=$RED i
	for i in {1..60}; do lines+="
noise 0 0 300 200 $i
report 0 0 300 200
frame
wait 20"; done
	serve "$lines
fill 0 0 300 200 123456
report 0 0 300 200
frame"
	viewer <<-'END'
		slow = Viewer(port)
		slow.request(False)
		fast = Viewer(port)
		fast.request(False)
		fast.update()
		fast.until(lambda v: v.at(9, 9) == "123456")
		slow.update()
		slow.until(lambda v: v.at(299, 199) == "123456")
	END
}

@test "broken viewers are closed with a reason; others see nothing of it" {
	serve "$RED"
	viewer <<-'END'
		good = Viewer(port)
		for junk in (b"\xff" * 100, b"\x02\x00\xff\xff" + b"\0" * 10, b"\x00\0\0\0" + b"\x07" * 16, b"\x06\0\0\0\x80\0\0\0" * 3):
		    v = Viewer(port)
		    v.send(junk)
		    try:	# it may have been closed by now
		        v.sock.shutdown(socket.SHUT_WR)
		        v.drained()
		    except OSError as e:
		        assert not isinstance(e, TimeoutError), "not closed"
		for junk in b"GET", b"\0" * 12, b"RFB 00x.008\n", b"RFB 003.008\n\x63":
		    s = socket.create_connection(("127.0.0.1", int(port)))
		    s.settimeout(30)
		    s.sendall(junk)
		    try:
		        s.shutdown(socket.SHUT_WR)
		        while s.recv(1000):
		            pass
		    except OSError as e:
		        assert not isinstance(e, TimeoutError), "not closed"
		good.request(False)
		good.update()
		assert good.at(3, 3) == "ff0000"
	END
	wait_text "$T/server.err" 'unknown message type'
}

@test "resizing: DesktopSize, ExtendedDesktopSize, and viewers that know neither" {
	mkfifo "$T/script"
	start_sh server "{ fbsgen <'$T/script'; sleep 1000; } | exec rfbd -l 0 -L debug"
	find_port server
	viewer "$T/script" <<-'END'
		script = open(sys.argv[2], "w")
		def show(w, h, colour):
		    print(f"screen {w} {h}\nfill 0 0 {w} {h} {colour}\nreport 0 0 {w} {h}\nframe key", file=script, flush=True)
		show(300, 200, "ff0000")
		plain, old, new = Viewer(port, [0]), Viewer(port, [0, -223]), Viewer(port, [0, -223, -308])
		for v in plain, old, new:
		    v.request(False)
		assert [r[4] for r in new.update()] == [-308]	# the answer to the first full request, alone; the request stays
		for v in plain, old, new:
		    v.update()
		    assert v.at(99, 199) == "ff0000"
		for v in old, new:
		    v.request()
		show(100, 250, "00ff00")
		for v in old, new:
		    rects = v.update()
		    assert len(rects) == 1 and rects[0][2:4] == (100, 250), rects
		    v.request(False)
		    v.update()
		    assert v.at(99, 249) == "00ff00"
		plain.until(lambda v: v.at(99, 199) == "00ff00" and v.at(100, 0) == "000000" == v.at(299, 199))
		show(400, 250, "0000ff")
		for v in old, new:
		    v.until(lambda v: (v.w, v.h) == (400, 250))
		    v.request(False)
		    v.update()
		    assert v.at(399, 249) == "0000ff"
		plain.until(lambda v: v.at(299, 199) == "0000ff")
		assert (plain.w, plain.h) == (300, 200)
	END
}

@test "-c: no more viewers than that, with a reason" {
	serve "$RED" -c 2
	viewer <<-'END'
		a, b = Viewer(port), Viewer(port)
		try:
		    Viewer(port)
		    raise SystemExit("a third one came in")
		except Closed as e:
		    assert "too many" in str(e), e
		a.sock.close()
		end = time.monotonic() + 30
		while True:
		    try:
		        Viewer(port)
		        break
		    except Closed:
		        assert time.monotonic() < end, "nobody came in after one left"
		        time.sleep(0.05)
	END
}

@test "-x exclusive and first" {
	serve "$RED" -x exclusive
	viewer <<-'END'
		a, b = Viewer(port), Viewer(port)
		c = Viewer(port, shared=False)
		a.drained()
		b.drained()
		c.request(False)
		c.update()
	END
	stop "$server"
	# also where there is room for one only
	serve "$RED" -x exclusive -c 1
	viewer <<-'END'
		a = Viewer(port)
		try:
		    Viewer(port).drained()
		    raise SystemExit("a second one was let in")
		except (Closed, ConnectionResetError):
		    pass
		b = Viewer(port, shared=False)
		a.drained()
		b.request(False)
		b.update()
		c = Viewer(port)
		b.drained()
		c.request(False)
		c.update()
	END
	stop "$server"
	serve "$RED" -x first
	viewer <<-'END'
		a = Viewer(port)
		try:
		    Viewer(port, shared=False).drained()
		except (Closed, ConnectionResetError):
		    pass
		a.request(False)
		a.update()
	END
}

@test "Unix sockets: viewers there, mode 0600, removed at the end" {
	serve "$RED" -l "unix:$T/viewers"
	assert_equal "$(stat -c %a "$T/viewers")" 600
	port=$T/viewers viewer <<-'END'
		v = Viewer(port)
		v.request(False)
		v.update()
		assert v.at(3, 3) == "ff0000"
	END
	stop "$server"
	assert_file_not_exist "$T/viewers"
}

@test "a port that is taken: one line, 111; misuse: 100" {
	serve "$RED"
	run -111 rfbd -l "127.0.0.1:$port" </dev/null
	assert_output --partial "$port"
	assert_equal "${#lines[@]}" 1
	run -100 rfbd -l '*:0' </dev/null
	assert_output --partial "needs authentication"
	run -100 rfbd -v -i - </dev/null
	run -100 rfbd -l 'nonsense:' </dev/null
	run -100 rfbd -S a -e b </dev/null
	local long option
	printf -v long '%0108d' 0
	for option in -S --control; do
		run -100 rfbd -l 0 $option "$long" </dev/null
		assert_output --partial "$option: \`$long' cannot be a socket's path: it is too long"
	done
	# open to everybody, and no files: nothing is made
	cd "$T"
	for option in '-l unix:' '-W unix:' '-S ' '--control ' '--connect unix:'; do
		run -100 rfbd -l 0 ${option/unix:/unix:@name} $([[ $option = *: ]] || echo @name) </dev/null
		assert_output --partial "@name' cannot be a socket's path: it is the name of an abstract socket"
		assert_file_not_exist "$T/@name"
	done
	run -100 rfbkit-bind unix:@name -- true
	assert_output --partial "abstract socket"
	run -100 rfbrec -c unix:@name "$T/x"
	assert_output --partial "abstract socket"
	run -100 rfbd --tell "$long" list
	run -100 rfbd -l 0 -S '' </dev/null
	run -100 rfbd --connect '' </dev/null
	run -100 rfbd --repeater 1@ </dev/null
	run -100 rfbd --origin host.example </dev/null
	run -100 rfbd --origin https://host.example/ </dev/null
	run -111 rfbd -l nosuch.invalid:0 </dev/null
	assert_output 'rfbd: error: cannot listen on nosuch.invalid port 0: no such name'
	run -1 rfbd -l 0 -p "$T/absent" </dev/null
	assert_output --partial "absent"
}

@test "--notify-fd says when it listens; SIGTERM ends in order; a killed worker is noticed" {
	local worker
	start_sh server "exec 7>'$T/notified'; fbsgen <<<'$RED' | { exec rfbd -l 0 --keep --notify-fd 7; }"
	wait_for test -s "$T/notified"
	stop "$server"
	serve "$RED"
	worker=$(worker_of)
	kill -KILL "$worker"
	wait_for no_rfbd
	run cat "$T/server.err"
	assert_output --partial "killed by signal 9"
}
@test "--once ends with the last viewer; --idle and --max-time close those who stay" {
	serve "$RED" --once --idle 1
	viewer <<-'END'
		try:		# on a slow machine the time may be over before it said anything
		    v = Viewer(port)
		    v.request(False)
		    v.update()
		    v.drained()
		except (Closed, ConnectionError):
		    pass
	END
	wait_for no_rfbd
	run cat "$T/server.err"
	assert_output --partial "it did nothing for 1 s"
	stop "$server"
	serve "$RED" --max-time 1
	viewer <<-'END'
		try:
		    Viewer(port).drained()
		except (Closed, ConnectionError):
		    pass
	END
	wait_text "$T/server.err" 'its 1 s are over'
}

@test "--listen-fd adopts a socket, --inetd serves the one on stdin" {
	port=$(free_port)
	printf '%s\n' "$RED" >"$T/lines"
	cat >"$T/holder.py" <<-'END'
		import os, socket, subprocess, sys
		s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		if sys.argv[2] == "listen":
		    s.set_inheritable(True)
		    os.execvp("rfbd", ["rfbd", "--listen-fd", str(s.fileno()), "-e", sys.argv[3]])
		c, _ = s.accept()
		s.close()
		sys.exit(subprocess.call(["rfbd", "--inetd", "-e", sys.argv[3]], stdin=c, stdout=c))
	END
	local mode
	for mode in listen inetd; do
		start server python3 "$T/holder.py" "$port" $mode "fbsgen <'$T/lines'; sleep 1000"
		wait_port "$port"
		viewer <<-'END'
			v = Viewer(port)
			v.request(False)
			v.update()
			assert v.at(1, 1) == "ff0000"
		END
		if [[ $mode = inetd ]]; then
			wait_exit "$server"
			assert_equal "$status" 0
		else
			stop "$server"
		fi
	done
	run -100 rfbd --listen-fd 0 </dev/null
	run -100 rfbd --inetd </dev/null
}

@test "continuous updates and fences" {
	serve "$RED
wait 500
fill 0 0 10 10 00ff00
report 0 0 10 10
frame
wait 300
fill 0 0 10 10 0000ff
report 0 0 10 10
frame"
	viewer <<-'END'
		v = Viewer(port, [0, -312, -313])
		v.request(False)
		v.update()
		assert "end of continuous updates" in v.events and any(e[0] == "fence" for e in v.events), v.events
		v.send(struct.pack(">BBHHHH", 150, 1, 0, 0, v.w, v.h))
		while v.at(5, 5) != "0000ff":
		    v.update()
		v.events.clear()
		v.send(struct.pack(">BxxxIB", 248, 0x80000003, 4) + b"ping")
		v.send(struct.pack(">BBHHHH", 150, 0, 0, 0, 0, 0))
		v.request(False)
		v.update()
		assert ("fence", 3, b"ping") in v.events and "end of continuous updates" in v.events, v.events
	END
}

@test "a cursor for those that know it, painted for those that do not" {
	command -v xterm >/dev/null || skip "no xterm"
	start_x x 300x200
	start_sh server "fbgrab | fbdiff | exec rfbd -l 0"
	find_port server
	xdotool mousemove 100 100
	viewer <<-'END'
		v = Viewer(port, [0, -239])
		v.request(False)
		v.until(lambda v: hasattr(v, "cursor"))
		plain = Viewer(port, [0])
		plain.request(False)
		plain.update()
		v.request(False)
		v.update()
		plain.until(lambda p: p.fb != v.fb)
		differ = [i for i in range(300 * 200) if plain.fb[i * 4:i * 4 + 3] != v.fb[i * 4:i * 4 + 3]]
		assert all(60 <= i % 300 <= 140 and 60 <= i // 300 <= 140 for i in differ), differ[:5]
	END
}

@test "five hundred connections at once are taken" {
	serve "$RED"
	viewer <<-'END'
		socks = [socket.create_connection(("127.0.0.1", int(port))) for i in range(500)]
		for s in socks:
		    s.settimeout(30)
		    assert s.recv(12) == b"RFB 003.008\n"
	END
}
