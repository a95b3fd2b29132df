# fbinput: keys, pointer, selections and sizes, from a stream of events to a display.
load helpers
bats_require_minimum_version 1.5.0

setup() {
	rfbkit_setup
	case $BATS_TEST_DESCRIPTION in
	*'(no display)'*) ;;
	*resiz*) start_xvnc x 640x480 ;;
	*) start_x x 800x600 && setxkbmap us ;;
	esac
}

# begin [OPTIONS]: fbinput reads what `say` writes; what it answers is in $T/input.out. $report: keyreport.
begin() {
	mkfifo "$T/lines" "$T/events"
	START_IN=$T/lines start make fbsmake_to "$T/events"
	exec {feed}>"$T/lines"
	START_IN=$T/events start input fbinput "$@"
}
fbsmake_to() { exec fbsmake >"$1"; }
say() { printf '%s\n' "$@" >&"$feed"; }
watch_keys() {
	start report keyreport
	wait_text "$T/report.out" ready
}
end_of_stream() { exec {feed}>&-; }
teardown() {
	[[ -n ${feed-} ]] && exec {feed}>&-
	rfbkit_teardown
}

# reported LINES...: this is what keyreport said, in this order, since the last call.
told=1
reported() {
	local want n=$(($# + told))
	want=$(printf '%s\n' "$@")
	wait_for eval '(( $(grep -c "" "$T/report.out") >= n ))' || { tail -n +$((told + 1)) "$T/report.out"; return 1; }
	assert_equal "$(tail -n +$((told + 1)) "$T/report.out" | head -n $#)" "$want"
	told=$n
}
# Characters, by themselves: each press as keyreport names it.
presses() { awk -v from="$told" 'NR > from && /^press/ { printf "%s ", $2 }' "$T/report.out"; }
# The same for buttons alone: moves with a button down may be one or several.
clicked() {
	local want n=$#
	want=$(printf '%s\n' "$@")
	wait_for eval '(( $(grep -cE "^(down|up)" "$T/report.out") >= n ))'
	assert_equal "$(grep -E '^(down|up)' "$T/report.out")" "$want"
}
nothing_down() { [[ $(xkeysdown) = "" ]]; }
assert_nothing_down() { wait_for nothing_down || { xkeysdown; return 1; }; }

@test "keysyms of the layout, with and without the viewer's own Shift" {
	begin
	watch_keys
	say 'join 1 i' 'key 1 a' 'down 1 Shift_L' 'key 1 A' 'up 1 Shift_L' 'key 1 Return'
	reported 'press a -' 'release a' 'press Shift_L -' 'press A Shift' 'release A' 'release Shift_L' 'press Return -' 'release Return'
	assert_nothing_down
}

@test "a modifier that the key needs is pressed around it, and one that is in the way lifted" {
	begin
	watch_keys
	say 'join 1 i' 'key 1 A'
	reported 'press Shift_L -' 'press A Shift' 'release Shift_L' 'release a'
	# a viewer with a German keyboard: Shift+7 is the slash
	say 'down 1 Shift_L' 'key 1 slash' 'key 1 B' 'up 1 Shift_L'
	reported 'press Shift_L -' 'release Shift_L' 'press slash -' 'press Shift_L -' 'release question' \
		'press B Shift' 'release B' 'release Shift_L'
	assert_nothing_down
}

@test "Control and Alt stay held whatever the key" {
	begin
	watch_keys
	say 'join 1 i' 'down 1 Control_L' 'key 1 c' 'down 1 Alt_L' 'key 1 Delete' 'up 1 Alt_L' 'up 1 Control_L'
	reported 'press Control_L -' 'press c Control' 'release c' 'press Alt_L Control'  \
		'press Delete Control+Alt' 'release Delete' 'release Alt_L' 'release Control_L'
	assert_nothing_down
}

@test "ISO_Left_Tab is Shift+Tab, with the viewer's Shift or without" {
	begin
	watch_keys
	say 'join 1 i' 'down 1 Shift_L' 'key 1 ISO_Left_Tab' 'key 1 Tab' 'up 1 Shift_L' 'key 1 ISO_Left_Tab'
	reported 'press Shift_L -' 'press ISO_Left_Tab Shift' 'release ISO_Left_Tab' 'press ISO_Left_Tab Shift' \
		'release ISO_Left_Tab' 'release Shift_L' 'press Shift_L -' 'press ISO_Left_Tab Shift' 'release Shift_L' 'release Tab'
}

# One keysym each: pressed as it is, whatever modifiers that takes.
types_each() {
	local k
	for k; do
		told=$(grep -c '' "$T/report.out")
		say "key 1 $k"
		wait_for eval '[[ " $(presses)" = *" ${k} "* ]]' || { echo "$k came as: $(presses)"; return 1; }
	done
	assert_nothing_down
	wait_for all_released
}
# What nothing_down says of the server has been reported, too.
all_released() { (($(grep -c ^press "$T/report.out") == $(grep -c ^release "$T/report.out"))); }

@test "layouts: us, de, fr" {
	begin
	watch_keys
	say 'join 1 i'
	types_each a Z 0 at braceleft asciitilde quotedbl
	setxkbmap de
	types_each z Y ssharp adiaeresis Udiaeresis at EuroSign braceleft bar degree dead_acute
	setxkbmap fr
	types_each a q A eacute egrave ccedilla 5 percent EuroSign at dead_circumflex
}

@test "two groups: the one now active decides, the other is reached too" {
	setxkbmap -layout us,ru -option grp:shifts_toggle
	begin
	watch_keys
	say 'join 1 i'
	types_each a Cyrillic_ef a
	# the second group becomes the active one
	say 'down 1 Shift_L' 'down 1 Shift_R' 'up 1 Shift_R' 'up 1 Shift_L'
	wait_for eval '[[ $(xkeysdown group) = 1 ]]'
	types_each Cyrillic_ef a Cyrillic_EF
	assert_equal "$(xkeysdown group)" 1
}

@test "what the layout lacks: ß é € ñ, CJK, dead keys, more than there are scratch keycodes" {
	local i want=
	before=$(xmodmap -pke)
	begin
	watch_keys
	say 'join 1 i'
	types_each ssharp eacute EuroSign ntilde U4E2D Udiaeresis dead_acute
	told=$(grep -c '' "$T/report.out")
	for i in {0..24}; do
		say "key 1 $(printf U4E%02X $((i + 48)))"
		want+=$(printf 'U4E%02X ' $((i + 48)))
		# whoever is behind by more keycodes than are lent reads the map of later ones
		wait_for eval '[[ $(presses) = "$want" ]]' || { echo "wanted: $want got: $(presses)"; return 1; }
	done
	# what can be no keysym is lent nothing
	told=$(grep -c '' "$T/report.out")
	say 'key 1 0x90000001' 'key 1 a'
	reported 'press a -' 'release a'
	# the Unicode keysym of what the layout has is the layout's key
	types_each a
	told=$(grep -c '' "$T/report.out")
	say 'key 1 0x1000061'
	reported 'press a -' 'release a'
	end_of_stream
	wait_exit "$input"
	assert_equal "$(xmodmap -pke)" "$before"
}

@test "a sentence that the layout lacks, at once: a keycode means nothing else before it can have been looked up" {
	local i want= since
	begin
	watch_keys
	# whoever is typed to is slow
	kill -STOP "$report"
	say 'join 1 i'
	for i in {1..15}; do
		say "key 1 $(printf U4E%02X "$i")"
		want+=$(printf 'U4E%02X ' "$i")
	done
	wait_for is_lent U4E0F
	kill -CONT "$report"
	wait_for eval '[[ $(presses) = "$want" ]]' || { echo "wanted: $want got: $(presses)"; return 1; }
	# more than there are: the last one comes after the first ones have rested
	since=$(now_ms)
	for i in {32..71}; do
		say "key 1 $(printf U4E%02X "$i")"
	done
	wait_for is_lent U4E47
	assert [ $(($(now_ms) - since)) -ge 200 ]
	# as does the end
	since=$(now_ms)
	say 'key 1 U4E01'
	wait_for is_lent U4E01
	end_of_stream
	wait_exit "$input"
	assert [ $(($(now_ms) - since)) -ge 200 ]
	run is_lent U4E01
	assert_failure
}
is_lent() { xmodmap -pke | grep -q "= $1 "; }

@test "scratch keycodes are given back on SIGTERM, too" {
	local before=$(xmodmap -pke)
	begin
	watch_keys
	say 'join 1 i'
	types_each U4E2D
	assert_not_equal "$(xmodmap -pke)" "$before"
	kill -TERM "$input"
	wait_exit "$input"
	assert_equal "$status" 0
	assert_equal "$(xmodmap -pke)" "$before"
}

@test "a layout that changes under it takes the loans away, and they are made anew" {
	begin
	watch_keys
	say 'join 1 i'
	types_each U4E2D
	setxkbmap de
	types_each U4E2D z
	setxkbmap us
	types_each U4E2D z
}

@test "Caps Lock and Num Lock of the display do not get in the way" {
	begin
	watch_keys
	say 'join 1 i' 'key 1 Caps_Lock' 'key 1 Num_Lock'
	reported 'press Caps_Lock -' 'release Caps_Lock' 'press Num_Lock Lock' 'release Num_Lock'
	types_each a A 5 KP_5 KP_Home KP_5 eacute
}

@test "Shift of a person at the screen's own keyboard is lifted for a key, and is not left down on ours" {
	local host=$DISPLAY
	command -v Xephyr || skip "Xephyr is not installed"
	start_server nested Xephyr -screen 640x480
	begin
	watch_keys
	DISPLAY=$host xdotool mousemove --sync 300 300 keydown Shift_L
	reported 'press Shift_L -'
	say 'join 1 i' 'key 1 a'
	reported 'release Shift_L' 'press a -' 'press Shift_L -' 'release A'
	DISPLAY=$host xdotool keyup Shift_L
	reported 'release Shift_L'
	say 'key 1 A'
	reported 'press Shift_L -' 'press A Shift' 'release Shift_L' 'release a'
}

@test "hardware codes choose among keys that have the keysym, and stand in where there is none" {
	begin
	watch_keys
	say 'join 1 i' 'key 1 Return 9c' 'key 1 Shift_R 36' 'key 1 NoSymbol 1e' 'key 1 Print b7' 'key 1 Print 54' 'key 1 y 2c'
	# 0x9c is the keypad's Enter, which has no Return; 0x2c is the key left of x
	reported 'press Return -' 'release Return' 'press Shift_R -' 'release Shift_R' 'press a -' 'release a' \
		'press Print -' 'release Print' 'press Print -' 'release Print' 'press y -' 'release y'
}

@test "raw: the hardware code decides" {
	setxkbmap de
	begin --raw
	watch_keys
	say 'join 1 i' 'key 1 z 2c' 'key 1 y 15' 'key 1 q 10' 'key 1 x'
	reported 'press y -' 'release y' 'press z -' 'release z' 'press q -' 'release q' 'press x -' 'release x'
}

repeating() { xset q | grep -A3 'auto repeating keys'; }
@test "a held key is not repeated by the server, only by its viewer" {
	xset r rate 200 50
	local before=$(repeating)
	begin
	watch_keys
	say 'join 1 i' 'down 1 a'
	reported 'press a -'
	sleep 0.8
	assert_equal "$(grep -c '^press a' "$T/report.out")" 1
	say 'down 1 a' 'down 1 a' 'up 1 a' 'key 1 b'
	reported 'release a' 'press a -' 'release a' 'press a -' 'release a' 'press b -' 'release b'
	# and it is as before afterwards
	wait_for eval '[[ $(repeating) = "$before" ]]'
}

@test "a viewer that leaves lets go of everything; another one's key stays down" {
	begin
	watch_keys
	say 'join 1 i' 'join 2 i' 'down 1 a' 'down 1 Control_L' 'down 2 b' 'down 2 Control_L' 'motion 1 10 20 1' 'motion 2 30 40 1'
	reported 'press a -' 'press Control_L -' 'press b Control' 'down 1 10 20' 'drag 1 30 40'
	say 'leave 1'
	reported 'release a'
	assert_equal "$(xkeysdown)" $'Control_L\nb\nbutton 1'
	say 'leave 2'
	reported 'release Control_L' 'release b' 'up 1 30 40' || reported 'release b' 'release Control_L' 'up 1 30 40'
	assert_nothing_down
}

@test "keys that are never released: none is one too many, nor one that the layout lacks" {
	local k
	begin
	watch_keys
	say 'join 1 i'
	for k in {0..9} {a..z} F{1..12} minus equal comma period slash space Home End Up Down Left Right Insert Prior Next KP_{0..5}; do
		say "down 1 $k"
	done
	# those are more than one viewer may hold: the first ones are up
	wait_for eval '[[ " $(presses) " = *" KP_5 "* ]]'
	assert_equal "$(xkeysdown | head -1)" 5
	# more than there are keycodes to be lent
	for k in {0..9} {A..F}; do
		say "down 1 U4E3$k"
	done
	wait_for eval '[[ " $(presses) " = *" U4E3F "* ]]'
	say 'leave 1'
	assert_nothing_down
}

@test "a button is pressed and released where that was, however many moves are read with it" {
	watch_keys
	printf '%s\n' 'join 1 i' 'motion 1 10 20 0' 'motion 1 11 21 1' 'motion 1 30 40 1' 'motion 1 50 60 1' 'motion 1 51 61 0' \
		'motion 1 70 80 0' 'motion 1 71 81 4' 'motion 1 90 95 4' | fbsmake >"$T/together"
	START_IN=$T/together start input fbinput
	clicked 'down 1 11 21' 'up 1 51 61' 'down 3 71 81' 'up 3 90 95'
	# moves that are read together are one
	assert_equal "$(grep -c '^drag 1' "$T/report.out")" 2
}

@test "the end of the stream releases what is held" {
	begin
	watch_keys
	say 'join 1 i' 'down 1 Shift_L' 'motion 1 5 6 4'
	reported 'press Shift_L -' 'down 3 5 6'
	end_of_stream
	wait_exit "$input"
	assert_equal "$status" 0
	assert_equal "$(<"$T/input.err")" ""
	assert_nothing_down
}

@test "what a killed fbinput left held, its successor releases" {
	begin
	watch_keys
	say 'join 1 i' 'down 1 a' 'down 1 Shift_L' 'motion 1 5 6 1'
	# Xlib misses a change of the map while it loads it for the first key
	wait_text "$T/report.out" 'down 1 5 6'
	say 'key 1 U4E2D'
	wait_text "$T/report.out" 'press U4E2D'
	kill -KILL "$input"
	wait_exit "$input"
	assert_not_equal "$(xkeysdown)" ""
	start second bash -c 'fbsmake </dev/null | fbinput'
	wait_exit "$second"
	assert_nothing_down
	run xmodmap -pke
	refute_output --partial U4E2D
}

@test "what another fbinput of the display holds is left to it, and released once it was killed" {
	begin
	watch_keys
	say 'join 1 i' 'down 1 a'
	reported 'press a -'
	start second bash -c 'fbsmake <<<"join 1 i" | fbinput'
	wait_exit "$second"
	assert_equal "$(xkeysdown)" a
	kill -KILL "$input"
	wait_exit "$input"
	start second bash -c 'fbsmake </dev/null | fbinput'
	wait_exit "$second"
	assert_nothing_down
}

@test "pointer: moves, nine buttons, the wheel; beyond the screen is its edge" {
	begin
	watch_keys
	say 'join 1 i' 'motion 1 100 200 0' 'motion 1 100 200 1' 'motion 1 100 200 3' 'motion 1 100 200 2' 'motion 1 100 200 0' \
		'motion 1 100 200 8' 'motion 1 100 200 0' 'motion 1 100 200 128' 'motion 1 100 200 256' 'motion 1 100 200 0' \
		'motion 1 5000 -3 4' 'motion 1 5000 -3 0'
	clicked 'down 1 100 200' 'down 2 100 200' 'up 1 100 200' 'up 2 100 200' 'down 4 100 200' 'up 4 100 200' \
		'down 8 100 200' 'up 8 100 200' 'down 9 100 200' 'up 9 100 200' 'down 3 799 0' 'up 3 799 0'
}

@test "moves that come together may be one, button changes never are" {
	local i
	begin
	watch_keys
	{
		echo 'join 1 i'
		for i in {1..200}; do
			echo "motion 1 $i $i 0"
			echo "motion 1 $((i + 1)) $i 0"
			echo "motion 1 $i 7 $((i % 2))"
		done
	} >&"$feed"
	wait_for eval '(( $(grep -c "^up 1" "$T/report.out") == 100 ))'
	assert_equal "$(grep -c '^down 1' "$T/report.out")" 100
	wait_for eval '[[ $(xdotool getmouselocation) = x:200\ y:7\ * ]]'
}

@test "a left-handed pointer mapping is undone: the viewer means the logical button" {
	xmodmap -e 'pointer = 3 2 1 4 5 6 7 8 9 10'
	begin
	watch_keys
	say 'join 1 i' 'motion 1 9 9 1' 'motion 1 9 9 0'
	clicked 'down 1 9 9' 'up 1 9 9'
}

@test "nobody types without having joined, or without the right" {
	begin
	watch_keys
	say 'key 7 a' 'join 1 co' 'key 1 b' 'motion 1 3 3 1' 'join 2 i' 'key 2 c'
	reported 'press c -' 'release c'
	assert_equal "$(grep -c '' "$T/report.out")" 3
	grep -q 'ignored: KEY from a viewer that has not joined' "$T/input.err"
	say 'down 2 d'
	reported 'press d -'
	# rights that are taken away
	say 'join 2 -' 'key 2 e'
	reported 'release d'
	assert_nothing_down
}

# --- streams ------------------------------------------------------------------------------------

@test "bad streams give one line with the offset and exit 1" {
	run fbinput < <(head -c 100 /dev/urandom)
	assert_failure 1
	assert_equal "${#lines[@]}" 1
	run fbinput < <(echo 'join 1 i' | fbsmake | head -c 50)
	assert_failure 1
	assert_output --partial 'truncated at offset 50'
	run fbinput < <(printf 'join 1 i\nbytes 4200ffffffffffff0000000000000000\n' | fbsmake)
	assert_failure 1
	assert_output --regexp 'at offset [0-9]+'
}

@test "a screen that the display does not have: a clear line, exit 100" {
	run -100 --separate-stderr fbinput -d "$DISPLAY.7" </dev/null
	assert_equal "$stderr" "fbinput: error: display $DISPLAY has no screen 7"
}

@test "no XTEST: a clear line, exit 111" {
	start_x y 320x200 -extension XTEST
	run fbinput < <(fbsmake </dev/null)
	assert_failure 111
	assert_output "fbinput: error: display $DISPLAY has no XTEST: nothing can be typed there"
}

@test "the display goes away: one line, exit 111" {
	begin
	say 'join 1 i' 'down 1 a'
	wait_for eval '[[ $(xkeysdown) = a ]]'
	kill -KILL "$x"
	wait_exit "$input"
	assert_equal "$status" 111
	assert_equal "$(<"$T/input.err")" "fbinput: error: display $DISPLAY went away"
}

@test "the display goes away while it is waited for: exit 111 all the same" {
	begin
	# the answer that a selection's owner waits for never comes
	say 'join 1 c' 'offer 1 1 1 3' 'clip 1 1 1 0 1 one'
	wait_for eval '[[ $(xclip -selection clipboard -o) = one ]]'
	kill -STOP "$x"
	say 'offer 1 2 2 3'
	wait_for is_read "$T/events"
	kill -KILL "$x"
	wait_exit "$input"
	assert_equal "$status" 111
	assert_equal "$(<"$T/input.err")" "fbinput: error: display $DISPLAY went away"
}
# Nothing is left in the pipe.
is_read() { python3 -c 'import fcntl, os, sys, termios
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
sys.exit(int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), "little") != 0)' "$1"; }

@test "it waits for a display, ready once it is there, and not for ever without a stream (no display)" {
	start_x first
	export DISPLAY=:$((${DISPLAY#:} + 7000))
	mkfifo "$T/lines" "$T/events"
	START_IN=$T/lines start make fbsmake_to "$T/events"
	exec {feed}>"$T/lines"
	START_IN=$T/events start input bash -c 'exec fbinput --notify-fd 5 5>"$T/ready"'
	wait_text "$T/input.err" 'info: waiting: display'
	assert [ ! -s "$T/ready" ]
	start x Xvfb "$DISPLAY" -screen 0 320x200x24 -nolisten tcp -noreset
	wait_for test -s "$T/ready"
	say 'join 1 i' 'down 1 a'
	wait_for eval '[[ $(xkeysdown) = a ]]'
	end_of_stream
	wait_exit "$input"
	assert_equal "$status" 0
	# nobody at the other end
	DISPLAY=:6999 run -0 timeout 20 bash -c ': | fbinput'
}

@test "misuse: a terminal, operands, no display (no display)" {
	run fbinput x </dev/null
	assert_failure 100
	run fbinput </dev/null
	assert_failure 100
	run script -qec 'fbinput -d :1' /dev/null
	assert_failure 100
	run -0 fbinput -h
	run -0 mandoc -Tlint -W warning "$REPO/bin/fbinput/fbinput.1"
	assert_output ""
}

# --- selections ------------------------------------------------------------------------------------

answers() { fbsanswers <"$T/input.out"; }
answered() { answers | grep -q "$@"; }

@test "a viewer's text is owned at once, asked for at the first paste, and served to both selections" {
	begin --announce
	say 'join 3 c' 'offer 3 1 77 0'
	wait_for eval 'xpaste CLIPBOARD TARGETS | grep -q UTF8_STRING'
	run answered CLIP_WANT
	assert_failure
	start paste xpaste CLIPBOARD
	wait_for answered 'CLIP_WANT viewer=3 selection=1 serial=77'
	say 'clip 3 1 77 0 0 Grüße ' 'clip 3 1 77 8 1 und €'
	wait_exit "$paste"
	assert_equal "$(<"$T/paste.out")" 'Grüße und €'
	assert_equal "$(xpaste PRIMARY)" 'Grüße und €'
	assert_equal "$(xpaste CLIPBOARD STRING | od -An -c | tr -d ' \n')" 'Gr374337eund?'
	assert_equal "$(answers | grep -c CLIP_WANT)" 1
}

@test "a large text goes out in increments, a text with MULTIPLE targets too" {
	seq -f 'line %.0f of a long text, äöü' 30000 >"$T/long"
	begin --announce
	say 'join 3 c' 'offer 3 1 1 0' "clipfile 3 1 1 $T/long"
	wait_for xpaste CLIPBOARD TARGETS
	xpaste CLIPBOARD >"$T/got"
	cmp "$T/long" "$T/got"
	xpaste CLIPBOARD MULTIPLE >"$T/multiple"
	# one after the other in one window; each of the 90000 umlauts is a byte less there
	for want in "UTF8_STRING $(stat -c %s "$T/long")" refused "STRING $(($(stat -c %s "$T/long") - 90000))"; do
		grep -qx "$want" "$T/multiple" || { cat "$T/multiple"; return 1; }
	done
}

@test "pastes that are given up, or whose window goes, are in nobody's way" {
	local i
	seq -f 'line %.0f of a long text, äöü' 30000 >"$T/long"
	begin --announce
	say 'join 3 c' 'offer 3 1 1 0' "clipfile 3 1 1 $T/long"
	wait_for xpaste CLIPBOARD TARGETS
	for i in {1..20}; do
		xpaste CLIPBOARD | head -c 10 >/dev/null
	done
	xpaste CLIPBOARD >"$T/got"
	cmp "$T/long" "$T/got"
	xpaste -2 CLIPBOARD >"$T/got"
	cmp "$T/long" "$T/got"
}

@test "selections over the 50 days after which the server's clock begins anew" {
	RFB_UPTIME_LEFT=3000 LD_PRELOAD=$BUILD/tools/libuptime.so start_x old 320x200
	begin --announce
	say 'join 3 c' 'offer 3 1 1 4' 'clip 3 1 1 0 1 kept'
	wait_for eval '[[ $(xpaste -t CLIPBOARD) = kept ]]'
	wait_for began_anew
	assert_equal "$(xpaste -t CLIPBOARD)" kept
}
# PRIMARY, owned once more, is dated at the clock's beginning.
began_anew() {
	say 'offer 3 2 2 3'
	xpaste PRIMARY TIMESTAMP >"$T/time" && (($(od -An -tu4 "$T/time") < 1000000))
}

@test "pastes that the viewer does not answer are refused; a viewer that leaves takes its offer along" {
	begin --announce
	say 'join 3 c' 'offer 3 1 1 0'
	wait_for xpaste CLIPBOARD TARGETS
	start paste xpaste CLIPBOARD
	wait_for answered CLIP_WANT
	say 'leave 3'
	wait_exit "$paste"
	assert_equal "$status" 1
	run xpaste CLIPBOARD
	assert_failure 1
	# one that came whole stays
	say 'join 4 c' 'offer 4 2 2 4' 'clip 4 2 2 0 1 kept' 'leave 4'
	wait_for eval '[[ $(xpaste PRIMARY) = kept ]]'
	# withdrawn
	say 'join 5 c' 'offer 5 1 3 3' 'clip 5 1 3 0 1 abc'
	wait_for eval '[[ $(xpaste CLIPBOARD) = abc ]]'
	say 'offer 5 1 4 18446744073709551615'
	wait_for eval '! xpaste CLIPBOARD'
}

@test "the display's text is fetched for viewers: whole, in increments, Latin-1, none" {
	begin --announce
	say 'join 1 o' 'want 1 1 5'
	wait_for answered 'CLIP viewer=1 selection=1 serial=5 offset=0 bytes=0 last'
	start own xown 'ein schöner Text'
	wait_text "$T/own.out" owned
	say 'want 1 1 6'
	wait_for answered 'CLIP viewer=1 selection=1 serial=6 offset=0 bytes=17 last'
	answers | grep -q 'ein schöner Text'
	start latin xown -r -s PRIMARY $'caf\xe9'
	wait_text "$T/latin.out" owned
	say 'want 1 2 7'
	wait_for answered 'serial=7 offset=0 bytes=5 last'
	seq -f 'line %.0f of a long text, äöü' 30000 >"$T/long"
	start incremental xclip -quiet -selection clipboard -i "$T/long"
	wait_for gone "$own"
	say 'want 1 1 8'
	wait_for answered 'serial=8 .*last'
	assert_equal "$(answers | LC_ALL=C sed -n 's/.*CLIP viewer=1 selection=1 serial=8.* bytes=\([0-9]*\).*/\1/p' | paste -sd+ | bc)" \
		"$(stat -c %s "$T/long")"
	# a text is that of its offer, whatever owner was slow before
	start slow xown former
	wait_text "$T/slow.out" owned
	kill -STOP "$slow"
	say 'want 1 1 21' 'join 9 i' 'motion 9 5 7 0'
	wait_for pointer_is 5 7		# the owner was asked
	start quick xown present
	wait_text "$T/quick.out" owned
	say 'want 1 1 22' 'want 1 2 23'
	kill -CONT "$slow"
	wait_for answered 'serial=23 .*last'
	wait_for answered 'serial=21 .*bytes=6 '
	wait_for answered 'serial=22 .*bytes=7 '
	# no echo: what a viewer offered is not given back
	say 'join 2 c' 'offer 2 1 1 4' 'clip 2 1 1 0 1 echo' 'want 1 1 9'
	wait_for answered 'serial=9 offset=0 bytes=0 last'
	# not without the right
	say 'join 3 i' 'want 3 1 10' 'want 1 1 11'
	wait_for answered 'serial=11'
	run answered 'serial=10'
	assert_failure
}

@test "the window that owns selections is marked, so that fbgrab tells no echo" {
	begin --announce
	say 'join 2 c' 'offer 2 1 1 4' 'clip 2 1 1 0 1 echo'
	wait_for eval '[[ $(xpaste CLIPBOARD) = echo ]]'
	fbgrab -1 | fbsview >"$T/view"
	run grep CLIP "$T/view"
	assert_failure
}

# --- sizes ---------------------------------------------------------------------------------------

size() { xrandr | sed -n 's/.*current \([0-9]*\) x \([0-9]*\),.*/\1x\2/p'; }
modes() { xrandr | grep -c rfbkit-; }

@test "resizing: any size, the former one when the last viewer leaves" {
	begin --announce
	say 'join 1 r' 'resize 1 11 1234 567'
	wait_for answered 'RESULT viewer=1 request=11 status=0'
	assert_equal "$(size)" 1234x567
	say 'join 2 r' 'resize 2 12 1024 768 0,0,1024,768'
	wait_for answered 'RESULT viewer=2 request=12 status=0'
	assert_equal "$(size)" 1024x768
	say 'leave 1' 'resize 2 13 10 5'
	wait_for answered 'request=13 status=3'
	assert_equal "$(size)" 1024x768
	# two outputs, where the display has one
	say 'resize 2 14 1000 400 0,0,600,400 600,0,400,400'
	wait_for answered 'request=14 status=2'
	assert_equal "$(size)" 1024x768
	# an output that sticks out
	say 'resize 2 15 1000 400 0,0,600,500'
	wait_for answered 'request=15 status=3'
	say 'leave 2'
	wait_for eval '[[ $(size) = 640x480 ]]'
	# the modes it made are gone, which is after the size is back
	wait_for eval '[[ $(modes) = 0 ]]'
}

@test "resizing by an edge that is dragged: any number of sizes, no mode is left behind" {
	local n
	begin --announce
	say 'join 1 r'
	for n in {1..50}; do
		say "resize 1 $n $((700 + n)) 500"
	done
	wait_for answered "request=50 status=0"
	assert_equal "$(answers | grep -c 'status=0')" 50
	assert_equal "$(size)" 750x500
	# one that cannot be leaves the one that is shown
	say 'resize 1 51 1000 400 0,0,600,400 600,0,400,400'
	wait_for answered 'request=51 status=2'
	wait_for eval '[[ $(modes) = 1 ]]'
}

@test "resizing again and again: the screen is as dense as it was" {
	local n dense
	dense=$(density)
	begin --announce
	say 'join 1 r'
	for n in {1..300}; do
		say "resize 1 $n $((700 - n % 13 * 41)) $((500 - n % 11 * 29))"
	done
	say 'resize 1 301 640 480'
	wait_for answered "request=301 status=0"
	assert_equal "$(answers | grep -c 'status=0')" 301
	assert_equal "$(density)" "$dense"
}
density() { xdpyinfo | grep -m1 -E 'dimensions:'; }

@test "resizing without the right, or switched off, is prohibited" {
	begin --announce --no-resize
	say 'join 1 ri' 'resize 1 1 800 600' 'join 2 i' 'resize 2 2 800 600'
	wait_for answered 'request=2 status=1'
	answered 'request=1 status=1'
	assert_equal "$(size)" 640x480
}

@test "Xvfb: no larger than it was started with; what is answered is what was done" {
	begin --announce
	say 'join 1 ri' 'resize 1 1 1024 768'
	wait_for answered 'request=1 status=3'
	assert_equal "$(size)" 800x600
	say 'resize 1 2 640 480'
	wait_for answered 'request=2 status='
	answered 'request=2 status=0' && assert_equal "$(size)" 640x480 || assert_equal "$(size)" 800x600
	say 'leave 1'
	wait_for eval '[[ $(size) = 800x600 ]]'
}

# --- whose display ------------------------------------------------------------------------------------

@test "the cookie is found where fbgrab finds it: who watches by -a guess can also type" {
	local cookie d
	start_x first
	d=$((${DISPLAY#:} + 3000))
	cookie=$(mcookie)
	: >"$T/cookies"
	HOME=$T XAUTHORITY=$T/cookies xauth -q add ":$d" . "$cookie"
	start guarded Xvfb ":$d" -screen 0 320x200x24 -nolisten tcp -noreset -auth "$T/cookies"
	export HOME=$T DISPLAY=:$d
	XAUTHORITY=$T/cookies wait_for xdpyinfo
	start_sh server "fbgrab -a guess | fbdiff | exec rfbd -l 0"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:'
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/server.err")
	start_sh viewer "PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 exec python3 -c 'from rawviewer import *
v = Viewer($port)
while True:
    v.request(False); v.update(); v.pointer(123, 45, 0); time.sleep(0.05)'"
	XAUTHORITY=$T/cookies wait_for pointer_is 123 45
}
pointer_is() { [[ $(xdotool getmouselocation) = "x:$1 y:$2 "* ]]; }
