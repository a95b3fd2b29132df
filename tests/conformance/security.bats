#!/usr/bin/env bats
# long
# Security types against viewers of other projects: right and wrong passwords, what the wire shows, guessing.

load viewers

setup_file() {
	rfbkit_setup
	start_screen
	start_viewer_screen
	paint_scene
	printf sesame | tigervncpasswd -f >"$T/vncpasswd"
	printf 'sesame\n' | rfbd --passwd "$T/users" bob 2>/dev/null
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -keyout "$T/other.key" -out "$T/other.pem" 2>/dev/null
	SECRETS=$T
	export SERVED VIEWING SECRETS
}
teardown_file() { rfbkit_teardown; }

setup() {
	rfbkit_setup
	[[ ${CONFORMANCE_SERVER:-rfbkit} = rfbkit ]] || skip "about rfbkit's own types"
}
teardown() { rfbkit_teardown; }

# serve_type TYPE,... [OPTION...]: the scene on $PORT, by these security types.
serve_type() {
	local types=$1
	shift
	serve -s "$types" -p "$SECRETS/vncpasswd" -u "$SECRETS/users" -C "$SECRETS/cert.pem" -K "$SECRETS/key.pem" \
		--rsa-key "$SECRETS/rsa.pem" "$@"
}
came_in_by() { wait_text "$T/server.err" "came in by $1 "; }

# try_libvncclient TYPE: the right password shows the screen, the wrong one is refused.
try_libvncclient() {
	serve_type "$1"
	client --user bob --password sesame --ca "$SECRETS/cert.pem" || { echo "$1"; cat "$T/server.err"; return 1; }
	came_in_by "$1" || return 1
	if [[ $1 != *None ]]; then
		run client --user bob --password opensesame --ca "$SECRETS/cert.pem"
		assert_equal "$status" 111
		wait_text "$T/server.err" "authentication failed|wrong" || return 1
	fi
	stop $server
}

@test "libvncclient: VncAuth and Apple's Diffie-Hellman" {
	try_libvncclient VncAuth
	try_libvncclient DH
}

@test "libvncclient: VeNCrypt with anonymous TLS" {
	try_libvncclient TLSNone
	try_libvncclient TLSVnc
	try_libvncclient TLSPlain
}

@test "libvncclient: VeNCrypt with certificates" {
	try_libvncclient X509None
	try_libvncclient X509Vnc
	try_libvncclient X509Plain
}

@test "libvncclient does not take another server's certificate" {
	serve_type X509Vnc
	run client --password sesame --ca "$SECRETS/other.pem"
	assert_equal "$status" 111
	wait_text "$T/server.err" "closed: " || return 1
	run grep "came in by" "$T/server.err"
	assert_failure
}

@test "TigerVNC's viewer: each type that it knows" {
	need xtigervncviewer xwininfo
	local t
	export VNC_USERNAME=bob VNC_PASSWORD=sesame
	for t in VncAuth TLSNone TLSVnc TLSPlain X509None X509Vnc X509Plain; do
		serve_type "$t"
		tigervnc -SecurityTypes="$t" -X509CA="$SECRETS/cert.pem" -passwd "$SECRETS/vncpasswd"
		assert_viewer_exact || { echo "by $t"; cat "$T/server.err"; return 1; }
		came_in_by "$t" || return 1
		stop $tigervnc $server
	done
}

@test "gtk-vnc: VncAuth, anonymous TLS, Diffie-Hellman" {
	/usr/bin/python3 -c 'import gi; gi.require_version("GtkVnc", "2.0")' 2>/dev/null || skip "gtk-vnc is not installed"
	local t
	export VNC_USERNAME=bob VNC_PASSWORD=sesame
	reference
	for t in VncAuth TLSNone TLSVnc TLSPlain DH; do
		serve_type "$t"
		DISPLAY=$VIEWING gtkvnc.py 127.0.0.1 "$PORT" "$T/served.ppm" "$PATIENCE" || { echo "by $t"; cat "$T/server.err"; return 1; }
		came_in_by "$t" || return 1
		stop $server
	done
}

