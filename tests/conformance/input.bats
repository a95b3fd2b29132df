#!/usr/bin/env bats
# What a person does in TigerVNC's viewer arrives on the served display: xdotool on one side, keyreport on the other.

load viewers

setup() {
	rfbkit_setup
	need xtigervncviewer xwininfo xdotool setxkbmap
	start_screen
	start_viewer_screen
	start report env DISPLAY="$SERVED" keyreport
	wait_text "$T/report.out" ready
	serve
}

# type_with LAYOUT: a viewer whose own keyboard, and the served display's, have this layout.
type_with() {
	DISPLAY=$SERVED setxkbmap "${2:-$1}"
	DISPLAY=$VIEWING setxkbmap "$1"
	tigervnc
	DISPLAY=$VIEWING xdotool windowfocus --sync "$(viewer_window)" mousemove --sync 300 300
	# the first key may come before the viewer has the focus; of several the last may be under way still
	wait_for first_key_arrives
	typed F3 'F3 -'
}
first_key_arrives() {
	DISPLAY=$VIEWING xdotool key F2
	sleep 0.2
	grep -q '^press F2' "$T/report.out"
}

# typed XDOTOOL-KEY REPORT-LINE: pressing the one reports the other, and its release.
typed() {
	local before
	before=$(grep -c '' "$T/report.out")
	DISPLAY=$VIEWING xdotool key --clearmodifiers "$1"
	wait_for reported "$before" "^press $2" || { echo "typed $1, got:"; tail -n +"$((before + 1))" "$T/report.out"; return 1; }
	wait_for nothing_held
}
reported() { tail -n +"$(($1 + 1))" "$T/report.out" | grep -qE "$2"; }
# As many releases as presses, whatever name the release has by then.
nothing_held() { (($(grep -c '^press' "$T/report.out") == $(grep -c '^release' "$T/report.out"))); }

@test "us: letters, digits, signs, control keys" {
	type_with us
	typed a 'a -'
	typed Z 'Z Shift'
	typed 7 '7 -'
	typed at 'at Shift'
	typed bracketleft 'bracketleft -'
	typed ctrl+c 'c Control'
	typed Return 'Return -'
	typed Escape 'Escape -'
	typed Tab 'Tab -'
	typed shift+Tab 'ISO_Left_Tab Shift'
	typed BackSpace 'BackSpace -'
	typed F5 'F5 -'
	typed Left 'Left -'
	typed Right 'Right -'
	typed Up 'Up -'
	typed Down 'Down -'
	typed Prior 'Prior -'
	typed KP_5 'KP_5'
	typed alt+x 'x Alt'
}

@test "de: umlauts, ß, €, AltGr signs" {
	type_with de
	typed ssharp 'ssharp -'
	typed adiaeresis 'adiaeresis -'
	typed Udiaeresis 'Udiaeresis Shift'
	typed z 'z -'
	typed y 'y -'
	typed EuroSign 'EuroSign'
	typed at 'at'
	typed braceleft 'braceleft'
	typed ctrl+c 'c Control'
}

@test "fr: é, €, digits with Shift, AZERTY letters" {
	type_with fr
	typed eacute 'eacute -'
	typed egrave 'egrave -'
	typed 5 '5 Shift'
	typed a 'a -'
	typed q 'q -'
	typed EuroSign 'EuroSign'
	typed ctrl+a 'a Control'
}

@test "what the served layout lacks: ß é € ñ and a CJK character on us" {
	type_with de us
	typed ssharp ssharp
	typed EuroSign EuroSign
	stop $tigervnc
	type_with fr us
	typed eacute eacute
	stop $tigervnc
	type_with es us
	typed ntilde ntilde
	typed U4E2D U4E2D
}

@test "a sentence arrives in order, nothing twice" {
	local n
	type_with us
	n=$(grep -c '' "$T/report.out")
	DISPLAY=$VIEWING xdotool type --delay 20 'the quick Brown fox: 42!'
	wait_for reported "$n" '^press exclam'
	assert_equal "$(tail -n +$((n + 1)) "$T/report.out" | awk '/^press/ && $2 != "Shift_L" { printf "%s ", $2 }')" \
		"t h e space q u i c k space B r o w n space f o x colon space 4 2 exclam "
}

