#!/usr/bin/env bats
# Whose text the clipboard holds when viewers come and go, and when fbinput is another.

load viewers

setup() {
	rfbkit_setup
	start_screen 320x240
	serve "$@"
	wait_for runs fbinput
}

# hands CASE: the script's side, and what it asks for.
hands() {
	local line name old
	coproc hands { exec cliphands.py "$PORT" "$1" 2>&1; }
	while read -r line <&"${hands[0]}"; do
		case $line in
		kill)
			old=$(pids_of fbinput)
			kill -KILL $old
			wait_for replaced "$old" ;;
		stop) kill -STOP $(pids_of fbinput) ;;
		own\ *)
			name=${line#* }
			start "$name" xown -s "$name" -l $((20000 * ${#name})) "$name"
			wait_text "$T/$name.out" owned ;;
		freeze) kill -STOP "$CLIPBOARD" ;;
		thaw) kill -CONT "$CLIPBOARD" ;;
		done) return 0 ;;
		*) echo "$line" && return 1 ;;
		esac
		echo >&"${hands[1]}"
	done
	return 1
}
replaced() { [[ -n $(pids_of fbinput) && $(pids_of fbinput) != "$1" ]]; }

@test "a viewer that has no text takes nothing from one that has" { hands withdrawn_by_another; }
@test "a viewer that did not answer a paste is asked again by the next" { hands asked_again; }
@test "what was copied in a viewer that is gone can be pasted" { hands outlives; }
@test "a new fbinput offers what viewers have copied" { hands offered_again; }
@test "a text that was asked for when fbinput went comes from the next" { hands wanted_again; }
@test "a text that was asked for by a viewer that left comes for the next" { hands left_while_waiting; }
