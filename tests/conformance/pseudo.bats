#!/usr/bin/env bats
# What viewers are told beside pixels, and messages that are wrong: in bytes, against a source that says exactly what there is to
# tell. One case of pseudo.py each.

load viewers

setup() {
	rfbkit_setup
	mkfifo "$T/source"
	local options=
	[[ $BATS_TEST_DESCRIPTION != "-R view"* ]] || options="-R view"
	start_sh server "exec 5<>'$T/source'; fbsgen <&5 | exec rfbd -l 0 -L debug $options"
	printf '%s\n' 'screen 300 200' 'name first' 'fill 0 0 300 200 604020' 'report 0 0 300 200' 'frame key' >"$T/source"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:' || return 1
	PORT=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/server.err")
}
told() { timeout 60 pseudo.py "$PORT" "$T/source" "$T/server.err" "$1"; }

@test "Cursor" { told cursor; }
@test "XCursor" { told xcursor; }
@test "Cursor with alpha" { told alpha_cursor; }
@test "VMware cursor" { told vmware_cursor; }
@test "the best form of cursor that is listed" { told best_cursor; }
@test "a cursor painted for who lists none" { told painted_cursor; }
@test "PointerPos and VMware cursor position" { told pointer; }
@test "DesktopName, live" { told desktop_name; }
@test "QEMU and VMware LED state" { told leds; }
@test "QEMU extended keys and extended mouse buttons are announced" { told keys_and_buttons_are_announced; }
@test "Bell" { told bell; }
@test "nothing that is not listed" { told nothing_unlisted; }
@test "SetDesktopSize is answered honestly" { told desktop_size_status; }
@test "-R view: a viewer's size is its own" { told own_view; }
@test "wrong, oversized, unlisted and repeated messages: a reason in the log, and nobody else hurt" { told wrong_messages; }