# at X Y: screen coordinates on the viewers' display of a point of the picture.
at() {
	local part x y
	part=$(viewer_part)
	IFS=x+ read -r _ _ x y <<<"$part"
	echo "$((x + $1)) $((y + $2))"
}

@test "buttons, wheel and drag arrive where they happened" {
	type_with us
	DISPLAY=$VIEWING xdotool mousemove --sync $(at 123 234) click 1
	wait_text "$T/report.out" '^down 1 123 234'
	wait_text "$T/report.out" '^up 1 123 234'
	DISPLAY=$VIEWING xdotool mousemove --sync $(at 700 500) click 3
	wait_text "$T/report.out" '^down 3 700 500'
	DISPLAY=$VIEWING xdotool click 4 click 4 click 5
	wait_text "$T/report.out" '^up 5 700 500'
	assert_equal "$(grep -c '^down 4 700 500' "$T/report.out")" 2
	assert_equal "$(grep -c '^down 5 700 500' "$T/report.out")" 1
	DISPLAY=$VIEWING xdotool mousemove --sync $(at 50 60) mousedown 1 mousemove --sync $(at 90 100) \
		mousemove --sync $(at 200 220) mouseup 1
	wait_text "$T/report.out" '^up 1 200 220'
	grep -q '^down 1 50 60' "$T/report.out"
	grep -q '^drag 1 ' "$T/report.out"
}

@test "a viewer that is killed with a key and a button down leaves nothing held" {
	type_with us
	DISPLAY=$VIEWING xdotool mousemove --sync $(at 300 300) keydown a mousedown 1
	wait_text "$T/report.out" '^press a'
	wait_text "$T/report.out" '^down 1'
	kill -KILL "$tigervnc"
	wait_text "$T/report.out" '^release a'
	wait_text "$T/report.out" '^up 1'
}

# wire <<PYTHON: a viewer of the test's own, `v`, that lists QEMU's keys and the extended mouse buttons.
wire() {
	PYTHONPATH=$CONF PYTHONDONTWRITEBYTECODE=1 timeout $((PATIENCE * 2)) python3 -c "
import struct
from rfbwire import EXT_MOUSE, QEMU_KEYS, RAW, Viewer
v = Viewer($PORT).log_in()
v.set_encodings(RAW, QEMU_KEYS, EXT_MOUSE)
def qemu(keysym, code):
    for down in 1, 0:
        v.send(struct.pack('>BBHII', 255, 0, down, keysym, code))
$(cat)
v.request(0, 0, 0, 8, 8)
v.update()"
}

@test "QEMU's keys: Print by either code, a code without a keysym, a keysym by another layout's key" {
	wire <<-'END'
		for code in 0xb7, 0x54:
		    qemu(0xff61, code)
		qemu(0, 0x1e)
		qemu(0x7a, 0x15)
		qemu(0xff8d, 0x9c)
		qemu(0xfe20, 0x0f)
	END
	wait_text "$T/report.out" '^press ISO_Left_Tab'
	wait_for nothing_held
	assert_equal "$(awk '/^press/ && $2 != "Shift_L" { printf "%s ", $2 }' "$T/report.out")" "Print Print a z KP_Enter ISO_Left_Tab "
}

@test "the extended mouse's buttons 8 and 9, alone and beside another" {
	wire <<-'END'
		for buttons in 0x80, 0, 0x100, 0, 1, 0x101, 0x100, 0:
		    if buttons:
		        v.send(struct.pack(">BBHHB", 5, buttons & 0x7f | 0x80, 44, 55, buttons >> 7))
		    else:
		        v.pointer(44, 55)
	END
	wait_for eval '(($(grep -c "^up" "$T/report.out") == 4))'
	assert_equal "$(awk '/^(down|up)/ { printf "%s%s ", $1, $2 }' "$T/report.out")" "down8 up8 down9 up9 down1 down9 up1 up9 "
}
