#!/usr/bin/env bats
# rfbstat by itself: its formats, its manners, the meter. What the figures say is tested with rfbd.

bats_require_minimum_version 1.5.0
load helpers

stat_dir() { mkdir -p "$T/stat" && export RFB_STATDIR=$T/stat; }
serve() {
	stat_dir
	port=$(free_port)
	start stat rfbstat -l "$port"
	wait_text "$T/stat.err" "listening on http://127.0.0.1:$port"
}
get() { curl -s --max-time 10 "$@"; }

@test "rfbstat -l serves Prometheus text that promtool accepts" {
	serve
	get "http://127.0.0.1:$port/metrics" >"$T/metrics"
	grep -q '^rfb_build_info{version="' "$T/metrics"
	grep -q '^rfb_clients{access="full"} 0$' "$T/metrics"
	grep -q '^# TYPE rfb_updates_total counter$' "$T/metrics"
	grep -q '^process_resident_memory_bytes{program="rfbstat"} [1-9]' "$T/metrics"
	run promtool check metrics <"$T/metrics"
	assert_success
	refute_output
}

@test "every metric that is promised is there, with its labels" {
	serve
	get "http://127.0.0.1:$port/metrics" >"$T/metrics"
	local name
	for name in build_info 'clients{access=' 'connections_total{transport=' 'disconnects_total{reason=' \
		'auth_attempts_total{type=".*",result=' 'sent_bytes_total{encoding=' 'raw_bytes_total{encoding=' received_bytes_total \
		'rectangles_total{encoding=' updates_total 'updates_skipped_total{reason=' capture_duration_seconds_bucket diff_duration_seconds_bucket \
		'encode_duration_seconds_bucket{encoding=' client_rtt_seconds_bucket input_latency_seconds_bucket update_latency_seconds_bucket \
		send_queue_bytes framebuffer_width_pixels framebuffer_height_pixels damaged_pixels_total last_frame_timestamp_seconds source_up \
		source_restarts_total 'input_events_total{type=' keysyms_unmapped_total 'clipboard_bytes_total{direction=' recorder_bytes_total \
		recorder_errors_total; do
		grep -qE "^rfb_$name" "$T/metrics" || { echo "no rfb_$name"; return 1; }
	done
	for name in cpu_seconds_total resident_memory_bytes virtual_memory_bytes open_fds max_fds start_time_seconds; do
		grep -qE "^process_$name" "$T/metrics" || { echo "no process_$name"; return 1; }
	done
	grep -qx '# TYPE rfb_start_time_seconds gauge' "$T/metrics"	# rfbd's, when there is one
	# no label is an address
	run ! grep -E '127\.0\.0\.1|\[::1\]' "$T/metrics"
}

@test "rfbstat at a terminal: a table at once, then in its place" {
	stat_dir
	mkheld never
	START_IN=$T/never start table script -qefc 'rfbstat -n 0.3' /dev/null
	wait_for eval '(($(grep -c "source down" "$T/table.out") >= 3))'
	grep -q "no viewers" "$T/table.out"
	run ! grep -qF $'\e[2J' "$T/table.out"
}

@test "rfbstat -l serves OpenMetrics to those who ask" {
	serve
	get -D "$T/head" -H 'Accept: application/openmetrics-text; version=1.0.0' "http://127.0.0.1:$port/metrics" >"$T/metrics"
	grep -qi '^content-type: application/openmetrics-text; version=1.0.0' "$T/head"
	[ "$(tail -n 1 "$T/metrics")" = "# EOF" ]
	grep -q '^# TYPE rfb_updates counter$' "$T/metrics"
	grep -q '^rfb_updates_total 0$' "$T/metrics"
}

@test "rfbstat -l: alive, not ready without rfbd, nothing else" {
	serve
	[ "$(get "http://127.0.0.1:$port/healthz")" = alive ]
	[ "$(get -w '%{http_code}' -o "$T/ready" "http://127.0.0.1:$port/readyz")" = 503 ]
	grep -q 'rfbd is not listening' "$T/ready"
	[ "$(get -w '%{http_code}' -o /dev/null "http://127.0.0.1:$port/")" = 404 ]
	[ "$(get --path-as-is -w '%{http_code}' -o /dev/null "http://127.0.0.1:$port/../../etc/passwd")" = 404 ]
	[ "$(get -X POST -w '%{http_code}' -o /dev/null "http://127.0.0.1:$port/metrics")" = 405 ]
	[ "$(get "http://[::1]:$port/healthz")" = alive ]
}

@test "rfbstat removes its file at the end, and one left by a crash is replaced" {
	serve
	kill -KILL "$stat"
	wait_exit "$stat"
	[ "$(ls "$RFB_STATDIR" | wc -l)" = 1 ]
	start again rfbstat -l "$(free_port)"
	wait_text "$T/again.err" 'listening on'
	[ "$(ls "$RFB_STATDIR")" = "rfbstat.$again" ]
	kill -TERM "$again"
	wait_exit "$again"
	[ "$status" = 0 ]
	[ -z "$(ls "$RFB_STATDIR")" ]
}

@test "rfbstat -j is JSON; a foreign file in the directory is no trouble" {
	stat_dir
	echo nonsense >"$RFB_STATDIR/rfbd.1"
	head -c 200000 /dev/urandom >"$RFB_STATDIR/fbgrab.2"
	mkfifo "$RFB_STATDIR/fbdiff.3"
	run --separate-stderr rfbstat -j
	assert_success
	jq -e '.metrics.clients.full == 0 and .viewers == [] and .processes == []' <<<"$output"
	run rfbstat -1 -n 0.1
	assert_success
	assert_output --partial 'no viewers'
}

@test "rfbstat -p passes the stream on as it is and counts it" {
	rfbstat -p <"$REPO/tests/golden/down.fbs" >"$T/out" 2>"$T/err"
	cmp "$T/out" "$REPO/tests/golden/down.fbs"
	grep -Eq '^[1-9][0-9]* frames ' "$T/err"
}

@test "rfbstat -p: a truncated or foreign stream is one line and exit 1" {
	head -c 200 "$REPO/tests/golden/down.fbs" >"$T/cut"
	run --separate-stderr rfbstat -p <"$T/cut"
	assert_failure 1
	[[ $stderr == *offset* ]]
	echo hello, this is no stream at all, truly >"$T/foreign"
	run --separate-stderr rfbstat -p <"$T/foreign"
	assert_failure 1
}

@test "rfbstat -p ends quietly when its reader goes; what cannot be written is said" {
	fbslong 100 5 >"$T/s.fbs"
	run --separate-stderr bash -c "set -o pipefail; cat '$T/s.fbs' - </dev/zero 2>/dev/null | { rfbstat -p; echo \$? >'$T/status'; } | head -c 100 | wc -c"
	assert_output 100
	assert_equal "$(<"$T/status")" 0
	[[ $stderr != *error* ]]
	run --separate-stderr bash -c "rfbstat -p <'$T/s.fbs' >/dev/full"
	assert_failure 111
	[[ $stderr == *'rfbstat: error: cannot write: No space left on device' ]]
	stat_dir
	run -111 --separate-stderr bash -c 'rfbstat -1 >/dev/full'
	assert_equal "$stderr" 'rfbstat: error: cannot write: No space left on device'
}

@test "rfbstat: misuse is 100" {
	unset RFB_STATDIR
	run rfbstat -j
	assert_failure 100
	stat_dir
	run rfbstat -j -p
	assert_failure 100
	run rfbstat -l nonsense:x
	assert_failure 100
	run rfbstat operand
	assert_failure 100
}