@test "noVNC's RSA-AES: with a user, wrong, and with a VncAuth password alone" {
	need node
	local novnc=$BUILD/npm/node_modules/@novnc/novnc/core
	[[ -e $novnc/ra2.js ]] || skip "noVNC is not there"
	mkdir "$T/novnc"
	cp -r "$novnc" "$T/novnc/core"
	echo '{"type":"module"}' >"$T/novnc/package.json"
	cp "$CONF/novnc_ra2.mjs" "$T/novnc/"
	serve_type RA2ne
	run node "$T/novnc/novnc_ra2.mjs" "$PORT" bob sesame
	assert_line "result 0"
	assert_line "size 800 600"
	run node "$T/novnc/novnc_ra2.mjs" "$PORT" bob opensesame
	assert_line "result 1"
	stop $server
	serve -s RA2ne -p "$SECRETS/vncpasswd" --rsa-key "$SECRETS/rsa.pem"
	run node "$T/novnc/novnc_ra2.mjs" "$PORT" "" sesame
	assert_line "result 0"
}

@test "rfbrec -c against TigerVNC's server: each type that it knows" {
	need Xtigervnc
	local t port
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
		-keyout "$T/k" -out "$T/c" 2>/dev/null
	for t in None VncAuth TLSNone TLSVnc X509None X509Vnc; do
		port=$(free_port)
		start_server theirs Xtigervnc -geometry 320x200 -depth 24 -rfbport "$port" -localhost -SecurityTypes "$t" \
			-PasswordFile "$SECRETS/vncpasswd" -X509Cert "$T/c" -X509Key "$T/k"
		xpaint <<<"noise 0 0 320 200 1" >/dev/null
		start rec rfbrec -1 -c "127.0.0.1::$port" -s "$t" -p "$SECRETS/vncpasswd" --ca "$T/c" "$T/$t.vnc.gz"
		wait_text "$T/rec.err" "recording .*, 320x200" || { echo "by $t"; return 1; }
		wait_for frames_of "$T/$t.vnc.gz"
		stop $rec
		if [[ $t = X509* ]]; then
			run timeout "$PATIENCE" rfbrec -1 -c "127.0.0.1::$port" -s "$t" -p "$SECRETS/vncpasswd" --ca "$SECRETS/other.pem" "$T/no.vnc.gz"
			assert_output --partial self-signed
			rm -f "$T/no.vnc.gz"
		fi
		stop $theirs
	done
}

@test "rfbrec -c against rfbd: RSA-AES, whose key must be the known one" {
	local t key
	export VNC_USERNAME=bob VNC_PASSWORD=sesame
	for t in RA2_256 RA2 RA2ne_256 RA2ne DH; do
		serve_type "$t"
		key=$(sed -n 's/.*: RSA key //p' "$T/server.err")
		start rec rfbrec -1 -c "127.0.0.1::$PORT" -s "$t" --fingerprint "$key" "$T/$t.vnc.gz"
		came_in_by "$t" || { cat "$T/rec.err"; return 1; }
		wait_for frames_of "$T/$t.vnc.gz"
		stop $rec
		if [[ $t != DH ]]; then
			run timeout "$PATIENCE" rfbrec -1 -c "127.0.0.1::$PORT" -s "$t" --fingerprint 00-11-22-33-44-55-66-77 "$T/no.vnc.gz"
			assert_output --partial "is not known"
			rm -f "$T/no.vnc.gz"
		fi
		stop $server
	done
}

# capture TYPE: the bytes on the wire while a client sees the scene in Raw, in $T/TYPE.pcap.
capture() {
	serve_type "$1"
	capture_to "$T/$1.pcap"
	client --user bob --password sesame --ca "$SECRETS/cert.pem" --encodings raw || return 1
	end_capture "$T/$1.pcap"
	stop $server
}
# eight pixels of the scene's background, as Raw sends them
shows_pixels() { LC_ALL=C grep -qaP '(\xd8\xd4\xd0.){8}' "$1"; }

@test "a capture shows pixels without TLS, and none with it" {
	need tshark
	capture VncAuth
	shows_pixels "$T/VncAuth.pcap"
	local t
	for t in TLSVnc X509Plain; do
		capture "$t"
		run shows_pixels "$T/$t.pcap"
		assert_failure
		run grep -a sesame "$T/$t.pcap"
		assert_failure
	done
}


@test "twenty guesses block one address and not another; a Unix socket is exempt" {
	serve -s VncAuth -p "$SECRETS/vncpasswd" -l "unix:$T/rfb"
	guess 127.0.0.7 20 >"$T/guesses"
	assert_equal "$(grep -c 'authentication failed' "$T/guesses")" 6
	assert_equal "$(tail -n 14 "$T/guesses" | grep -c 'too many')" 14
	run guess 127.0.0.8 1
	assert_output --partial "authentication failed"
	client --password sesame
	wait_text "$T/server.err" "127\.0\.0\.7.*[0-9]+ s"
	timeout $((PATIENCE * 2)) vncclient --display "$SERVED" --password sesame "$T/rfb"
}
