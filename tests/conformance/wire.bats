#!/usr/bin/env bats
# The protocol in bytes: handshakes, requests, formats, and what broken viewers send. One case of wire.py each.

load viewers

setup_file() {
	rfbkit_setup
	start_screen 640x480
	paint_scene
	serve
	export PORT SERVED DISPLAY server_pid=$server
	# who looks on all the while must end exact, whatever the others did
	start witness vncclient --display "$SERVED" --watch 3600 127.0.0.1::"$PORT"
	wait_text "$T/witness.out" '^watching'
	export witness
}
teardown_file() { rfbkit_teardown; }

teardown() {
	witness_is_exact || { echo "the viewer beside is not exact"; tail -n 3 "$BATS_FILE_TMPDIR/witness.out" "$BATS_FILE_TMPDIR/witness.err"; return 1; }
	rfbkit_teardown
}
witness_is_exact() {
	local n
	n=$(grep -c '^exact' "$BATS_FILE_TMPDIR/witness.out")
	kill -USR1 "$witness" && wait_for more_exact "$n"
}
more_exact() { (($(grep -c '^exact' "$BATS_FILE_TMPDIR/witness.out") > $1)); }

wire() { DISPLAY=$SERVED timeout $((PATIENCE * 2)) "$CONF/wire.py" "$PORT" "$1"; }

@test "version 33" { wire version_33; }
@test "version 37" { wire version_37; }
@test "version 38 and later" { wire version_38_and_later; }
@test "version 889" { wire version_889; }
@test "server init" { wire server_init; }
@test "not rfb" { wire not_rfb; }
@test "type not offered" { wire type_not_offered; }
@test "byte by byte" { wire byte_by_byte; }
@test "everything at once" { wire everything_at_once; }
@test "held request" { wire held_request; }
@test "full request is always answered" { wire full_request_is_always_answered; }
@test "requests beyond the screen" { wire requests_beyond_the_screen; }
@test "only what was asked for" { wire only_what_was_asked_for; }
@test "format switches" { wire format_switches; }
@test "colour map" { wire colour_map; }
@test "bad format" { wire bad_format; }
@test "depth zero" { wire depth_zero; }
@test "encodings replace" { wire encodings_replace; }
@test "many encodings" { wire many_encodings; }
@test "ext desktop size" { wire ext_desktop_size; }
@test "fence" { wire fence; }
@test "fence and format" { wire fence_and_format; }
@test "no message within an update" { wire no_message_within_an_update; }
@test "continuous updates" { wire continuous_updates; }
@test "unknown message" { wire unknown_message; }
@test "huge cut text" { wire huge_cut_text; }
@test "asks and takes nothing" { wire asks_and_takes_nothing; }
@test "keys and pointer anywhere" { wire keys_and_pointer_anywhere; }
@test "slow beside fast" { wire slow_beside_fast; }

@test "none of them brought the server down, and the log says why each was closed" {
	[[ ${CONFORMANCE_SERVER:-rfbkit} = rfbkit ]] || skip
	alive "$server_pid"
	local reason
	for reason in "not an RFB version" "unknown message type" "pixel format"; do
		grep -qi "$reason" "$BATS_FILE_TMPDIR/server.err" || { echo "no line says: $reason"; cat "$BATS_FILE_TMPDIR/server.err"; return 1; }
	done
}
