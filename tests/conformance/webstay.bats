#!/usr/bin/env bats
# long
# The browser page over a long session: connections that are lost, dialogs that nobody answers, keys of every sort.

bats_require_minimum_version 1.5.0
load page

setup() {
	rfbkit_setup
	start_screen 640x480
}

secret() { tigervncpasswd -f <<<"sesame42" >"$T/passwd"; }

@test "a password typed after the server has stopped waiting for it is given to the next connection" {
	secret
	serve_web -p "$T/passwd"
	open_page
	page connect
	page waittext credentials-title 'Sign in'
	page fill password '"sesame"'
	stop "$server"
	page unconnected
	serve_web_again -p "$T/passwd"
	page value password
	[ "$answer" = '"sesame"' ]
	page shown connect
	[ "$answer" = false ]
	page signin sesame42
	page wait connected
}

@test "the page comes back by itself where a password is needed, and holds no key that it held" {
	secret
	serve_web -p "$T/passwd"
	open_page
	page connect
	page signin sesame42
	page wait connected
	page click '[data-panel=keys-panel]'
	page click '[data-hold=Control_L]'
	stop "$server"
	page wait waiting
	serve_web_again -p "$T/passwd"
	page wait connected
	page js 'document.querySelectorAll("[data-hold][aria-pressed=true]").length'
	[ "$answer" = 0 ]
	# another password is not guessed: it is asked for
	stop "$server"
	page wait waiting
	tigervncpasswd -f <<<"another1" >"$T/passwd"
	serve_web_again -p "$T/passwd"
	page wait idle
	page text connect-error
	[ "$answer" = "Authentication failed." ]
	page connect
	page signin another1
	page wait connected
}

@test "who waits for a server that does not come back may try at once, or give up" {
	serve_web
	open_page
	page connect
	page wait connected
	stop "$server"
	page wait waiting
	page axe
	page click '#retry'
	page state
	[ "$answer" = waiting ]
	page click '#disconnect'
	page wait idle
	page hidden banner
	[ "$answer" = true ]
	page shown disconnect
	[ "$answer" = false ]
}

@test "a server that says nothing any more is told of, and then given up" {
	serve_web
	open_page
	page clock
	page open "http://$WEB/"
	page connect
	page wait connected
	page pass 2
	kill -STOP $(pids_of rfbd)
	page pass 15
	page waittext banner 'does not answer'
	kill -CONT $(pids_of rfbd)
	wait_for answers_again
	kill -STOP $(pids_of rfbd)
	page pass 40
	page wait waiting
	kill -CONT $(pids_of rfbd)
	wait_for came_back
	paint_scene 3
	reference
	page equal "$T/served.ppm"
}
answers_again() { page pass 1 && page hidden banner && [[ $answer = true ]]; }
came_back() { page pass 5 && page state && [[ $answer = connected ]]; }

@test "dead keys, composed words and what is corrected in them are typed once" {
	serve_web
	start report env DISPLAY="$SERVED" keyreport
	open_page
	page connect
	page wait connected
	page focus
	wait_for typed_once
	page key Dead BracketLeft
	page key é KeyE
	wait_text "$T/report.out" '^press eacute '
	run ! grep -q '^press bracketleft' "$T/report.out"
	page js 'document.getElementById("touch-keyboard").click()'
	page compose t te teh the
	page insert z
	wait_text "$T/report.out" '^press z '
	# what was wrong is taken back, nothing else
	[ "$(tail -n +"$(line_of eacute)" "$T/report.out" | awk '$1 == "press" { printf "%s ", $2 }')" = "eacute t e h BackSpace BackSpace h e z " ]
	page press Backspace
	wait_for test 3 = "$(grep -c '^press BackSpace' "$T/report.out")"
}
line_of() { grep -n "^press $1 " "$T/report.out" | head -n 1 | cut -d: -f1; }
typed_once() { page type q && grep -q '^press q ' "$T/report.out"; }

