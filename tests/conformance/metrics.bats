#!/usr/bin/env bats
# The figures of rfbstat against those of a viewer that counts for itself, a real Prometheus, and the log's audit lines.

bats_require_minimum_version 1.5.0
load viewers

setup() {
	rfbkit_setup
	start_screen 320x240
	mkdir -p "$T/stat"
	export RFB_STATDIR=$T/stat
}

serve_stat() {
	STAT=$(free_port)
	start stat rfbstat -l "127.0.0.1:$STAT"
	wait_port "$STAT"
	curl -s --max-time 10 "http://127.0.0.1:$STAT/metrics" >"$T/metrics"
}
metric() { curl -s --max-time 10 "http://127.0.0.1:$STAT/metrics" | awk -v m="$1" '$1 == m { print $2 }'; }
metric_is() { [[ $(metric "$1") = "$2" ]]; }
assert_metric() { wait_for metric_is "$1" "$2" || { echo "$1 is $(metric "$1"), not $2"; return 1; }; }

@test "counts are a viewer's own: updates, rectangles, bytes both ways, events" {
	DISPLAY=$SERVED xpaint <<<'fill 0 0 320 240 204060' >/dev/null
	serve
	serve_stat
	PYTHONPATH=$REPO/tests/cli start viewer python3 "$CONF/counting.py" "$PORT" 801010 "$T/account"
	wait_text "$T/viewer.out" '^first$'
	assert_metric 'rfb_clients{access="full"}' 1
	assert_metric 'rfb_clients{access="view"}' 0
	assert_metric rfb_source_up 1
	assert_metric rfb_framebuffer_width_pixels 320
	assert_metric rfb_framebuffer_height_pixels 240
	DISPLAY=$SERVED xpaint <<<'fill 100 100 60 40 00ff00' >/dev/null
	DISPLAY=$SERVED xpaint <<<'fill 0 0 320 240 801010' >/dev/null
	wait_exit "$viewer"
	[ "$status" = 0 ] || { cat "$T/viewer.err"; return 1; }
	# all that it was sent it has read: the totals stand still now
	assert_metric 'rfb_clients{access="full"}' 0
	assert_metric 'rfb_connections_total{transport="tcp"}' 1
	assert_metric 'rfb_disconnects_total{reason="closed"}' 1
	assert_metric rfb_updates_total "$(jq .updates "$T/account")"
	assert_metric 'rfb_rectangles_total{encoding="raw"}' "$(jq .rectangles "$T/account")"
	assert_metric 'rfb_sent_bytes_total{encoding="raw"}' "$(jq .bytes "$T/account")"
	assert_metric 'rfb_raw_bytes_total{encoding="raw"}' "$(jq .pixel_bytes "$T/account")"
	assert_metric rfb_received_bytes_total "$(jq .sent "$T/account")"
	assert_metric 'rfb_input_events_total{type="key"}' 6
	assert_metric 'rfb_input_events_total{type="button"}' 2
	assert_metric 'rfb_clipboard_bytes_total{direction="in"}' 5
	assert_metric rfb_input_latency_seconds_count "$(jq .input "$T/account")"
	[ "$(metric rfb_frames_total)" -ge "$(jq .updates "$T/account")" ]
}

@test "a real Prometheus scrapes it, and its rules and dashboard know only metrics that exist" {
	need prometheus
	serve
	serve_stat
	local web
	web=$(free_port)
	cat >"$T/prometheus.yml" <<-END
		global: { scrape_interval: 1s, evaluation_interval: 1s }
		rule_files: [ $REPO/doc/alerts.yml ]
		scrape_configs:
		  - job_name: rfbkit
		    static_configs: [ { targets: [ "127.0.0.1:$STAT" ] } ]
	END
	start prometheus prometheus --config.file="$T/prometheus.yml" --storage.tsdb.path="$T/tsdb" \
		--web.listen-address="127.0.0.1:$web" --log.level=error
	wait_port "$web" || { cat "$T/prometheus.err"; return 1; }
	client --exact "$T/served.ppm" >/dev/null 2>&1 || :
	wait_for scraped "$web" 'rfb_source_up' 1
	wait_for scraped "$web" 'up{job="rfbkit"}' 1
	wait_for scraped "$web" 'count(rfb_update_latency_seconds_bucket)' 17
	# each name that the rules and the dashboard use
	local name
	for name in $(grep -ohE '\b(rfb|process)_[a-z_]+' "$REPO/doc/alerts.yml" "$REPO/doc/grafana.json" | sort -u); do
		name=${name%_bucket}
		name=${name%_sum}
		name=${name%_count}
		grep -qE "^# TYPE ${name} " "$T/metrics" || { echo "no metric $name"; return 1; }
	done
	curl -s "http://127.0.0.1:$web/api/v1/rules" | jq -e '[.data.groups[].rules[].lastError // ""] | all(. == "")'
}
scraped() { [[ $(curl -sG --max-time 10 --data-urlencode "query=$2" "http://127.0.0.1:$1/api/v1/query" | jq -r '.data.result[0].value[1]') = "$3" ]]; }

@test "-J tells who came, how, what they did and with what totals; what they say is escaped" {
	printf 'sesame42\n' | tigervncpasswd -f >"$T/passwd"
	PORT=$(free_port)
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -J -l 127.0.0.1:$PORT -p '$T/passwd'"
	wait_port "$PORT"
	PYTHONPATH=$REPO/tests/cli python3 "$CONF/audited.py" "$PORT"
	wait_for audited disconnect
	grep -E '^\{' "$T/server.err" >"$T/log"
	run jq -r 'select(.event) | .event' "$T/log"
	assert_line connect
	assert_line auth
	assert_line join
	assert_line control
	assert_line clipboard
	assert_line disconnect
	# one line of JSON each, with where from; the wrong password is a warning
	jq -es 'map(select(.event == "auth")) | map(.level) == ["warning", "info"]' "$T/log"
	jq -es 'map(select(.event == "connect" or .event == "disconnect" or .event == "join")) |
		all(.address | startswith("127.0.0.1:"))' "$T/log"
	jq -es 'map(select(.event == "disconnect")) | any(.message | test("updates.*bytes sent.*received"))' "$T/log"
	# a user's name with a line feed and a terminal's escape never reaches the log raw
	run ! grep -P '[\x00-\x09\x0b-\x1f\x7f]' "$T/server.err"
}
audited() { jq -es --arg e "$1" 'map(select(.event == $e)) | length > 1' "$T/server.err"; }

@test "a flood of connections does not flood the log" {
	PORT=$(free_port)
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT"
	wait_port "$PORT"
	python3 - "$PORT" <<-'END'
		import socket, sys
		for _ in range(1500):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    s.recv(12)
		    s.send(b"RUBBISH FROM ME")
		    while s.recv(100): pass
	END
	run grep -c 'connected' "$T/server.err"
	((output < 1500)) || { echo "$output lines"; return 1; }
	# and says so, with the next line that goes out
	client --exact "$T/served.ppm" >/dev/null 2>&1 || :
	wait_text "$T/server.err" 'lines like the next one were left out'
}
