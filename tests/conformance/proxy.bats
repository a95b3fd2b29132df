#!/usr/bin/env bats
# The browser page behind other servers, and what rfbd makes of browsers that are not nice.

bats_require_minimum_version 1.5.0
load page

setup() {
	rfbkit_setup
	start_screen 640x480
}

# --- behind proxies, as doc/web.md shows them -------------------------------------------------

# snippet LANGUAGE: the example of doc/web.md, with the ports, files and names of this test.
snippet() {
	awk -v l="\`\`\`$1" '$0 == l { on = 1; next } on && /^```$/ { exit } on' "$REPO/doc/web.md" |
		sed -e "s|443|127.0.0.1:$FRONT|; s|127.0.0.1:6080|$WEB|; s|\*:127|127|" -e "s|/etc/ssl/desk|$T/desk|g; s|desk.example.org|localhost|"
}
certificate_for_proxies() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -keyout "$T/desk.key" -out "$T/desk.pem" 2>/dev/null
	cat "$T/desk.key" "$T/desk.pem" >"$T/desk-both.pem"
	printf 'sesame42\n' | tigervncpasswd -f >"$T/passwd"
	FRONT=$(free_port)
}
assert_page_through_proxy() {
	wait_port "$FRONT" || { cat "$T/proxy.err"; return 1; }
	open_page "https://localhost:$FRONT/desktop/"
	page connect
	page signin sesame42
	page wait connected
	page protocol
	[ "$answer" = wss: ]
	paint_scene 6
	reference
	page equal "$T/served.ppm"
	# a page of somewhere else gets no further than without the proxy
	[ "$(curl -sk -o /dev/null -w '%{http_code}' --http1.1 -H 'Upgrade: websocket' -H 'Connection: Upgrade' \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'Sec-WebSocket-Version: 13' -H 'Origin: https://evil.example' \
		"https://localhost:$FRONT/desktop/websockify")" = 403 ]
}

@test "behind nginx, with its TLS and in a folder" {
	need nginx
	certificate_for_proxies
	serve_web -p "$T/passwd"
	{
		echo "daemon off; pid $T/nginx.pid; error_log stderr; events { } http { access_log off;"
		[[ $EUID != 0 ]] || echo "proxy_max_temp_file_size 0;"
		local kind
		for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $T/nginx-$kind;"; done
		snippet nginx
		echo "}"
	} >"$T/nginx.conf"
	start proxy nginx -p "$T" -c "$T/nginx.conf"
	assert_page_through_proxy
}

@test "behind HAProxy, with its TLS and in a folder" {
	need haproxy
	certificate_for_proxies
	serve_web -p "$T/passwd"
	{ printf 'defaults\n\tmode http\n\ttimeout client 1m\n\ttimeout server 1m\n\ttimeout connect 5s\n'; snippet haproxy; } >"$T/haproxy.cfg"
	start proxy haproxy -db -f "$T/haproxy.cfg"
	assert_page_through_proxy
}

# Its certificate is this test's, where it would get one itself.
@test "behind Caddy, with its TLS and in a folder" {
	need caddy
	certificate_for_proxies
	serve_web -p "$T/passwd"
	{
		printf '{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system %s\n}\n' "$T/caddy"
		snippet caddy | sed "s|^localhost {|https://localhost:$FRONT {\n\ttls $T/desk.pem $T/desk.key|"
	} >"$T/Caddyfile"
	HOME=$T XDG_CONFIG_HOME=$T XDG_DATA_HOME=$T start proxy caddy run --config "$T/Caddyfile" --adapter caddyfile
	assert_page_through_proxy
}

# --- HTTP by hand -------------------------------------------------------------------------

# http FILE-OF-REQUEST...: the status of the answer.
status_of() { printf "$1" | timeout 20 socat -t 15 - "TCP:$WEB" 2>/dev/null | head -1 | tr -d '\r' | cut -d ' ' -f 2; }

@test "files: types, tags, security headers, nothing else" {
	serve_web
	curl -si --max-time 10 "http://$WEB/" >"$T/head"
	grep -qi '^content-type: text/html' "$T/head"
	grep -qi "^content-security-policy: default-src 'none'" "$T/head"
	grep -qi '^x-content-type-options: nosniff' "$T/head"
	tag=$(grep -i '^etag:' "$T/head" | tr -d '\r' | cut -d ' ' -f 2)
	[ "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" "http://$WEB/")" = 304 ]
	[ "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "http://$WEB/novnc/core/rfb.js")" = "200 text/javascript; charset=utf-8" ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$WEB/package.json")" = 404 ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$WEB/.built")" = 404 ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://$WEB/")" = 405 ]
	# two requests on one connection
	[ "$(curl -s -o /dev/null -o /dev/null -w '%{num_connects}' "http://$WEB/" "http://$WEB/style.css")" = 10 ]
}

@test "requests that two servers could read differently are refused" {
	serve_web
	[ "$(status_of 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x')" = 413 ]
	[ "$(status_of 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')" = 501 ]
	[ "$(status_of 'GET / HTTP/1.1\nHost: a\n\n')" = 400 ]
	[ "$(status_of 'GET / HTTP/1.1\r\nHost : a\r\n\r\n')" = 400 ]
	[ "$(status_of 'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n')" = 400 ]
	[ "$(status_of 'GET /%%2e%%2e/%%2e%%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n')" = 400 ]
	[ "$(status_of 'GET /novnc/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n')" = 400 ]
	[ "$(status_of "GET / HTTP/1.1\r\nHost: a\r\nX: $(printf 'x%.0s' {1..9000})\r\n\r\n")" = 431 ]
	wait_text "$T/server.err" 'HTTP 400'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$WEB/")" = 200 ]
}

upgrade() {	# PATH HEADERS
	printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%b\r\n' "$1" "${HOST:-$WEB}" "${2-}"
}
upgrade_status() { upgrade "$@" | timeout 20 socat -t 15 - "TCP:$WEB" | head -1 | tr -d '\r' | cut -d ' ' -f 2; }

@test "WebSocket: other origins, names of others, unknown places are refused" {
	serve_web
	[ "$(upgrade_status /websockify)" = 101 ]
	[ "$(upgrade_status /)" = 101 ]
	[ "$(upgrade_status /websockify "Origin: http://$WEB\r\n")" = 101 ]
	[ "$(upgrade_status /websockify 'Origin: http://evil.example\r\n')" = 403 ]
	[ "$(upgrade_status /websockify 'Origin: null\r\n')" = 403 ]
	# a name that was pointed at this machine
	[ "$(HOST=evil.example:$WEBPORT upgrade_status /websockify "Origin: http://evil.example:$WEBPORT\r\n")" = 403 ]
	[ "$(upgrade_status /nothing)" = 404 ]
	wait_text "$T/server.err" 'HTTP 403'
}

@test "WebSocket: frames against the rules end the connection with the right status, and are logged" {
	serve_web
	# unmasked binary, masked text, a frame of 2 MiB
	local frame status
	for frame in '\x82\x03abc:1002' '\x81\x83\0\0\0\0abc:1003' '\x82\xff\0\0\0\0\0\x20\0\0\0\0\0\0x:1009'; do
		status=$({ upgrade /websockify; printf '%b' "${frame%:*}"; } | timeout 20 socat -t 15 - "TCP:$WEB" | python3 -c '
import sys
data = sys.stdin.buffer.read().split(b"\r\n\r\n", 1)[1]
while data:
    op, n = data[0] & 15, data[1] & 127
    if op == 8: print(int.from_bytes(data[2:4], "big")); break
    data = data[2 + n:]')
		[ "$status" = "${frame##*:}" ] || { echo "$frame: $status"; return 1; }
	done
	wait_text "$T/server.err" 'WebSocket: an unmasked frame'
	wait_text "$T/server.err" 'WebSocket: a text frame'
	wait_text "$T/server.err" 'WebSocket: a frame that is too large'
}

@test "WebSocket: what comes in one piece, in sixty frames, is all acted upon at once" {
	serve_web -i "'cat >$T/events'"
	mkfifo "$T/stay"
	exec {STAY}<>"$T/stay"
	START_IN=$T/stay start burst "$CONF/burst.py" "$WEB" 60
	wait_for all_keys 60 || { keys; cat "$T/burst.err"; return 1; }
	alive "$burst"		# it is still there: its end has brought none of them
}
keys() { python3 "$REPO/tests/golden/read_fbs.py" <"$T/events" 2>/dev/null | grep -c KEY; }
all_keys() { (($(keys) == $1)); }

@test "a time line without a viewer of its session is closed" {
	serve_web
	upgrade '/control?session=abc' | timeout 20 socat -t 15 - "TCP:$WEB" >/dev/null
	wait_text "$T/server.err" 'a time line without a viewer'
}
