#!/usr/bin/env bats
# long
# Wrong passwords and certificates in real viewers, PAM, the browser page's dialogs, and what the wire shows. What each viewer
# does with the right ones is in security.bats.

bats_require_minimum_version 1.5.0
load page

setup_file() {
	rfbkit_setup
	start_screen 640x480
	start_viewer_screen
	paint_scene
	printf sesame | tigervncpasswd -f >"$T/vncpasswd"
	printf wrongone | tigervncpasswd -f >"$T/wrongpasswd"
	printf 'sesame\n' | rfbd --passwd "$T/users" ermintrude 2>/dev/null
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -keyout "$T/other.key" -out "$T/other.pem" 2>/dev/null
	SECRETS=$T
	export SERVED VIEWING SECRETS
}
teardown_file() { rfbkit_teardown; }
setup() { rfbkit_setup; }
teardown() {
	[[ -z ${SERVICE-} ]] || rm -f "/etc/pam.d/$SERVICE"
	page_teardown
}

serve_type() {
	local types=$1
	shift
	serve -s "$types" -p "$SECRETS/vncpasswd" -u "$SECRETS/users" -C "$SECRETS/cert.pem" -K "$SECRETS/key.pem" \
		--rsa-key "$SECRETS/rsa.pem" "$@"
}
refused() { wait_text "$T/server.err" "$1" && ! grep -q "came in by" "$T/server.err"; }

@test "TigerVNC's viewer with a wrong password, and with another's certificate" {
	need xtigervncviewer
	local t
	export VNC_USERNAME=ermintrude VNC_PASSWORD=opensesame
	for t in VncAuth TLSVnc X509Vnc TLSPlain X509Plain; do
		serve_type "$t"
		start tigervnc env DISPLAY="$VIEWING" HOME="$T" xtigervncviewer -SecurityTypes="$t" -X509CA="$SECRETS/cert.pem" \
			-passwd "$SECRETS/wrongpasswd" 127.0.0.1::"$PORT"
		refused "wrong password" || { echo "by $t"; return 1; }
		stop $tigervnc $server
	done
	serve_type X509Vnc
	start tigervnc env DISPLAY="$VIEWING" HOME="$T" xtigervncviewer -SecurityTypes=X509Vnc -X509CA="$SECRETS/other.pem" \
		-passwd "$SECRETS/vncpasswd" 127.0.0.1::"$PORT"
	# it asks its person, who says nothing, and says nothing itself meanwhile
	asks() { DISPLAY=$VIEWING xdotool search --onlyvisible --name . 2>/dev/null | grep -q .; }
	wait_for asks
	sleep 1
	run grep "came in by" "$T/server.err"
	assert_failure
}

@test "gtk-vnc with a wrong password" {
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	local t
	export VNC_USERNAME=ermintrude VNC_PASSWORD=opensesame
	reference
	for t in VncAuth TLSVnc TLSPlain DH; do
		serve_type "$t"
		run env DISPLAY="$VIEWING" gtkvnc.py 127.0.0.1 "$PORT" "$T/served.ppm" "$PATIENCE"
		assert_failure
		refused "wrong password" || { echo "by $t"; return 1; }
		stop $server
	done
}

