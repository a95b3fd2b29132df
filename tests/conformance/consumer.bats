#!/usr/bin/env bats
# An input consumer that hangs and is killed: what viewers asked of it is answered all the same, or by the next.

load viewers

setup() {
	rfbkit_setup
	need xclip Xtigervnc
	start_xvnc screen 640x480
	SERVED=$DISPLAY
	serve -R on -L debug
}

consumer() { pids_of fbinput | head -1; }
another_than() { local c; c=$(consumer); [[ -n $c && $c != "$1" ]]; }
kill_consumer() { local c; c=$(consumer); kill -KILL "$c"; wait_for another_than "$c"; }
pasted() { timeout 5 xpaste CLIPBOARD >"$T/pasted" && [[ $(<"$T/pasted") = "from the viewer" ]]; }

@test "sizes are answered, clipboards go on" {
	local what
	head -c 200000 /dev/zero | tr '\0' x >"$T/copied"
	wait_for consumer_is_there
	coproc viewer { exec consumer.py "$PORT" 2>&1; }
	while read -r what <&"${viewer[0]}"; do
		echo "$what"
		case $what in
		stop) kill -STOP "$(consumer)" ;;
		kill) kill_consumer ;;
		paste) wait_for pasted ;;
		copy) start owner xclip -quiet -selection clipboard "$T/copied"; continue ;;
		done) return 0 ;;
		*) break ;;
		esac
		echo >&"${viewer[1]}"
	done
	cat "$T/server.err"
	return 1
}
consumer_is_there() { [[ -n $(consumer) ]]; }
