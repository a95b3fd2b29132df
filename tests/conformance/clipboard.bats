#!/usr/bin/env bats
# What is copied on one side can be pasted on the other, through viewers of other projects: UTF-8, lines, and large texts.

load viewers

TEXT=$'grün, 中文, ß é €\nsecond line\n'

setup() {
	rfbkit_setup
	need xtigervncviewer xclip
	start_screen 640x480
	start_viewer_screen
	serve
}

copy_on() { DISPLAY=$1 start "owner$RANDOM" xclip -quiet -selection "${2:-clipboard}" "$T/copied"; }
pasted_on() { DISPLAY=$1 timeout 5 xclip -o -selection "${2:-clipboard}" >"$T/pasted" 2>/dev/null && cmp -s "$T/copied" "$T/pasted"; }
assert_pasted_on() { wait_for pasted_on "$@" || { echo "pasted:"; head -c 200 "$T/pasted"; return 1; }; }
# The viewer passes clipboards on, either way, only while it has the focus.
focus_viewer() { DISPLAY=$VIEWING xdotool windowfocus --sync "$(viewer_window)"; }

@test "from the served display to TigerVNC's viewer: CLIPBOARD and PRIMARY" {
	tigervnc
	focus_viewer
	printf %s "$TEXT" >"$T/copied"
	copy_on "$SERVED"
	assert_pasted_on "$VIEWING"
	printf 'something else, plain' >"$T/copied"
	copy_on "$SERVED" primary
	assert_pasted_on "$VIEWING"
}

@test "from TigerVNC's viewer to the served display, to be pasted as CLIPBOARD and as PRIMARY" {
	tigervnc
	focus_viewer
	printf %s "$TEXT" >"$T/copied"
	copy_on "$VIEWING"
	focus_viewer
	assert_pasted_on "$SERVED"
	assert_pasted_on "$SERVED" primary
}

@test "200 kB both ways, whole" {
	tigervnc
	focus_viewer
	for ((i = 0; i < 5000; i++)); do echo "line $i of a long text, with ünïcödé"; done | head -c 200000 | iconv -c -t UTF-8 >"$T/copied"
	copy_on "$SERVED"
	assert_pasted_on "$VIEWING"
	sed -i s/line/Zeile/ "$T/copied"
	copy_on "$VIEWING"
	focus_viewer
	assert_pasted_on "$SERVED"
}

@test "nothing echoes: a text copied once is owned by its owner still" {
	tigervnc
	focus_viewer
	printf %s "$TEXT" >"$T/copied"
	copy_on "$SERVED"
	assert_pasted_on "$VIEWING"
	sleep 1
	# the owner of the served display's selection is xclip, which would have ended had it lost it
	[[ -n $(pids_of xclip) ]]
	assert_pasted_on "$SERVED"
}