@test "a picture larger than the window is moved by dragging, when that is asked for" {
	serve_web
	start report env DISPLAY="$SERVED" keyreport
	open_page
	page viewport 400 400
	page connect
	page wait connected
	page shown drag
	[ "$answer" = false ]
	page click '[data-panel=picture-panel]'
	page js 'document.getElementById("scaling").value = "clip"'
	page set scaling clip
	page click '[data-panel=picture-panel]'
	wait_for drag_is_shown
	page axe
	page drag 300 350 100 250
	wait_for pressed_at 1
	page click '#drag'
	page drag 300 350 100 250
	page click '#drag'
	page drag 300 350 100 250
	# the same place of the window is another one of the screen, and the drag between was the window's alone
	wait_for pressed_at 2
	run ! pressed_at 3
	(($(pressed_at 2) == $(pressed_at 1) + 200)) || { cat "$T/report.out"; return 1; }
}
pressed_at() { grep '^down 1 ' "$T/report.out" | sed -n "$1p" | cut -d' ' -f3 | grep .; }
drag_is_shown() { page shown drag && [[ $answer = true ]]; }

@test "what a page that only watches cannot do is not offered" {
	serve_web
	open_page "http://$WEB/#view_only=1"
	page connect
	page wait connected
	page click '[data-panel=keys-panel]'
	page js 'document.querySelectorAll("#keys-panel button:enabled, #clipboard-send:enabled").length'
	[ "$answer" = 0 ]
	page axe
	page click 'label:has(#view-only)'
	page js 'document.querySelectorAll("#keys-panel button:disabled, #clipboard-send:disabled").length'
	[ "$answer" = 0 ]
	# another fragment is another page
	page js 'globalThis.former = true; location.hash = "#autoconnect=1"'
	page waitjs '!globalThis.former && document.body?.dataset.state === "connected"'
}

@test "full screen is the picture's alone; the bar waits above it" {
	serve_web
	open_page
	page connect
	page wait connected
	page click '#fullscreen'
	page waitjs '!!document.fullscreenElement && document.querySelector("#screen").getBoundingClientRect().top === 0'
	page mouse 300 300
	page waitjs 'document.getElementById("bar").getBoundingClientRect().bottom <= 0'
	page press Control+Alt+Shift+KeyM
	page waitjs 'document.getElementById("bar").getBoundingClientRect().top === 0'
	page click '#fullscreen'
	page waitjs '!document.fullscreenElement && document.querySelector("#screen").getBoundingClientRect().top > 0'
	# a phone on its side: one row of buttons, and the picture has the rest
	page viewport 667 375
	page waitjs 'document.querySelector("#screen").getBoundingClientRect().height > 320'
	page axe
}

@test "fifty connections leave nothing in the page" {
	serve_web
	open_page
	page connect
	page wait connected
	page reconnect 2
	page held
	local before=$answer
	page reconnect 50
	page held
	echo "before: $before, after: $answer"
	jq -e --argjson b "$before" '.listeners <= $b.listeners + 5 and .nodes <= $b.nodes + 40 and .bytes <= $b.bytes + 1000000' <<<"$answer"
}

@test "what was copied on the screen while one was elsewhere is there when one returns; what was copied elsewhere wins" {
	serve_web
	open_page
	page connect
	page wait connected
	page click '[data-panel=clipboard-panel]'
	page copy '"old"'
	page click 'label:has(#clipboard-sync)'
	wait_for screen_has old
	page js 'document.hasFocus = () => false'
	owns there
	page waitvalue clipboard '"there"'
	page js 'delete document.hasFocus, window.dispatchEvent(new Event("focus"))'
	wait_for page pasted '"there"'
	screen_has there
	page js 'document.hasFocus = () => false'
	owns again
	page waitvalue clipboard '"again"'
	page js 'delete document.hasFocus'
	page copy '"here"'
	wait_for screen_has here
}
owns() { printf %s "$1" >"$T/owned.$1"; DISPLAY=$SERVED start "owner_$1" xclip -quiet -selection clipboard -i "$T/owned.$1"; }
screen_has() { [[ $(DISPLAY=$SERVED timeout 5 xclip -o -selection clipboard) = "$1" ]]; }

@test "the line that tells of the source is made again when it is cut" {
	serve_web_fed
	open_page
	page cuttable
	page open "http://$WEB/"
	page connect
	page wait connected
	wait_for controls_are 1
	stop "$feed"
	page waittext banner 'source is gone'
	page cut
	wait_for controls_are 2
	feed
	wait_for banner_is_hidden
}
controls_are() { page controls && ((answer == $1)); }
banner_is_hidden() { page hidden banner && [[ $answer = true ]]; }
