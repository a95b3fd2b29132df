# What the tests of rfbd by itself share: `load served` after `load helpers`. Streams come from fbsgen, viewers are plain
# sockets (rawviewer.py).

# serve LINES [OPTION...]: rfbd on a free port ($port), fed with what fbsgen makes of the lines; then stdin stays open.
serve() {
	local lines=$1
	shift
	printf '%s\n' "$lines" >"$T/lines"
	start_sh server "{ fbsgen <'$T/lines'; cat '$T/more' 2>/dev/null; sleep 1000; } | exec rfbd -l 0 -L debug $*"
	find_port server
}
# serve_all LINES [OPTION...]: the same, but the stream ends after the lines. Status and messages are rfbd's.
serve_all() {
	local lines=$1
	shift
	printf '%s\n' "$lines" >"$T/lines"
	start_sh server "set -o pipefail; fbsgen <'$T/lines' 2>/dev/null | exec rfbd -l 0 -L debug $*"
}
# serve_parts LINES... -- [OPTION...]: the same, but each part after the first comes when somebody opens $T/gate1, $T/gate2, ...
# for writing.
serve_parts() {
	local n=0 files=
	while [[ $1 != -- ]]; do
		if ((n)); then
			mkfifo "$T/gate$n"
			files+=" '$T/gate$n'"
		fi
		printf '%s\n' "$1" >"$T/part$n"
		files+=" '$T/part$n'"
		n=$((n + 1))
		shift
	done
	shift
	start_sh server "{ cat $files | fbsgen; sleep 1000; } | exec rfbd -l 0 -L debug $*"
	find_port server
}
find_port() {
	wait_text "$T/$1.err" 'listening on 127\.0\.0\.1:' || return 1
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/$1.err")
}
# viewer [ARGUMENT...] <<PYTHON: a script with rawviewer's names; argv[1] is the port.
viewer() { PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 -c "$(printf 'import sys, time\nfrom rawviewer import *\nport = sys.argv[1]\n'; cat)" "$port" "$@"; }

RED='screen 300 200
name a red screen
fill 0 0 300 200 ff0000
report 0 0 300 200
frame key'

no_rfbd() { [[ -z $(pids_of rfbd) ]]; }
# The rfbd that was started, and its child. (In what order their pids are listed says nothing.)
monitor_of() { rfbd_below no; }
worker_of() { rfbd_below yes; }
rfbd_below() {
	local p all
	all=" $(pids_of rfbd | tr '\n' ' ')"
	for p in $all; do
		[[ $all = *" $(awk '/^PPid/ { print $2 }' "/proc/$p/status") "* ]] && set -- "$1" yes || set -- "$1" no
		[[ $1 != "$2" ]] || echo "$p"
	done
}
