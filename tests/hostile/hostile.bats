#!/usr/bin/env bats
# Viewers that mean harm, with an honest one beside them: it keeps its frame rate and its picture, and afterwards the
# server holds no more memory and no more descriptors than before.
#
# alone

load ../conformance/viewers

setup_file() {
	rfbkit_setup
	start_screen 640x480
	paint_scene
	DISPLAY=$SERVED start mover bash -c 'n=0; while :; do
		printf "fill %d %d 30 30 %06x\n" $((n % 600)) $((n / 7 % 440)) $((n * 7919 % 16777216))
		echo "$EPOCHREALTIME" >&2
		n=$((n + 1)); sleep 0.05; done | xpaint'
	serve -C "$T/cert" -K "$T/key" --rsa-key "$T/rsa" -s None,X509None,TLSNone,RA2 -p "$(a_password)"
	export PORT SERVED server
	start witness vncclient --display "$SERVED" --encodings "tight copyrect" --watch 3600 127.0.0.1::"$PORT"
	export witness
	wait_text "$T/witness.out" '^2 updates'
}
teardown_file() { rfbkit_teardown; }

a_password() { printf 'sesame42\n' | tigervncpasswd -f >"$T/passwd"; echo "$T/passwd"; }
OUT() { echo "$BATS_FILE_TMPDIR/$1"; }
# pids of the server's rfbd: monitor and worker
rfbds() { RFBKIT_MARK=rfbkit-${BATS_FILE_TMPDIR//\//-} pids_of rfbd; }
descriptors() { local p n=0; for p in $(rfbds); do n=$((n + $(fd_count "$p"))); done; echo $n; }
resident_kb() { local p n=0; for p in $(rfbds); do n=$((n + $(awk '/^VmRSS/ { print $2 }' /proc/"$p"/status))); done; echo $n; }
descriptors_are() { (($(descriptors) <= $1)); }
resident_is_within() { (($(resident_kb) <= $1)); }
lines() { grep -c ' updates ' "$(OUT witness.out)"; }
# starved LINES: whether there is a line after so many that tells of fewer than five updates a second, and of less than a quarter of
# what was painted meanwhile: the machine may be busy, but it is busy for the painter, too.
starved() {
	grep ' updates ' "$(OUT witness.out)" | awk -v after="$1" '
		FNR == NR { painted[n++] = $1; next }
		{
			for (some = 0; at < n && painted[at] <= $5; at++) some++
			if (FNR > after && last && $3 < 5 * ($5 - last) && $3 * 4 < some) { print "the honest viewer got " $3 " of " some " in " $5 - last " s"; found = 1 }
			last = $5
		}
		END { exit !found }' "$(OUT mover.err)" -
}

# attacked KIND: all that this file promises.
attacked() {
	local fds rss from
	alive "$witness"
	(($(rfbds | wc -l) == 2))
	wait_for at_rest
	fds=$(descriptors) rss=$(resident_kb) from=$(lines)
	timeout 120 "$REPO/tests/hostile/attack.py" "$PORT" "$1" "${SEED:-1}" 3>&-
	wait_for a_second_more "$(lines)"
	alive "$witness" || { echo "the honest viewer was dropped"; tail -3 "$(OUT witness.err)"; return 1; }
	refute starved "$from"
	wait_for descriptors_are "$fds" || { echo "descriptors: $(descriptors), before $fds"; return 1; }
	wait_for resident_is_within $((rss + 12288)) || { echo "resident: $(resident_kb) kB, before $rss"; return 1; }
	wait_for a_new_viewer_comes_in
}
a_second_more() { (($(lines) > $1 + 1)); }
# what earlier attacks left has been cleaned up: the count is the same twice
at_rest() { local n; n=$(descriptors); sleep 0.5; (($(descriptors) == n)); }
a_new_viewer_comes_in() { timeout 20 vncclient --watch 0.5 127.0.0.1::"$PORT"; }

@test "200 slow handshakes at once" { attacked slow_handshakes; }
@test "200 half-open connections" { attacked half_open; }
@test "random bytes" { attacked random_bytes; }
@test "a session cut off at each byte" { attacked truncations; }
@test "lengths of 2^31 and 2^32-1" { attacked huge_lengths; }
@test "viewers that never read" { attacked never_reads; }
@test "10,000 connections made and dropped" { attacked cycles; }
@test "mutated sessions" { attacked mutations; }
@test "500 viewers at once" { attacked floods; }

@test "200 TLS and RSA handshakes a second" { attacked tls_handshakes; }

@test "the honest viewer's picture is exact at the end" {
	stop_mover
	kill -USR1 "$witness"
	wait_text "$(OUT witness.out)" '^exact'
}
stop_mover() { kill "$(RFBKIT_MARK=rfbkit-${BATS_FILE_TMPDIR//\//-} pids_of xpaint)"; }
