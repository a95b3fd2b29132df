#!/usr/bin/env bats
# What the pipeline costs while there is nothing to do.
#
# alone

load viewers

# at_rest PID...: in the next second they do next to nothing.
at_rest() {
	local before
	before=$(cpu_us "$@")
	sleep 1
	(($(cpu_us "$@") - before <= 1000))
}

@test "an idle screen with one viewer: at most 10 ms of CPU in ten seconds, of two pipelines together" {
	local flag before spent
	start_screen 1920x1080
	paint_scene
	for flag in "" "-m"; do
		serve_as "fbgrab $flag | fbdiff $flag | rfbd"
		start looker vncclient --display "$SERVED" --watch 600 127.0.0.1::"$PORT"
		wait_text "$T/looker.out" '^1 updates'
		kill -USR1 "$looker"
		wait_text "$T/looker.out" '^exact'
	done
	wait_for at_rest $(server_pids)
	before=$(cpu_us $(server_pids))
	sleep 10
	spent=$(($(cpu_us $(server_pids)) - before))
	echo "$spent µs"
	((before > 0 && spent <= 10000))
}

@test "with no viewer nothing is done, whatever moves" {
	local before spent captures
	start_screen
	paint_scene
	serve_as "fbgrab | fbdiff | rfbd"
	start mover bash -c 'while :; do echo "noise 0 0 300 300 $((++n))"; sleep 0.03; done | xpaint'
	client --watch 2
	wait_for at_rest $(pids_of fbgrab)
	before=$(cpu_us $(server_pids))
	captures=$(cpu_us $(pids_of fbgrab))
	sleep 5
	spent=$(($(cpu_us $(server_pids)) - before))
	captures=$(($(cpu_us $(pids_of fbgrab)) - captures))
	echo "$spent µs, $captures of fbgrab"
	# no capture (one costs 1 ms); a stage that holds a frame may look now and then whether it is taken
	((captures <= 2000 && spent <= 60000))
	stop "$mover"
	# and who comes then sees the screen as it is
	client
}
