#!/usr/bin/env bats
# rfbstat with viewers: tables that fit the terminal, names of any bytes, what rules limit.

bats_require_minimum_version 1.5.0
load helpers
load served

setup() {
	rfbkit_setup
	mkdir "$T/stat"
	export RFB_STATDIR=$T/stat
}

# crowd N: so many viewers stay until the test ends.
crowd() {
	start_sh crowd "PYTHONPATH='$REPO/tests/cli' PYTHONDONTWRITEBYTECODE=1 exec python3 -c '
import time
from rawviewer import *
held = [Viewer($port) for n in range($1)]
print(\"here\", flush=True)
time.sleep(1000)'"
	wait_text "$T/crowd.out" here
}

# on_terminal COLUMNS ROWS: the last whole screen that rfbstat shows there.
on_terminal() {
	[[ -p $T/keyboard ]] || mkheld keyboard
	START_IN=$T/keyboard start table script -qefc "stty cols $1 rows $2; exec rfbstat -n 0.3" /dev/null
	wait_for has_whole_screens 2
	stop "$table"
	python3 - "$T/table.out" <<-'END'
		import re, sys
		shows = [s for s in open(sys.argv[1], newline="").read().split("\x1b[H") if "\x1b[J" in s]
		print(re.sub(r"\x1b\[[0-9;]*[KJ]|\r", "", shows[-1].split("\x1b[J")[0]), end="")
	END
}
has_whole_screens() { (($(grep -aoF $'\e[J' "$T/table.out" | wc -l) >= $1)); }
longest() { awk '{ if (length > n) n = length } END { print n }'; }

@test "the table fits the terminal: nothing wraps, nothing scrolls, those who do not fit are counted" {
	serve "$RED"
	crowd 40
	on_terminal 80 24 >"$T/table"
	cat "$T/table"
	[ "$(wc -l <"$T/table")" -le 23 ]
	[ "$(longest <"$T/table")" -le 79 ]
	grep -q '40 viewers' "$T/table"
	local shown
	shown=$(grep -c '127\.0\.0\.1:.* full ' "$T/table")
	grep -qx "$((40 - shown)) more" "$T/table"
	# all columns and the programs are there
	grep -q '^ID .* SENT$' "$T/table"
	[ "$(grep -c '^rfbd ' "$T/table")" = 2 ]
	on_terminal 44 12 >"$T/table"
	[ "$(wc -l <"$T/table")" -le 11 ]
	[ "$(longest <"$T/table")" -le 43 ]
	on_terminal 200 60 >"$T/table"
	[ "$(grep -c '127\.0\.0\.1:' "$T/table")" = 40 ]
	# no terminal, no bound
	[ "$(rfbstat -1 -n 0.1 | grep -c '127\.0\.0\.1:')" = 40 ]
}

@test "the limits of a viewer's rule are in the table and in the JSON, and follow the rules" {
	echo '* view fps=12.5 rate=500k region=200x100+10+20 idle=900 max-time=3600' >"$T/rules"
	serve "$RED" --rules "$T/rules"
	crowd 1
	rfbstat -j | jq -e '.viewers[0] | .rule == 1 and .limits == { fps: 12.5, rate: 500000, region: "200x100+10+20", idle: 900, "max-time": 3600 }'
	rfbstat -1 -n 0.1 | grep -q ' view .*  12.5 updates/s, 500 kB/s, region 200x100+10+20, idle 900 s, at most 3600 s$'
	printf '# free\n* control\n' >"$T/rules"
	kill -HUP "$(monitor_of)"
	wait_for freed
	run rfbstat -1 -n 0.1
	refute_output --partial LIMITS
}
freed() { rfbstat -j | jq -e '.viewers[0] | .rule == 2 and .limits == {} and .access == "full"'; }

@test "a name of any bytes stays a name: in JSON, and on a terminal" {
	serve "$RED"
	crowd 1
	# as a program might publish it: the user's name comes after the 64 bytes of the address
	python3 - "$T"/stat/rfbd.* <<-'END'
		import sys
		for path in sys.argv[1:]:
		    with open(path, "r+b") as f:
		        at = f.read().find(b"127.0.0.1:")
		        if at >= 0:
		            f.seek(at + 64)
		            f.write("müller\x1b[31m".encode() + b"\xff\xfe\0")
	END
	[ "$(rfbstat -j | jq -r '.viewers[0].user')" = 'müller\x1b[31m\xff\xfe' ]
	rfbstat -1 -n 0.1 | grep -qF 'müller\x1b[31m\xff\xfe@127.0.0.1:'
	on_terminal 80 24 >"$T/table"
	run ! grep -q $'\e' "$T/table"
	grep -q 'müller' "$T/table"
}
