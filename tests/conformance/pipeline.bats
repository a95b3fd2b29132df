#!/usr/bin/env bats
# The pipeline as a whole, as a person runs it: its cost at rest, its end, its parts of a screen, changes of size, and a crowd.
#
# alone

load viewers

# serve_as 'LINE': a shell line with rfbd at its end, on $PORT; DISPLAY is the served one.
serve_as() {
	PORT=$(free_port)
	DISPLAY=$SERVED start_sh server "$1 -l 127.0.0.1:$PORT"
	wait_port "$PORT" || { cat "$T/server.err"; return 1; }
}
server_pids() { pids_of fbgrab; pids_of fbdiff; pids_of rfbd; pids_of fbinput; }
# lookers N: viewers of different kinds that stay; their pids in $lookers.
lookers() {
	local i e=(tight zrle hextile raw rre zlib) f=(rgb888 rgb888 rgb565 rgb332 bgr888)
	lookers=()
	for ((i = 0; i < $1; i++)); do
		start "looker$i" vncclient --display "$SERVED" --encodings "${e[i % 6]} copyrect" --format "${f[i % 5]}" --watch 600 127.0.0.1::"$PORT"
		local pid=looker$i
		lookers+=("${!pid}")
	done
	for ((i = 0; i < $1; i++)); do wait_text "$T/looker$i.out" '^1 updates'; done
}
assert_lookers_exact() {
	local i
	for i in "${!lookers[@]}"; do kill -USR1 "${lookers[i]}"; done
	for i in "${!lookers[@]}"; do
		wait_text "$T/looker$i.out" '^exact' || { echo "looker $i:"; cat "$T/looker$i.err"; return 1; }
	done
}

@test "an idle screen with one viewer: at most 10 ms of CPU in ten seconds" {
	local flag before spent
	start_screen 1920x1080
	paint_scene
	for flag in "" "-m"; do
		serve_as "fbgrab $flag | fbdiff $flag | rfbd"
		start looker vncclient --display "$SERVED" --watch 600 127.0.0.1::"$PORT"
		wait_text "$T/looker.out" '^1 updates'
		kill -USR1 "$looker"
		wait_text "$T/looker.out" '^exact'
		sleep 2
		before=$(cpu_us $(server_pids))
		sleep 10
		spent=$(($(cpu_us $(server_pids)) - before))
		echo "with '$flag': $spent µs"
		((spent <= 10000))
		stop "$looker" "$server"
	done
}

@test "with no viewer nothing is done, whatever moves" {
	local before spent captures
	start_screen
	paint_scene
	serve_as "fbgrab | fbdiff | rfbd"
	start mover bash -c 'while :; do echo "noise 0 0 300 300 $((++n))"; sleep 0.03; done | xpaint'
	client --watch 2
	sleep 1
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

@test "a stage that is killed ends the pipeline cleanly, and one line says which" {
	local stage pids
	start_screen
	paint_scene
	for stage in fbgrab fbdiff rfbd; do
		serve_as "set -o pipefail; fbgrab | fbdiff | rfbd"
		start looker vncclient --watch 600 127.0.0.1::"$PORT"
		wait_text "$T/looker.out" '^1 updates'
		wait_for runs fbinput
		kill -KILL "$(case $stage in rfbd) pids_of rfbd | head -1 ;; *) pids_of $stage ;; esac)"
		wait_for gone "$server"
		wait_for nothing_left
		wait_for gone "$looker"
		[[ $stage = rfbd ]] || (($(grep -c "error: .*$stage died" "$T/server.err") == 1)) || { echo "$stage:"; cat "$T/server.err"; return 1; }
	done
}
nothing_left() { [[ -z $(server_pids) ]]; }

@test "-g: a part of the screen, exact, and its clicks in the right place" {
	need xtigervncviewer
	start_screen
	start_viewer_screen
	paint_scene
	serve_as "fbgrab -g 400x300+150+120 | fbdiff | rfbd"
	client --part 400x300+150+120
	start report env DISPLAY="$SERVED" keyreport
	wait_text "$T/report.out" ready
	start tigervnc env DISPLAY="$VIEWING" HOME="$T" xtigervncviewer -RemoteResize=0 -Shared 127.0.0.1::"$PORT"
	viewer_window() { DISPLAY=$VIEWING xdotool search --onlyvisible --name 'TigerVNC' | tail -1; }
	wait_for have_viewer_window
	DISPLAY=$VIEWING xdotool mousemove --sync --window "$(viewer_window)" 30 40
	wait_for clicked_at 180 160
}
clicked_at() {
	DISPLAY=$VIEWING xdotool click 1
	sleep 0.2
	grep -q "^down 1 $1 $2" "$T/report.out"
}

@test "the screen changes its size fifty times under a moving picture: all viewers end exact" {
	need xrandr Xtigervnc
	local sizes=(640x480 1024x768 1280x720 800x600 1920x1080) n
	start_xvnc screen 1024x768
	SERVED=$DISPLAY
	serve_as "fbgrab | fbdiff | rfbd"
	start mover bash -c 'while :; do echo "photo $((n % 300)) $((n % 200)) 250 200 $((++n))"; sleep 0.03; done | xpaint'
	lookers 3
	# and one that knows no change of size
	start old python3 "$CONF/wire.py" "$PORT" watches_for_ever
	for n in {1..50}; do
		xrandr -s "${sizes[n % 5]}"
		sleep 0.0$((n % 10))
	done
	xrandr -s 800x600
	stop "$mover"
	paint_scene
	assert_lookers_exact
	alive "$old"
}

@test "thirty viewers of every kind end exact, each" {
	start_screen
	serve_as "fbgrab -m | fbdiff -m | rfbd"
	start mover bash -c 'while :; do echo "photo $((n % 300)) $((n % 200)) 250 200 $((++n))"; echo "copy 0 0 400 300 $((n % 90)) $((n % 50))"; sleep 0.05; done | xpaint'
	lookers 30
	stop "$mover"
	paint_scene
	assert_lookers_exact
}
