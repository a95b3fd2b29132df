#!/usr/bin/env bats
# long
# The browser page in Debian's Chromium.

bats_require_minimum_version 1.5.0
load page

setup() {
	rfbkit_setup
	start_screen 640x480
}

@test "the canvas shows exactly what the screen does, and follows it" {
	paint_scene 4
	publish
	serve_web
	open_page
	page connect
	page wait connected
	page_is_exact
	paint_scene 9
	page_is_exact
	scrolls page_is_exact
	page problems
	[ "$answer" = "[]" ]
}

page_is_exact() {
	reference
	page equal "$T/served.ppm"
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
	serve_web_again
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

@test "a viewer at a port that takes browsers too waits a millisecond for its greeting, and no more for its first picture" {
	paint_scene 1
	wait_for greets_at_once || { echo "$output"; return 1; }
}
# The least of many, in ms: what is waited for on purpose shows in each, a busy machine does not.
greets_at_once() {
	run env DISPLAY="$SERVED" VISITS=30 python3 "$REPO/tests/bench/connect.py"
	((status == 0)) && awk '/^(RFB alone|with -W) / { n++; if (($(NF - 5) >= 2) + ($(NF - 2) >= 50)) exit bad = 1 } END { exit bad || n != 2 }' <<<"$output"
}

@test "the port of viewers serves the page by http and https, also to an address that viewers come from" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
	local scheme
	for scheme in http https; do
		serve_web $([[ $scheme = http ]] || echo -C "$T/cert.pem" -K "$T/key.pem") --insecure -s None
		client
		# who is slower than a busy machine allows is known by the next try
		wait_for page_is_served "$scheme://127.0.0.1:$PORT/"
		client
		stop "$server"
	done
}
page_is_served() { curl -s --max-time 5 --cacert "$T/cert.pem" "$1" | grep -q '<title>rfbkit'; }

@test "nothing in the page is in the way of a screen reader, a keyboard, or weak eyes" {
	tigervncpasswd -f <<<"sesame42" >"$T/passwd"
	serve_web -p "$T/passwd"
	open_page
	local scheme panel
	for scheme in light dark; do
		page scheme "$scheme"
		page axe
	done
	page connect
	page waittext credentials-title 'Sign in'
	page axe
	page signin sesame42
	page wait connected
	for scheme in dark light; do
		page scheme "$scheme"
		for panel in keys clipboard picture stats; do
			page click "[data-panel=$panel-panel]"
			page axe
		done
	done
	page viewport 390 844
	page axe
}

@test "a lost source is told by a banner, and the picture goes on when it returns" {
	serve_web_fed
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
	feed
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
	# each colour is in the recording before it goes on; a mark in the midst of the first two
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 ff0000' >/dev/null
	DISPLAY=$SERVED start_sh recorder "fbgrab | fbdiff | rfbrec '$T/session.vnc.gz'"
	recorded_until ff0000
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 0000ff' >/dev/null
	recorded_until 0000ff
	DISPLAY=$SERVED xpaint <<<'fill 0 0 640 480 00ff00' >/dev/null
	wait_for recorded 00ff00
	stop "$recorder"
	rfbplay -I -j "$T/session.vnc.gz" >"$T/info"
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	# slow, so that its end is far off while it is stopped
	start player rfbplay --serve -s 0.01 "$T/session.vnc.gz" -- -l "127.0.0.1:$PORT" -W "127.0.0.1:$WEBPORT"
	wait_port "$WEBPORT" || { cat "$T/player.err"; return 1; }
	open_page
	page connect
	page wait connected
	wait_for time_line_shows
	page click '#pause'
	page waittext pause Play
	page axe
	page seekto "$(mark_at 0)"
	page waitpixel 320 200 ff0000
	page seekto "$(mark_at 1)"
	page waitpixel 320 200 0000ff
	page seekto 1
	page waitpixel 320 200 00ff00
	page seekto "$(mark_at 0)"
	page waitpixel 320 200 ff0000
	# goes on by itself, and faster when told to
	page click '#pause'
	page waittext pause Pause
	page set speed 8
	page waitpixel 320 200 00ff00
	page marks
	[ "$answer" = 2 ]
}
time_line_shows() { page hidden timeline && [[ $answer = false ]] && page text length && [[ $answer = "$(length_text)" ]]; }
length_text() { printf '%d:%02d' $(jq '.length | floor | . / 60, . % 60 | floor' "$T/info"); }
recorded() { [[ $(rfbplay -p 999 "$T/session.vnc.gz" | python3 "$REPO/tests/cli/png2ppm.py" | tail -c 3 | xxd -p) = "$1" ]]; }
recorded_until() {
	wait_for recorded "$1"
	sleep 0.5
	local before
	before=$(marks_recorded)
	signal_group USR1 "$(pids_of rfbrec)"
	wait_for marked_since "$before"
	sleep 0.5
}
marks_recorded() { rfbplay -I -j "$T/session.vnc.gz" | jq '.marks | length'; }
marked_since() { (($(marks_recorded) > $1)); }
# Where the mark stands, as a part of the whole length.
mark_at() { jq ".marks[$1].time / .length" "$T/info"; }
