#!/usr/bin/env bats
# rfbd --accept: a command, or through rfbkit-ask a person, says who comes in.

load helpers
bats_require_minimum_version 1.5.0

# serve COMMAND [OPTION...]: rfbd that asks COMMAND, on $port, shows a red screen.
serve() {
	local command=$1
	shift
	start_sh server "{ printf '%s\n' 'screen 300 200' 'fill 0 0 300 200 ff0000' 'report 0 0 300 200' 'frame key' | fbsgen; sleep 1000; } |
		exec rfbd -l 0 -L debug --accept '$command' $*"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:' || return 1
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/server.err")
}
# viewer [ARGUMENT...] <<PYTHON: a script with rawviewer's names; argv[1] is the port.
viewer() { PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 -c "$(printf 'import sys, time\nfrom rawviewer import *\nport = sys.argv[1]\n'; cat)" "$port" "$@"; }
# knock: a viewer that says how it was received.
knock() {
	viewer "$@" <<-'END'
		version = b"RFB %s\n" % (sys.argv[2] if len(sys.argv) > 2 else "003.008").encode()
		try:
		    v = Viewer(port, version=version)
		    v.request(False)
		    v.update()
		    print("in", v.at(0, 0))
		except Closed as e:
		    print("out:", e)
	END
}
said() { wait_text "$T/server.err" "$1"; }

@test "the command's exit status decides: in, out, to watch; and it is told about whom" {
	# the address is all that it has of this viewer; the answer is whatever the test wrote
	serve 'env | grep ^RFB_ | sort >"$T/told"; exit $(cat "$T/answer")'
	echo 0 >"$T/answer"
	assert_equal "$(knock)" "in ff0000"
	said 'came in by None \(RFB 3.8, full access\)'
	run cat "$T/told"
	assert_line --regexp '^RFB_ADDRESS=127\.0\.0\.1:[0-9]+$'
	assert_line "RFB_SECURITY=None"
	assert_line "RFB_TRANSPORT=tcp"
	assert_line "RFB_RIGHTS=full"
	assert_line "RFB_USER="
	assert_line "RFB_VIEWER=1"
	echo 2 >"$T/answer"
	assert_equal "$(knock)" "in ff0000"
	said 'came in by None \(RFB 3.8, view-only\)'
	echo 1 >"$T/answer"
	assert_equal "$(knock)" "out: you were not let in"
	# 3.7 has no SecurityResult after None: it is closed
	assert_equal "$(knock 003.007)" "out: closed"
	# what is no answer is a no
	echo 77 >"$T/answer"
	assert_equal "$(knock 003.007)" "out: closed"
	said 'the --accept command ended with status 77'
}

@test "it is asked about who has shown a password, not about who has not" {
	printf 'sesame\nwatcher\n' | tigervncpasswd -f >"$T/passwd"
	printf '' >"$T/told"
	serve 'echo "$RFB_SECURITY $RFB_RIGHTS" >>"$T/told"' -p "$T/passwd"
	run viewer <<-'END'
		try: Viewer(port, password="wrong")
		except Closed as e: print(e)
		v = Viewer(port, password="sesame")
	END
	assert_output "authentication failed"
	assert_equal "$(cat "$T/told")" "VncAuth full"
}

