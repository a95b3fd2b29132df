#!/usr/bin/env bats
# The pipeline as a whole, as a person runs it: its end, its parts of a screen, changes of size, and a crowd.

load viewers

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
