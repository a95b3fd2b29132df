#!/usr/bin/env bats
# rfbd calls viewers: listening ones (--connect), and those behind an UltraVNC repeater (--repeater); and ports that are taken.

load helpers
bats_require_minimum_version 1.5.0

# serve [OPTION...]: rfbd shows a red screen.
serve() {
	start_sh server "{ printf '%s\n' 'screen 300 200' 'fill 0 0 300 200 ff0000' 'report 0 0 300 200' 'frame key' | fbsgen; sleep 1000; } |
		exec rfbd -L debug $*"
}
script() { PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 -c "$(printf 'import os, sys, threading, time\nfrom rawviewer import *\n'; cat)" "$@"; }

@test "--connect calls several listening viewers, each until it is there" {
	local one two
	one=$(free_port) two=$(free_port)
	serve --connect "127.0.0.1::$one" --connect "127.0.0.1::$two"
	wait_text "$T/server.err" "127.0.0.1::$one: .*; trying again"
	wait_text "$T/server.err" "127.0.0.1::$two: .*; trying again"
	script "$one" "$two" <<-'END'
		for port in sys.argv[2:0:-1]:
		    s = socket.create_server(("127.0.0.1", int(port)))
		    s.settimeout(40)
		    c, _ = s.accept()
		    c.settimeout(20)
		    assert c.recv(12) == b"RFB 003.008\n"
	END
}

# What UltraVNC's documents say of a repeater in mode II: a server sends 250 bytes, "ID:" and a number, and waits; a viewer is
# greeted by version 0.0, answers with the same 250 bytes, and from then on each is told what the other says.
REPEATER='
def receive(s, n):
    data = b""
    while len(data) < n:
        got = s.recv(n - len(data))
        if not got: raise Closed
        data += got
    return data
def pump(a, b):
    try:
        while True:
            data = a.recv(65536)
            if not data: break
            b.sendall(data)
    except OSError: pass
    for s in a, b:
        try: s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
servers, viewers = (socket.create_server(("127.0.0.1", int(p))) for p in sys.argv[1:3])
for s in servers, viewers: s.settimeout(40)
def serve_one():
    server, _ = servers.accept()
    hello = receive(server, 250)
    assert hello == b"ID:4711" + bytes(243), hello
    viewer, _ = viewers.accept()
    viewer.sendall(b"RFB 000.000\n")
    assert receive(viewer, 250)[:7] == b"ID:4711"
    for a, b in (server, viewer), (viewer, server):
        threading.Thread(target=pump, args=(a, b), daemon=True).start()
class Behind(Viewer):
    def __init__(self, *a, **k):
        self.greeted = False
        super().__init__(sys.argv[2], *a, **k)
    def read(self, n):
        if not self.greeted:
            self.greeted = True
            assert super().read(12) == b"RFB 000.000\n"
            self.send(b"ID:4711" + bytes(243))
        return super().read(n)
'

@test "--repeater: viewers come by an UltraVNC repeater, one after the other, with a password" {
	local servers viewers
	servers=$(free_port) viewers=$(free_port)
	printf 'sesame\n' | tigervncpasswd -f >"$T/passwd"
	{ echo "$REPEATER"; cat <<-'END'; } >"$T/script"
		for word in "sesame", "wrong", "sesame":
		    threading.Thread(target=serve_one, daemon=True).start()
		    try:
		        v = Behind(password=word)
		        v.request(False)
		        v.update()
		        assert word == "sesame" and v.at(5, 5) == "ff0000"
		        v.sock.close()
		    except Closed as e:
		        assert word == "wrong" and "failed" in str(e), e
	END
	START_IN=$T/script start repeater script "$servers" "$viewers"
	# where nobody is there yet, each attempt waits longer than the last
	wait_port "$viewers"
	serve --repeater "4711@127.0.0.1::$servers" -p "$T/passwd"
	wait_for -t 60 gone "$repeater"
	wait_exit "$repeater"
	assert_equal "$status" 0 || { cat "$T/repeater.err"; return 1; }
	wait_text "$T/server.err" "waiting for viewers at the repeater of 4711@"
}

@test "--repeater: whoever knows the ID is a stranger; IDs and hosts are checked" {
	run -100 rfbd --repeater 4711@127.0.0.1 </dev/null
	assert_output --partial "needs authentication"
	run -100 rfbd --repeater 127.0.0.1 </dev/null
	run -100 rfbd --repeater @127.0.0.1 </dev/null
	run -100 rfbd --repeater 4711@127.0.0.1:x </dev/null
	run -100 rfbd --repeater "$(printf '%0246d' 1)@127.0.0.1" </dev/null
}

@test "-l PORT+ takes the next port when one is taken, and says which" {
	local first
	first=$(free_port)
	start holder python3 -c 'import socket, sys, time; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); time.sleep(1000)' "$first"
	wait_port "$first"
	run -111 rfbd -l "127.0.0.1:$first" </dev/null
	serve -l "127.0.0.1:$first+" -W "127.0.0.1:$first+"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:'
	wait_text "$T/server.err" 'the browser page is at'
	mapfile -t ports < <(sed -n 's/.* \(http:..\)*127\.0\.0\.1:\([0-9]*\).*/\2/p' "$T/server.err")
	((ports[0] > first && ports[0] < first + 50 && ports[1] > ports[0]))
	for port in "${ports[@]}"; do port_listens "$port"; done
}
