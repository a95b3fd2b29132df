#!/usr/bin/env bats
# rfbd's listening sockets outlive it: the tree keeps them in an fd-holder, and whoever connects while rfbd is
# replaced waits for the next one.

bats_require_minimum_version 1.5.0
load services

held() { s6-fdholder-list "$T/tree/run/holder.sock" 2>/dev/null | sort; }
holds() { [[ $(held) = "$1" ]]; }
# come_and_go: visitors by each way, until visitors_gone; their account is in $T/visitors.out
come_and_go() {
	mkfifo "$T/until"
	START_IN=$T/until start visitors python3 "$REPO/tests/cli/connecting.py" "listen:$PORT" "web:$WEBPORT" "unix:$T/tree/run/rfb.sock"
	exec {until}>"$T/until"
	wait_text "$T/visitors.out" coming
}
visitors_gone() {
	exec {until}>&-
	wait_exit "$visitors"
	sed -i 1d "$T/visitors.out"
	jq -c . "$T/visitors.out"
}
ready_with() { local p; p=$(service_pid rfbd) && [[ $p != "$1" ]] && s6-svstat -o ready "$T/tree/service/rfbd" | grep -qx true; }

@test "while rfbd is replaced by a new binary, or killed, no connection is refused" {
	# a copy of the programs whose rfbd can be replaced
	mkdir "$T/install"
	cp -r "$BUILD/bin" "$T/install/"
	ln -s "$BUILD/share" "$T/install/share"
	PATH=$T/install/bin:$PATH
	WEBPORT=$(free_port)
	start_tree "rfbd/WEB=127.0.0.1:$WEBPORT"
	assert_equal "$(held)" "listen-127.0.0.1:$PORT=127.0.0.1:$PORT
listen-unix:../../run/rfb.sock=unix:../../run/rfb.sock
web-127.0.0.1:$WEBPORT=127.0.0.1:$WEBPORT"
	come_and_go
	local i pid
	for i in 1 2 3; do
		pid=$(service_pid rfbd)
		if ((i == 3)); then
			kill -KILL "$pid"
		else
			cp "$BUILD/bin/rfbd" "$T/install/bin/rfbd.new"
			mv "$T/install/bin/rfbd.new" "$T/install/bin/rfbd"
			[[ $(readlink "/proc/$pid/exe") = *'(deleted)' ]]
			s6-svc -r "$T/tree/service/rfbd"
		fi
		wait_for ready_with "$pid"
		[[ $(readlink "/proc/$(service_pid rfbd)/exe") = "$T/install/bin/rfbd" ]]
	done
	visitors_gone >&3
	# whom an rfbd had let in when it ended, it could not greet: at most one a time and way
	jq -e 'length == 3 and all(.greeted > 3 and .refused == null and .odd == null and (.cut // 0) <= 3)' "$T/visitors.out"
}

@test "with rfbd down connections wait; other settings open and close sockets; a wrong one lets nobody wait" {
	start_tree
	s6-svc -wD -d "$T/tree/service/rfbd"
	port_listens "$PORT"
	start waiting bash -c 'exec 5<>/dev/tcp/127.0.0.1/$0; head -c 12 <&5' "$PORT"
	wait_for connected_to "$PORT"
	[ ! -s "$T/waiting.out" ]
	s6-svc -u "$T/tree/service/rfbd"
	wait_exit "$waiting"
	assert_equal "$(<"$T/waiting.out")" "RFB 003.008"
	# another address: the former one is closed
	local other=$(free_port)
	echo "$other unix:$T/other.sock" >"$T/tree/service/rfbd/env/LISTEN"
	s6-svc -r "$T/tree/service/rfbd"
	wait_port "$other"
	wait_for eval '! port_listens "$PORT"'
	wait_for test -S "$T/other.sock"
	# a wrong setting is given up, and nobody waits for it
	echo nonsense >"$T/tree/service/rfbd/env/SECURITY_TYPES"
	s6-svc -r "$T/tree/service/rfbd"
	wait_for given_up
	wait_for holds ""
	wait_for eval '! port_listens "$other"'
	rm "$T/tree/service/rfbd/env/SECURITY_TYPES"
	s6-svc -u "$T/tree/service/rfbd"
	wait_port "$other"
}
connected_to() { grep -q ":$(printf %04X "$1") 01" <(awk '{ print $3, $4 }' /proc/net/tcp); }

@test "the holder is killed, or taken out: rfbd goes on, and its next start puts things right" {
	start_tree
	local pid=$(service_pid rfbd) before
	before=$(held)
	kill -KILL "$(service_pid holder)"
	wait_for holds ""
	python3 "$REPO/tests/cli/visit.py" "$PORT"
	s6-svc -r "$T/tree/service/rfbd"
	wait_for ready_with "$pid"
	assert_equal "$(held)" "$before"
	python3 "$REPO/tests/cli/visit.py" "$PORT"
	# without it rfbd listens by itself
	pid=$(service_pid rfbd)
	touch "$T/tree/service/holder/down"
	s6-svc -wD -d "$T/tree/service/holder"
	s6-svc -r "$T/tree/service/rfbd"
	wait_for ready_with "$pid"
	python3 "$REPO/tests/cli/visit.py" "$PORT"
	s6-svc -wD -d "$T/tree/service/rfbd"
	! port_listens "$PORT"
	# who waits for it can be ended, too, and then nobody waits
	wait_for eval '[[ $(pids_of s6-svwait | wc -l) = 2 ]]'
	s6-svc -wD -d "$T/tree/service/source"
	s6-svc -wD -d "$T/tree/service/input"
	wait_for eval '! runs s6-svwait'
}

@test "rfbkit-bind: a command for each socket, the last in its place; codes" {
	local port=$(free_port)
	run --separate-stderr rfbkit-bind "$port" -- sh -c 'echo "$SOCKET"; test -S /proc/self/fd/0'
	assert_success
	assert_line "127.0.0.1:$port"
	((${#lines[@]} < 2)) || assert_line "[::1]:$port"
	run -7 rfbkit-bind "$port" -- sh -c 'exit 7'
	assert_equal "${#lines[@]}" 0
	rfbkit-bind "unix:$T/sock" -- python3 -c 'import socket, os
s = socket.socket(fileno=0)
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and os.environ["SOCKET"].startswith("unix:")'
	assert_equal "$(stat -c %a "$T/sock")" 600
	# it can be a link of a chain: the pid stays
	start server rfbkit-bind "127.0.0.1:$port" -- rfbd --listen-fd 0 -e "fbsgen </dev/null; sleep 1000"
	wait_port "$port"
	wait_for eval '[[ $(readlink /proc/$server/exe) = */rfbd ]]'
	run -111 rfbkit-bind "127.0.0.1:$port" -- true
	assert_output --partial "cannot listen on 127.0.0.1:$port"
	run -127 rfbkit-bind 127.0.0.1:0 -- no-such-program-at-all
	run -100 rfbkit-bind 127.0.0.1:0
	run -100 rfbkit-bind nonsense -- true
}
