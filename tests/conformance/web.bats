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