@test "gtk-vnc with certificates: the server's own authority, and another's" {
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	export VNC_USERNAME=ermintrude VNC_PASSWORD=sesame
	# it looks for authorities in the home folder that the system says, and nowhere else: so it is given another
	local t home own=(unshare -m)
	home=$(getent passwd "$EUID" | cut -d: -f6)
	((EUID == 0)) || own=(unshare -m -r --map-user="$EUID")
	"${own[@]}" mount --bind "$T" "$home" 2>/dev/null || skip "no mount name space here"
	at_home() { "${own[@]}" sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$T" "$home" "$@"; }
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
		-keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
	mkdir -p "$T/.pki/CA"
	reference
	for t in X509None X509Vnc X509Plain; do
		serve -s "$t" -p "$SECRETS/vncpasswd" -u "$SECRETS/users" -C "$T/cert.pem" -K "$T/key.pem"
		cp "$T/cert.pem" "$T/.pki/CA/cacert.pem"
		DISPLAY=$VIEWING at_home gtkvnc.py localhost "$PORT" "$T/served.ppm" "$PATIENCE" || { echo "by $t"; cat "$T/server.err"; return 1; }
		wait_text "$T/server.err" "came in by $t " || return 1
		stop $server
		serve -s "$t" -p "$SECRETS/vncpasswd" -u "$SECRETS/users" -C "$T/cert.pem" -K "$T/key.pem"
		cp "$SECRETS/other.pem" "$T/.pki/CA/cacert.pem"
		DISPLAY=$VIEWING run at_home gtkvnc.py localhost "$PORT" "$T/served.ppm" "$PATIENCE"
		assert_failure
		run grep "came in by" "$T/server.err"
		assert_failure
		stop $server
	done
}

@test "a client's certificate: the right one, another's, none" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=alice -keyout "$T/alice.key" -out "$T/alice.pem" 2>/dev/null
	serve_type X509None --client-ca "$T/alice.pem"
	hello() { # [CERT KEY]: TLS after VeNCrypt's words; prints the bytes that a viewer let in is sent, or nothing
		/usr/bin/python3 - "$PORT" "$SECRETS/cert.pem" "$@" <<-'END'
			import socket, ssl, struct, sys
			s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
			f = lambda s, n: b"".join(iter(lambda: s.recv(1), b"") if n is None else [s.recv(1) for _ in range(n)])
			f(s, 12); s.sendall(b"RFB 003.008\n"); f(s, f(s, 1)[0]); s.sendall(b"\x13")
			f(s, 2); s.sendall(b"\0\2"); f(s, 1); n = f(s, 1)[0]; f(s, 4 * n); s.sendall(struct.pack(">I", 260)); f(s, 1)
			c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); c.check_hostname = False; c.load_verify_locations(sys.argv[2])
			if len(sys.argv) > 3: c.load_cert_chain(sys.argv[3], sys.argv[4])
			t = c.wrap_socket(s)
			print("result", struct.unpack(">I", f(t, 4))[0])
		END
	}
	run hello "$T/alice.pem" "$T/alice.key"
	assert_output "result 0"
	run hello "$SECRETS/other.pem" "$SECRETS/other.key"
	refute_output --partial result
	run hello
	refute_output --partial result
}

@test "PAM decides over user and password, in a child of its own" {
	((EUID == 0)) || skip "only root may add a PAM service"
	local dir=
	SERVICE=rfbkit-test-$$
	serve_pam() { # MODULE
		printf 'auth required %s\naccount required %s\n' "$1" "$1" >"/etc/pam.d/$SERVICE"
		serve -s TLSPlain --pam "$SERVICE"
	}
	serve_pam pam_permit.so
	client --user ermintrude --password whatever
	wait_text "$T/server.err" "came in by TLSPlain"
	stop $server
	serve_pam pam_deny.so
	run client --user ermintrude --password whatever
	assert_failure
	refused "wrong password"
	wait_for eval '(($(pids_of rfbd | wc -l) == 2))'	# monitor and worker: the child is gone
}

@test "many guesses at once are no way around the delay" {
	serve -s VncAuth -p "$SECRETS/vncpasswd"
	mkdir "$T/stat"
	run /usr/bin/python3 - "$PORT" <<-'END'
		import socket, sys
		def get(s, n):
		    b = b""
		    while len(b) < n:
		        more = s.recv(n - len(b))
		        if not more: return b
		        b += more
		    return b
		many = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20, ("127.0.0.9", 0)) for _ in range(40)]
		for s in many:
		    get(s, 12); s.sendall(b"RFB 003.008\n"); get(s, get(s, 1)[0]); s.sendall(b"\2")
		for s in many:
		    get(s, 16); s.sendall(bytes(16))
		said = []
		for s in many:
		    get(s, 4); said.append(get(s, int.from_bytes(get(s, 4), "big")).decode())
		print(sum("too many" in t for t in said), sum("authentication failed" in t for t in said))
	END
	read -r blocked tried <<<"$output"
	((tried >= 5 && tried <= 7 && blocked >= 33)) || { echo "$output"; return 1; }
}

@test "many users who come back at the same moment are all let in, also from one address; many guesses are not" {
	serve -s X509Plain -u "$SECRETS/users" -C "$SECRETS/cert.pem" -K "$SECRETS/key.pem"
	run timeout $((PATIENCE * 2)) "$CONF/together.py" "$PORT" ermintrude emases 127.0.1.{1..18} 127.0.0.5{,,,,,}
	assert_output "24 let in, 0 wrong, 0 blocked"
	run timeout $((PATIENCE * 2)) "$CONF/together.py" "$PORT" ermintrude wrong 127.0.0.6{,,,,}{,,,}
	read -r in _ _ wrong _ blocked _ <<<"$output"
	((in == 0 && wrong >= 5 && wrong <= 7 && wrong + blocked == 20)) || { echo "$output"; return 1; }
}

