#!/usr/bin/env bats
# The browser page in Debian's Chromium, and what rfbd makes of browsers that are not nice.
# alone

bats_require_minimum_version 1.5.0
load viewers

setup() {
	rfbkit_setup
	start_screen 640x480
}

# serve_web [RFBD-OPTION...]: the pipeline with the page at $WEB (host:port).
serve_web() {
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT -W 127.0.0.1:$WEBPORT $*"
	wait_port "$WEBPORT" || { cat "$T/server.err"; return 1; }
}

# page COMMAND...: says a line to the browser's driver and reads its answer into $answer.
page() {
	echo "$*" >&"$TO_PAGE"
	IFS= read -r -t $((PATIENCE * 3)) -u "$FROM_PAGE" answer || { echo "the browser's driver is gone"; cat "$T/page.err"; return 1; }
	[[ $answer = ok* ]] || { echo "page $*: $answer"; return 1; }
	answer=${answer#ok }
}

open_page() {
	need node chromium
	[[ -d $BUILD/web-test/node_modules ]] || skip "playwright-core is not there: npm was missing"
	mkfifo "$T/to" "$T/from"
	exec {TO_PAGE}<>"$T/to" {FROM_PAGE}<>"$T/from"
	START_IN=$T/to start_page
	page open "${1:-http://$WEB/}"
}
start_page() {
	HOME=$T start page env PATIENCE="$PATIENCE" sh -c 'exec node "$1" >"$2"' - "$BUILD/web-test/page.mjs" "$T/from"
}

@test "the canvas shows exactly what the screen does, and follows it" {
	paint_scene 4
	serve_web
	open_page
	page connect
	page wait connected
	reference
	page equal "$T/served.ppm"
	paint_scene 9
	reference
	page equal "$T/served.ppm"
	page problems
	[ "$answer" = "[]" ]
}

@test "the figures of the statistics panel are those counted outside" {
	mkdir -p "$T/stat"
	export RFB_STATDIR=$T/stat
	serve_web
	open_page
	page connect
	page wait connected
	page click '[data-panel=stats-panel]'
	for i in 1 2 3 4 5 6; do paint_scene $i; done
	reference
	page equal "$T/served.ppm"
	# received by the page, against what the server's statistics say was sent
	wait_for figures_agree
	wait_for panel_is_complete || { echo "$answer"; return 1; }
}
panel_is_complete() {
	page counters || return
	jq -e '.size == "640 × 480" and .encoding != "–" and (.rtt | endswith(" ms"))' <<<"$answer" >/dev/null
}
figures_agree() {
	page counters || return
	local sent
	sent=$(rfbstat -j | jq '.viewers[0].sent_bytes')
	jq -e --argjson sent "$sent" '.received > 1000 and (.received - $sent | fabs) <= 0.05 * $sent' <<<"$answer" >/dev/null
}

@test "what is typed and clicked arrives; view only stops it at once" {
	serve_web
	start report env DISPLAY="$SERVED" keyreport
	open_page
	page connect
	page wait connected
	page focus
	wait_for typed_once
	page clickat 100 60
	wait_text "$T/report.out" '^down 1 100 60$'
	page clickat 300 200 right
	wait_text "$T/report.out" '^down 3 300 200$'
	page wheel 200
	wait_text "$T/report.out" '^down 5 '
	page press Control+c
	wait_text "$T/report.out" '^press c Control$'
	page click 'label:has(#view-only)'
	page focus
	page type z
	page clickat 500 400
	page click 'label:has(#view-only)'
	page focus
	page type q
	wait_text "$T/report.out" '^press q '
	run ! grep -E '^press z|^down 1 500 400' "$T/report.out"
}
typed_once() { page type aB5 && grep -q '^press 5 ' "$T/report.out" && grep -q '^press B ' "$T/report.out"; }

@test "one key leads from the screen back to the bar, and nothing stays held" {
	serve_web
	start report env DISPLAY="$SERVED" keyreport
	open_page
	page connect
	page wait connected
	page focus
	wait_for typed_once
	page press Control+Alt+Shift+KeyM
	page focused
	[ "$answer" = view-only ]
	page focus
	page type w
	wait_text "$T/report.out" '^press w -$'
	run ! grep -E '^press [mM]( |$)' "$T/report.out"
}

@test "the page comes back when rfbd does" {
	serve_web
	open_page
	page connect
	page wait connected
	stop "$server"
	page wait waiting
	page waittext banner Trying
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT -W 127.0.0.1:$WEBPORT"
	page wait connected
	paint_scene 3
	reference
	page equal "$T/served.ppm"
}

@test "a password is asked for; a wrong one is refused with its reason" {
	tigervncpasswd -f <<<"sesame42" >"$T/passwd"
	serve_web -p "$T/passwd"
	open_page
	page connect
	page signin wrong
	page wait idle
	page text connect-error
	[ -n "$answer" ]
	page connect
	page signin sesame42
	page wait connected
}

@test "the RFB port takes browsers as well" {
	serve_web
	open_page "http://$WEB/"
	# a browser that is slow to ask, or keeps a spare connection, is taken for a viewer: the next try counts
	wait_for page open "http://127.0.0.1:$PORT/"
	page connect
	page wait connected
	paint_scene 1
	reference
	page equal "$T/served.ppm"
}

@test "a lost source is told by a banner, and the picture goes on when it returns" {
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	start server rfbd -S "$T/source" -l "127.0.0.1:$PORT" -W "127.0.0.1:$WEBPORT"
	wait_port "$WEBPORT"
	wait_for test -S "$T/source"
	DISPLAY=$SERVED start_sh feed "fbgrab | fbdiff | socat -u - 'UNIX-CONNECT:$T/source'"
	open_page
	page connect
	page wait connected
	page hidden banner
	[ "$answer" = true ]
	stop "$feed"
	page waittext banner 'source is gone'
	page state
	[ "$answer" = connected ]
	paint_scene 5
	DISPLAY=$SERVED start_sh feed "fbgrab | fbdiff | socat -u - 'UNIX-CONNECT:$T/source'"
	wait_for banner_is_hidden
	reference
	page equal "$T/served.ppm"
}
banner_is_hidden() { page hidden banner && [[ $answer = true ]]; }

@test "the clipboard goes both ways, whatever the alphabet" {
	local there='Grüße, 世界 🦊 „von dort“' here='ñandú Ελλάδα 漢字 🎈 von hier'
	serve_web
	open_page
	page connect
	page wait connected
	page click '[data-panel=clipboard-panel]'
	# from the screen into the page
	printf %s "$there" >"$T/there"
	DISPLAY=$SERVED start owner xclip -quiet -selection clipboard -i "$T/there"
	page waitvalue clipboard "$(jq -n --arg t "$there" '$t')"
	# and from the page to the screen, twice: a text with lines as well
	page fill clipboard "$(jq -n --arg t "$here" '$t')"
	page click '#clipboard-send'
	wait_for screen_has "$here"
	page fill clipboard '"eins\nzwei ß\n"'
	page click '#clipboard-send'
	wait_for screen_has $'eins\nzwei ß\n.' with_end
	# in step with the browser's own, both ways
	page click 'label:has(#clipboard-sync)'
	page copy "$(jq -n --arg t "own $here" '$t')"
	wait_for screen_has "own $here"
	printf %s "$there again" >"$T/there"
	DISPLAY=$SERVED start again xclip -quiet -selection clipboard -i "$T/there"
	wait_for page pasted "$(jq -n --arg t "$there again" '$t')"
}
screen_has() {
	local text
	text=$(DISPLAY=$SERVED timeout 5 xclip -o -selection clipboard && { [[ -z ${2-} ]] || echo .; }) && [[ $text = "$1" ]]
}

@test "https and wss with a certificate made for the place" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
	printf 'sesame42\n' | tigervncpasswd -f >"$T/passwd"
	serve_web -C "$T/cert.pem" -K "$T/key.pem" -p "$T/passwd"
	curl -s --max-time 10 --cacert "$T/cert.pem" "https://$WEB/" | grep -q '<title>rfbkit'
	open_page "https://$WEB/"
	page connect
	page signin sesame42
	page wait connected
	page protocol
	[ "$answer" = wss: ]
	paint_scene 2
	reference
	page equal "$T/served.ppm"
	wait_text "$T/server.err" 'came in'
}

