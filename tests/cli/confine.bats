#!/usr/bin/env bats
# The programs lock themselves in. What that forbids is tried in tests/unit/test_confine.c, right by right; here, that the
# running programs have done it, and leave nothing behind though they may open nothing.

bats_require_minimum_version 1.5.0
load helpers

# locked_in PID: seccomp filters it, it can gain no privileges, and it leaves no core.
locked_in() {
	grep -q '^Seccomp:	2$' "/proc/$1/status" && grep -q '^NoNewPrivs:	1$' "/proc/$1/status" &&
		grep -Eq '^Max core file size +0 +0 ' "/proc/$1/limits"
}
# every_thread_locked_in PID
every_thread_locked_in() {
	local t
	for t in /proc/"$1"/task/*; do grep -q '^Seccomp:	2$' "$t/status" || return 1; done
}
SCENE='screen 64 48; fill 0 0 64 48 204080; report 0 0 64 48; frame key'
script() { tr ';' '\n' <<<"$SCENE"; echo "${1-}"; }

# filter NAME COMMAND...: the command in the middle of a pipe that stays open.
filter() {
	local name=$1
	shift
	mkfifo "$T/$name.in"
	exec 7<>"$T/$name.in"
	START_IN=$T/$name.in start "$name" "$@"
}

@test "fbdiff, with and without shared memory" {
	filter d fbdiff
	wait_for locked_in "$d"
	stop "$d"
	filter e fbdiff -m
	wait_for locked_in "$e"
}

@test "rfbenc and its threads" {
	filter c rfbenc -j 3
	wait_for locked_in "$c"
	wait_for every_thread_locked_in "$c"
}

@test "rfbstat's meter, and rfbstat -l" {
	filter m rfbstat -p
	wait_for locked_in "$m"
	mkdir "$T/stat"
	RFB_STATDIR=$T/stat start s rfbstat -l "$(free_port)"
	wait_for locked_in "$s"
	wait_for every_thread_locked_in "$s"
}

@test "rfbd's worker, not its monitor" {
	filter r rfbd -l "$(free_port)"
	worker() { W=$(pgrep -P "$r" -x rfbd) && locked_in "$W"; }
	wait_for worker
	worker
	every_thread_locked_in "$W"
	run locked_in "$r"
	assert_failure
}

@test "a statistics file is removed by its locked-in program" {
	mkdir "$T/stat"
	export RFB_STATDIR=$T/stat
	script | fbsgen | fbdiff | rfbenc >"$T/out"
	run ls "$T/stat"
	refute_output
	[[ -s $T/out ]]
}

@test "rfbplay: a pipe, an export, a recording of others, a server that was made before" {
	local out=$T/out
	script | fbsgen | fbdiff >"$T/s.fbs"
	rfbplay -p 0 "$T/s.fbs" >"$out"
	assert_file_not_empty "$out"
	rfbplay -s 0 -o - "$REPO/tests/golden/foreign/rfbproxy.fbs" >"$out"
	assert_file_not_empty "$out"
	filter p rfbplay -o - -
	wait_for locked_in "$p"
	exec 7>&-	# what reads a whole recording from a pipe is ended by its end
	wait_exit "$p"
	local port=$(free_port)
	start served rfbplay --serve -l "$T/s.fbs" -- -l "$port"
	wait_for locked_in "$served"
	wait_port "$port"
	stop "$served"
}

@test "rfbplay --serve starts nothing for what is no recording" {
	echo nonsense >"$T/no"
	run rfbplay --serve "$T/no" -- -l "$(free_port)"
	assert_equal "$status" 1
	refute_output --partial listening
}

@test "rfbrec: a stream, and files in a row" {
	filter r rfbrec "$T/a.vnc.gz"
	wait_for locked_in "$r"
	stop "$r"
	{ echo "screen 64 48"; for i in {1..60}; do echo "fill 0 0 64 48 $(printf %06x $((i * 70000)))"; echo "report 0 0 64 48"; echo frame; echo "wait 50"; done; } >"$T/lines"
	fbsgen <"$T/lines" | rfbrec -R 1s "$T/b.vnc.gz"
	rfbplay -I "$T/b-2.vnc.gz"
}

@test "rfbrec -c: its connection is another process's to make; it comes back, and nothing stays" {
	local port=$(free_port)
	script | fbsgen >"$T/s.fbs"
	start served rfbd --keep -l "$port" -e "cat '$T/s.fbs'; sleep 1000"
	wait_port "$port"
	start c rfbrec -c "127.0.0.1::$port" "$T/c.vnc.gz"
	wait_text "$T/c.err" "recording .*64x48"
	locked_in "$c"
	stop "$served"
	wait_text "$T/c.err" "connection lost"
	start served rfbd --keep -l "$port" -e "cat '$T/s.fbs'; sleep 1000"
	twice() { (($(grep -c "recording .*64x48" "$T/c.err") == 2)); }
	wait_for twice
	kill "$c"
	wait_exit "$c"
	assert_equal "$status" 0
	stop "$served"
	rfbplay -I "$T/c.vnc.gz" | grep -q '^marks.*lost'
	wait_for eval '[[ -z $(pids_of rfbrec) ]]'
}
