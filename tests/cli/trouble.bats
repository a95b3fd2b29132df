#!/usr/bin/env bats
# A machine's troubles: the disk is full, the clock is set, the display goes. Nothing that was promised is lost, and when the
# trouble is over everything goes on by itself.

bats_require_minimum_version 1.5.0
load services

# trouble SECONDS FULL: the clock's error and whether the disk is full, for all who have libtrouble.so and $RFB_TROUBLE.
# Written in place: it is mapped.
trouble() { python3 -c 'import struct, sys; open(sys.argv[1], "r+b" if sys.argv[4] else "wb").write(struct.pack("<qq", int(sys.argv[2]), int(sys.argv[3])))' \
	"$RFB_TROUBLE" "$1" "$2" "$([[ -s $RFB_TROUBLE ]] && echo 1)"; }
troubled() { export RFB_TROUBLE=$T/trouble; trouble 0 0; }
SHIM=$BUILD/tools/libtrouble.so

shows_it() { vncclient --ppm "$T/served.ppm" --timeout 10 127.0.0.1::"$PORT" >/dev/null 2>&1; }
paint() { wait_for paint_scene "$1"; reference; }
recordings() { ls "$T/tree/recordings"/*.vnc.gz 2>/dev/null; }
# decoded FILE: its last picture in $T/last.ppm
decoded() { rfbplay -o - -s 0 "$1" 2>/dev/null | rfbenc -d 2>/dev/null | fbsview -q -o "$T/last.ppm"; }
recorded_it() { local f=$(recordings | tail -n 1); [[ $f ]] && decoded "$f" && same_pixels "$T/last.ppm" "$T/served.ppm"; }
metric() { rfbstat -j | jq ".metrics.$1"; }

@test "the disk of the recorder is full: what was recorded is whole, viewers notice nothing, it goes on when there is room" {
	troubled
	start_tree rec/up=yes rec/FLUSH=0 "rec/LD_PRELOAD=$SHIM" "rec/RFB_TROUBLE=$RFB_TROUBLE" source/FBGRAB_OPTIONS=-C
	local rec=$T/tree/service/rec first
	export RFB_STATDIR=$T/tree/stat
	s6-svwait -U -t 60000 "$rec"
	paint 1
	wait_for recorded_it
	first=$(recordings | tail -n 1)
	start looker vncclient --ppm "$T/served.ppm" --timeout 60 --watch 7200 127.0.0.1::"$PORT"
	wait_text "$T/looker.out" '^1 updates'
	trouble 0 1
	paint 2
	wait_text "$T/tree/log/rec/current" 'cannot write .*: No space left on device'
	# it is not given up: it is tried again and again
	wait_for eval '(($(grep -c "No space left" "$T/tree/log/rec/current") > 2))'
	wait_for shows_it
	alive "$looker"
	# what is promised of the first file: whole frames up to the last that was written
	decoded "$first"
	DISPLAY=$SERVED paint 1
	same_pixels "$T/last.ppm" "$T/served.ppm"
	trouble 0 0
	s6-svwait -U -t 60000 "$rec"
	paint 3
	wait_for recorded_it
	# a new one, without a heap of empty ones between
	[ "$(recordings | wc -l)" = 2 ]
	wait_for eval '[[ $(metric recorder_errors) != 0 ]]'
}

@test "the disk of the logs is full: the services go on, lines are kept as long as there is room, then counted" {
	troubled
	PORT=$(free_port)
	start_tree() { :; }
	rfbkit-init -x "$T/tree" "rfbd/LISTEN=127.0.0.1:$PORT" display/SCREEN=800x600x24 >/dev/null
	sed -i "s,^s6-log,env LD_PRELOAD=$SHIM s6-log," "$T/tree/service/rfbd/log/run"
	SERVED=$(<"$T/tree/env/DISPLAY")
	start scan s6-svscan "$T/tree/service"
	local s
	for s in display holder rfbd source input; do wait_for test -e "$T/tree/service/$s/supervise/status"; done
	s6-svwait -U -t 60000 "$T"/tree/service/{display,rfbd,source,input}
	export XAUTHORITY=
	wait_text "$T/tree/log/rfbd/current" 'listening on'
	paint 1
	wait_for shows_it
	trouble 0 1
	# more than a pipe holds, at a rate that is not taken for a flood
	python3 - "$PORT" "$REPO/tests/cli" <<-'END'
		import sys, time
		sys.path.insert(0, sys.argv[2])
		from rawviewer import Viewer, Closed
		for i in range(700):
		    try:
		        Viewer(sys.argv[1], init=False).sock.close()
		    except (Closed, OSError):
		        pass
		    time.sleep(0.004)
	END
	paint 2
	wait_for shows_it
	trouble 0 0
	paint 3
	wait_for shows_it
	wait_for eval 'shows_it && tail -n 3 "$T/tree/log/rfbd/current" | grep -q "closed: the viewer left"'
	[ "$(s6-svstat -o up,ready "$T/tree/service/rfbd/log")" = 'true true' ]
}

@test "the clock is set forward and back: nobody is dropped, nothing waits, nothing is counted wrong" {
	troubled
	# every program of the tree, and the supervisors, live with this clock
	LD_PRELOAD=$SHIM start_tree rec/up=yes rec/FLUSH=0 source/FBGRAB_OPTIONS=-C
	unset LD_PRELOAD
	export RFB_STATDIR=$T/tree/stat
	s6-svwait -U -t 60000 "$T/tree/service/rec"
	local first jump program pid was n=1 t
	first=$(recordings)
	paint 1
	start looker vncclient --ppm "$T/served.ppm" --timeout 60 --watch 7200 127.0.0.1::"$PORT"
	wait_text "$T/looker.out" '^1 updates'
	for jump in 7200 -100000 0 3000000; do
		trouble "$jump" 0
		n=$((n + 1))
		paint "$n"
		# who is there goes on, who comes is let in, what dies comes back
		was=$(grep -c '^exact' "$T/looker.out" || :)
		kill -USR1 "$looker"
		wait_for eval '(($(grep -c "^exact" "$T/looker.out") > was))'
		DISPLAY=$SERVED xdotool mousemove $((100 + n)) 50
		for program in fbgrab fbinput; do
			pid=$(pids_of "$program" | head -n 1)
			kill -KILL "$pid"
			wait_for eval '[[ $(pids_of "$program" | head -n 1) != @($pid|) ]]'
		done
		s6-svwait -U -t 60000 "$T"/tree/service/{source,input}
		paint $((n + 10))
		wait_for shows_it
		python3 "$REPO/tests/cli/visit.py" "$PORT"
	done
	alive "$looker"
	# latencies are measured, not believed
	jq -e '.metrics.update_latency_seconds | .count > 0 and .sum < 300' <<<"$(rfbstat -j)"
	jq -e '.metrics.input_latency_seconds.sum < 300' <<<"$(rfbstat -j)"
	# one recording, as long as it really took
	wait_for recorded_it
	[ "$(recordings)" = "$first" ]
	rfbplay -I -j "$first" | jq -e '.seconds < 600'
	# and the end is not put off
	t=$(now_ms)
	end_tree
	(($(now_ms) - t < 30000))
}

@test "rfbd by itself: after the clock is set back its source is started again, and it ends at once" {
	troubled
	start_x x 320x240
	PORT=$(free_port)
	start server env LD_PRELOAD="$SHIM" rfbd -l "127.0.0.1:$PORT" -e 'fbgrab | fbdiff'
	wait_port "$PORT"
	wait_for vncclient --display "$DISPLAY" 127.0.0.1::"$PORT"
	trouble -100000 0
	local pid i
	for i in 1 2; do
		pid=$(pids_of fbgrab)
		kill -KILL "$pid"
		wait_for eval '[[ $(pids_of fbgrab) != @($pid|) ]]'
		xsetroot -solid "#20${i}040"
		wait_for vncclient --display "$DISPLAY" 127.0.0.1::"$PORT"
	done
	trouble -300000 0
	kill -TERM "$server"
	wait_for -t 15 gone "$server"
	wait_exit "$server"
	[ "$status" = 0 ]
}