@test "an address that crowds pushes out its own connections, and no viewer" {
	((EUID == 0)) || skip "only root can be somebody else"
	need setpriv
	serve -s VncAuth -p "$SECRETS/vncpasswd"
	start honest vncclient --display "$SERVED" --password sesame --watch 3600 127.0.0.1::"$PORT"
	wait_text "$T/server.err" "came in by VncAuth"
	start crowd setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 -c '
import socket, sys, time
all = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20, ("127.0.0.11", 0)) for _ in range(200)]
time.sleep(1000)' "$PORT"
	wait_text "$T/server.err" "have not come in yet from this address"
	alive "$honest"
	client --password sesame
}

@test "blocked attempts are in the metrics, by type" {
	mkdir "$T/stat"
	RFB_STATDIR=$T/stat serve -s VncAuth -p "$SECRETS/vncpasswd"
	guess 127.0.0.7 10
	local stat
	stat=$(free_port)
	RFB_STATDIR=$T/stat start stats rfbstat -l "$stat"
	wait_port "$stat"
	curl -s "http://127.0.0.1:$stat/metrics" >"$T/metrics"
	grep '^rfb_auth_attempts_total{type="VncAuth"' "$T/metrics"
	grep -q '^rfb_auth_attempts_total{type="VncAuth",result="failed"} 6$' "$T/metrics"
	grep -q '^rfb_auth_attempts_total{type="VncAuth",result="blocked"} 4$' "$T/metrics"
	stop $server $stats
}

# --- what the wire shows ---------------------------------------------------------------------------

# tell TYPE: a server of that type, and tshark listens: $T/wire.pcap.
tell() {
	serve_type "$1"
	rm -f "$T/wire.pcap"
	capture_to "$T/wire.pcap"
}
# How many messages a dissector finds in it.
messages() { tshark -r "$T/wire.pcap" -d "tcp.port==$PORT,vnc" -Y "vnc.server_message_type || vnc.client_message_type" 2>/dev/null | wc -l; }

@test "RSA-AES: a capture shows the handshake and nothing that follows" {
	need tshark rfbrec
	export VNC_USERNAME=ermintrude VNC_PASSWORD=sesame
	tell RA2_256
	start rec rfbrec -1 -c "127.0.0.1::$PORT" -s RA2_256 --insecure "$T/a.vnc.gz"
	wait_for frames_of "$T/a.vnc.gz"
	end_capture "$T/wire.pcap"
	stop $rec $server
	grep -qa "RFB 003.008" "$T/wire.pcap"
	run grep -aE "sesame|ermintrude" "$T/wire.pcap"
	assert_failure
	(($(messages) == 0))
	# as it is not without it
	tell VncAuth
	export VNC_PASSWORD=sesame
	start rec rfbrec -1 -c "127.0.0.1::$PORT" -s VncAuth "$T/b.vnc.gz"
	wait_for frames_of "$T/b.vnc.gz"
	end_capture "$T/wire.pcap"
	stop $rec $server
	(($(messages) > 0))
}

# --- the browser page ----------------------------------------------------------------------------------

@test "the page over wss: Plain with the right password and the wrong one" {
	local web
	web=$(free_port)
	serve_type Plain -W "127.0.0.1:$web"
	open_page "https://127.0.0.1:$web/"
	page connect
	page signin opensesame ermintrude
	page waittext connect-error "Authentication failed"
	page connect
	page signin sesame ermintrude
	page wait connected
	page protocol
	[ "$answer" = wss: ]
	wait_text "$T/server.err" "came in by Plain"
	reference
	page equal "$T/served.ppm"
}

@test "the page without TLS: RA2ne, once its person has recognised the server" {
	local web
	web=$(free_port)
	serve_type RA2ne -W "127.0.0.1:$web"
	open_page "http://127.0.0.1:$web/"
	page connect
	local print
	print=$(sed -n "s/.*RSA key's SHA-256 //p" "$T/server.err")
	[[ -n $print ]]
	page waittext fingerprint "$print"
	page click '#identity>form>div>button[value=ok]'
	page signin sesame ermintrude
	page wait connected
	page protocol
	[ "$answer" = ws: ]
	wait_text "$T/server.err" "came in by RA2ne"
}