@test "the time line of a recording: length, marks, seek by click, pause, speed" {
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 ff0000' >/dev/null
	DISPLAY=$SERVED start_sh recorder "fbgrab | fbdiff | rfbrec '$T/session.vnc.gz'"
	wait_for recorded_frames 1
	sleep 3
	signal_group USR1 "$(pids_of rfbrec)"
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 0000ff' >/dev/null
	sleep 3
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 00ff00' >/dev/null
	sleep 1
	stop "$recorder"
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	start player rfbplay --serve "$T/session.vnc.gz" -- -l "127.0.0.1:$PORT" -W "127.0.0.1:$WEBPORT"
	wait_port "$WEBPORT" || { cat "$T/player.err"; return 1; }
	open_page
	page connect
	page wait connected
	wait_for time_line_shows
	page click '#pause'
	page waittext pause Play
	page seekto 0.05
	page waitpixel 320 200 ff0000
	page seekto 0.6
	page waitpixel 320 200 0000ff
	page seekto 1
	page waitpixel 320 200 00ff00
	page seekto 0.05
	page waitpixel 320 200 ff0000
	# goes on by itself, and faster when told to
	page set speed 8
	page click '#pause'
	page waittext pause Pause
	page waitpixel 320 200 00ff00
	page marks
	[ "$answer" -ge 1 ]
}
time_line_shows() { page hidden timeline && [[ $answer = false ]] && page text length && [[ $answer = 0:0[6-9] || $answer = 0:1? ]]; }
recorded_frames() { [[ -s $T/session.vnc.gz ]] && (($(zcat "$T/session.vnc.gz" 2>/dev/null | wc -c) > 500)); }

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

# --- HTTP by hand -------------------------------------------------------------------------

# http FILE-OF-REQUEST...: the status of the answer.
status_of() { printf "$1" | timeout 20 socat -t 10 - "TCP:$WEB" 2>/dev/null | head -1 | tr -d '\r' | cut -d ' ' -f 2; }

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
upgrade_status() { upgrade "$@" | timeout 20 socat -t 1 - "TCP:$WEB" | head -1 | tr -d '\r' | cut -d ' ' -f 2; }

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
		status=$({ upgrade /websockify; printf '%b' "${frame%:*}"; } | timeout 20 socat -t 5 - "TCP:$WEB" | python3 -c '
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

@test "a time line without a viewer of its session is closed" {
	serve_web
	upgrade '/control?session=abc' | timeout 20 socat -t 2 - "TCP:$WEB" >/dev/null
	wait_text "$T/server.err" 'a time line without a viewer'
}