@test "one that leaves, or that nobody answers about, ends the command; at most four are asked about at once" {
	serve 'trap "echo over >>\$T/over; exit 1" TERM; echo >>"$T/asked"; sleep 1000 & wait' --accept-timeout 3600
	viewer "$T" <<-'END'
		def knock():
		    v = Viewer(port, init=False)
		def result():
		    try: knock()
		    except Closed as e: return str(e)
		socks = []
		for i in range(4):
		    s = socket.create_connection(("127.0.0.1", int(port)))
		    s.sendall(b"RFB 003.008\n\x01")
		    socks.append(s)
		asked = lambda: len(open(sys.argv[2] + "/asked").readlines())
		until = time.monotonic() + 30
		while True:
		    try:
		        if asked() == 4: break
		    except OSError: pass
		    assert time.monotonic() < until, "not all are asked about"
		    time.sleep(0.02)
		assert result() == "too many others wait to be let in: try again later", result()
		for s in socks: s.close()
	END
	wait_for over 4
	stop "$server"
	serve 'echo $$ >"$T/pid"; sleep 1000' --accept-timeout 1
	assert_equal "$(knock)" "out: nobody answered whether to let you in"
	wait_for gone "$(cat "$T/pid")"
}
@test "a command that is ended because its viewer left is no fault of it, also if it has to be killed" {
	serve 'echo $$ >"$T/pid"; exec sleep 1000' --accept-timeout 3600
	come_and_go
	stop "$server"
	run cat "$T/server.err"
	refute_output --partial "ended with"
	serve 'trap "" TERM; echo $$ >"$T/pid"; exec sleep 1000' --accept-timeout 3600
	come_and_go
	stop "$server"
}
come_and_go() {
	rm -f "$T/pid"
	viewer "$T/pid" <<-'END'
		import os
		s = socket.create_connection(("127.0.0.1", int(port)))
		s.sendall(b"RFB 003.008\n\x01")
		until = time.monotonic() + 30
		while not os.path.exists(sys.argv[2]) or not os.path.getsize(sys.argv[2]):
		    assert time.monotonic() < until, "nobody is asked"
		    time.sleep(0.02)
	END
	wait_for gone "$(cat "$T/pid")"
}

over() { [[ $(wc -l <"$T/over") = "$1" ]]; }

@test "nobody is asked about our own user on a Unix socket; the command does not outlive rfbd" {
	local old
	serve 'echo $$ >"$T/pid"; exec sleep 1000' -l "unix:$T/sock"
	old=$port port=$T/sock
	assert_equal "$(knock)" "in ff0000"
	port=$old
	start waiting bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf 'RFB 003.008\n\1' >&3; cat <&3"
	wait_for test -s "$T/pid"
	stop "$server"
	wait_for gone "$(cat "$T/pid")"
}

# --- a person at the screen --------------------------------------------------------------------------------

# The centre of the window's button, counted from the left, or nothing.
button() {
	xwininfo -tree -name "Screen sharing" | awk -v n="$1" '
		match($0, /[0-9]+x[0-9]+\+[0-9]+\+[0-9]+  \+[-0-9]+\+[-0-9]+/) {
			split(substr($0, RSTART), a, /[x+ ]+/)
			if (a[2] < 40 && a[1] < 100) print a[5] + int(a[1] / 2), a[6] + int(a[2] / 2)
		}' | sort -n | sed -n "$1p"
}
# The question is on the screen, where it stays; it is moved there before it is shown.
asked() { xwininfo -name "Screen sharing" | grep -q 'Map State: IsViewable'; }
is_over() { ! xwininfo -name "Screen sharing"; }
# answer N RESULT: a viewer comes, the Nth button is clicked.
answer() {
	start_sh viewer "port=$port; $(declare -f viewer knock); knock"
	wait_for asked || { xwininfo -root -tree; return 1; }
	xdotool mousemove $(button "$1") click 1
	wait_text "$T/viewer.out" "$2"
	wait_for is_over
}

@test "rfbkit-ask: yes, view, no, and keys are no answer" {
	start_x
	serve "rfbkit-ask -d $DISPLAY"
	answer 1 '^in ff0000'
	said 'came in by None \(RFB 3.8, full access\)'
	answer 2 '^in ff0000'
	said 'came in by None \(RFB 3.8, view-only\)'
	answer 3 '^out: you were not let in'
	start_sh viewer "port=$port; $(declare -f viewer knock); knock"
	wait_for asked
	xdotool key Return space y Escape
	xdotool mousemove $(button 3) click 1
	wait_text "$T/viewer.out" '^out: you were not let in'
}

@test "rfbkit-ask: without an answer it is no; who may only watch is not offered more; misuse" {
	start_x
	run -1 env RFB_ADDRESS=192.0.2.1:7 rfbkit-ask -t 1
	start_sh ask 'RFB_USER="ann$(id)" RFB_ADDRESS=192.0.2.1:7 RFB_RIGHTS=view rfbkit-ask; echo $?'
	wait_for asked
	[[ -z $(button 3) ]]
	xdotool mousemove $(button 2) click 1
	wait_text "$T/ask.out" '^1$'
	run -100 rfbkit-ask -t soon
	run -100 rfbkit-ask more
	run -100 env -u DISPLAY rfbkit-ask
}
