#!/usr/bin/env bats
# Many viewers: all are let in, however suddenly they come, and one more costs next to no memory.

load viewers

# crowd NAME COUNT: so many viewers connect at once, and stay. Waits until all have been sent a picture; dropped ones: $T/NAME.out.
crowd() {
	start "$1" "$CONF/crowd.py" "$PORT" "$2"
	wait_text "$T/$1.out" '^all in' || { cat "$T/$1.err"; return 1; }
}

frames_taken() { rfbstat -j | jq .metrics.frames; }
# The proportional set size of the whole pipeline in kB, at its largest while the picture moves: for twenty frames.
pipeline_pss() {
	local most=0 now end=$(($(frames_taken) + 20)) late=$((SECONDS + PATIENCE))
	while (($(frames_taken) < end)); do
		((SECONDS < late)) || { echo "the picture does not move" >&2; return 1; }
		now=$(for_each_pid smaps $(pids_of fbgrab; pids_of fbdiff; pids_of rfbd; pids_of fbinput) | awk '/^Pss:/ { sum += $2 } END { print sum }')
		((now > most)) && most=$now
		sleep 0.1
	done
	echo "$most"
}
smaps() { cat /proc/"$1"/smaps_rollup 2>/dev/null; }

@test "500 viewers who connect at once are all let in and sent the picture" {
	start_screen 320x240
	paint_scene
	serve
	crowd burst 500
	client
	refute grep -q gone "$T/burst.out"
}

@test "at 1920×1080: at most 60 MB with one viewer, and half a megabyte for each further one" {
	local one many
	start_screen 1920x1080
	paint_scene
	publish
	start mover bash -c 'while :; do echo "photo $((++n % 900)) 100 640 360 $((n % 20))"; sleep 0.03; done | xpaint'
	for flag in "" "-m"; do
		PORT=$(free_port)
		DISPLAY=$SERVED start_sh server "fbgrab $flag | fbdiff $flag | rfbd -l 127.0.0.1:$PORT"
		wait_port "$PORT"
		crowd first 1
		one=$(pipeline_pss)
		crowd more 20
		many=$(pipeline_pss)
		echo "with '$flag': $one kB with one viewer, $many kB with 21"
		((one <= 60000 && many - one <= 20 * 500))
		stop "$first" "$more" "$server"
	done
}
