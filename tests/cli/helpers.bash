# Loaded by every .bats file: `load helpers` (from tests/conformance: `load ../cli/helpers`).
#
# Gives each test a directory ($T), the built programs in PATH, processes that are
# tracked by pid and ended afterwards, displays and ports that nobody else uses, and
# a check that nothing was left behind: every process of a test carries its mark in
# the environment, so an orphan is found wherever it was reparented to.
#
# A file that needs set-up of its own defines setup() and calls rfbkit_setup first;
# the same for teardown() and rfbkit_teardown (last), and for setup_file/teardown_file.

bats_load_library bats-support
bats_load_library bats-assert
bats_load_library bats-file

REPO=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD = /* ]] || BUILD=$REPO/$BUILD
export REPO BUILD LC_ALL=C.UTF-8
export XDG_RUNTIME_DIR= RFB_STATDIR=
PATH=$BUILD/bin:$BUILD/tools:$BUILD/conformance:$PATH
# patience of wait_for, and of the viewers that wait, in seconds; a slow machine or a sanitizer needs more
export PATIENCE=${PATIENCE:-30}
unset DISPLAY XAUTHORITY

rfbkit_setup() {
	T=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
	RFBKIT_MARK=rfbkit-${T//\//-}
	export T RFBKIT_MARK
	: >>"$T/.pids"
	[[ -p $T/.never ]] || mkfifo "$T/.never"
}

# Ends what the test started, then fails if anything of it is still alive.
rfbkit_teardown() {
	local left
	stop_all
	left=$(marked_for_good)
	[[ -z $left ]] && return 0
	echo "processes left behind:"
	for_each_pid describe_pid $left
	kill -KILL $left 2>/dev/null
	return 1
}

setup_file() { rfbkit_setup; }
teardown_file() { rfbkit_teardown; }
setup() { rfbkit_setup; }
teardown() { rfbkit_teardown; }

# --- waiting ---------------------------------------------------------------------

# wait_for [-t SECONDS] COMMAND...: until it succeeds; fails with a message when it never does.
wait_for() {
	local bound=$PATIENCE end
	if [[ $1 = -t ]]; then bound=$2; shift 2; fi
	end=$((${EPOCHREALTIME/./} + bound * 1000000))
	until "$@" 3>&- >/dev/null 2>&1; do
		if ((${EPOCHREALTIME/./} > end)); then
			echo "waited ${bound} s in vain for: $*"
			return 1
		fi
		# a pause without a process: nobody writes there
		read -r -t 0.03 _ <>"$T/.never" || :
	done
}

# wait_text FILE PATTERN: until a line of the file matches (grep -E).
wait_text() {
	wait_for grep -qsE -e "$2" "$1" || { echo "--- $1:"; tail -20 "$1"; return 1; }
}

# wait_exit PID: until the process has ended; its exit status in $status when it was our child.
wait_exit() {
	wait_for gone "$1" || return 1
	status=0
	wait "$1" 2>/dev/null || status=$?
}

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# --- processes ---------------------------------------------------------------------

# start NAME COMMAND...: in the background in a process group of its own, stdin from
# $START_IN (default /dev/null; the test's own `exec {fd}>` are not passed on), stdout to $T/NAME.out, stderr to $T/NAME.err. The pid goes
# to $NAME and is the command's own. Ended in teardown.
start() {
	local name=$1 pid
	shift
	# nobody shall read there what an earlier one of that name said
	: >"$T/$name.out" >"$T/$name.err"
	set -m
	with_three_fds "$@" <"${START_IN:-/dev/null}" >"$T/$name.out" 2>"$T/$name.err" &
	pid=$!
	set +m
	printf '%s\n' "$pid" >>"$T/.pids"
	printf -v "$name" %s "$pid"
}

# Runs a program or function with stdin, stdout and stderr only: a pipe of the test's own would never end
# while somebody started later holds it.
with_three_fds() {
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		((fd < 3)) || eval "exec $fd>&-"
	done
	[[ $(type -t "$1") = file ]] && exec "$@"
	"$@"
}

# start_sh NAME 'a | b | c': the same for a shell line; the pid is the shell's.
start_sh() {
	local name=$1
	start "$name" bash -c "$2"
}

# stop PID...: TERM to the process group (or the process), KILL when it does not listen.
stop() {
	local pid
	for pid; do signal_group TERM "$pid"; done
	for pid; do
		wait_for -t 10 gone "$pid" >/dev/null && wait_for -t 10 group_gone "$pid" >/dev/null || signal_group KILL "$pid"
		wait "$pid" 2>/dev/null || :
	done
}

stop_all() {
	local pids
	mapfile -t pids < <(tac "$T/.pids")
	((${#pids[@]})) && stop "${pids[@]}"
	: >"$T/.pids"
}

signal_group() { kill -"$1" -- -"$2" 2>/dev/null || kill -"$1" "$2" 2>/dev/null || :; }
# These are asked again and again: no process is started for them.
alive() { local s; { read -r s <"/proc/${1:-none}/stat"; } 2>/dev/null && s=${s##*) } && [[ ${s%% *} != [ZX] ]]; }
gone() { ! alive "$1"; }
proc_state() { local s; { read -r s <"/proc/$1/stat"; } 2>/dev/null || { echo X; return; }; s=${s##*) }; echo "${s%% *}"; }
# Nobody but zombies in the group. One awk is cheaper than a loop, each of whose commands bats traces.
group_gone() {
	kill -0 -- -"$1" 2>/dev/null || return 0
	cat /proc/[0-9]*/stat 2>/dev/null |
		awk -v group="$1" '{ sub(/.*\) /, "") } $3 == group && $1 !~ /[ZX]/ { found = 1 } END { exit found }'
}
for_each_pid() { local f=$1 p; shift; for p; do "$f" "$p"; done; }
describe_pid() { echo "  $1 $(proc_state "$1") $(tr '\0' ' ' </proc/"$1"/cmdline 2>/dev/null)"; }

# Pids that carry the test's mark (started by it, at any depth), but bats' own.
marked() {
	local p
	for p in $(grep -lszxF "RFBKIT_MARK=$RFBKIT_MARK" /proc/[0-9]*/environ 2>/dev/null | sed 's/environ$/cmdline/' |
			xargs -r grep -LsF bats-exec 2>/dev/null); do
		p=${p#/proc/}
		p=${p%/cmdline}
		! alive "$p" || echo "$p"
	done
	return 0
}
# The same, once they have had time to end by themselves.
marked_for_good() { wait_for -t 10 no_marked >/dev/null || marked; }
no_marked() { [[ -z $(marked) ]]; }

# pids_of PROGRAM: this test's processes running it. Asked often: only those of that name are looked at closely.
pids_of() {
	local p found
	mapfile -t found < <(grep -lsxF -e "${1:0:15}" /proc/[0-9]*/comm)
	((${#found[@]})) || return 0
	for p in $(grep -lszxF "RFBKIT_MARK=$RFBKIT_MARK" "${found[@]/%comm/environ}" 2>/dev/null); do
		p=${p#/proc/}
		p=${p%/environ}
		[[ $(readlink /proc/"$p"/exe) = */"$1"?(' (deleted)') ]] && echo "$p"
	done
	return 0
}

# runs PROGRAM: this test has a process that runs it (for wait_for, which asks anew each time).
runs() { [[ -n $(pids_of "$1") ]]; }

fd_count() { ls /proc/"$1"/fd | wc -l; }
# CPU time in microseconds of processes, all threads (schedstat).
cpu_us() {
	local p f ns sum=0
	for p; do
		for f in /proc/"$p"/task/*/schedstat; do
			{ read -r ns _ <"$f"; } 2>/dev/null && sum=$((sum + ns))
		done
	done
	echo $((sum / 1000))
}
# Shared memory segments created by a process: "shmid cpid lpid nattch" lines.
shm_of() { awk -v p="$1" 'NR > 1 && $5 == p { print $2, $5, $6, $7 }' /proc/sysvipc/shm; }

# mkheld NAME: a FIFO $T/NAME, whose other end is the test's own descriptor $NAME, so that it neither ends nor is read.
mkheld() {
	rm -f "$T/$1"
	mkfifo "$T/$1"
	eval "exec {$1}<>'$T/$1'"
}
# unread FD: how many bytes wait in a pipe.
unread() { python3 -c 'import fcntl, struct, sys; print(struct.unpack("i", fcntl.ioctl(int(sys.argv[1]), 0x541B, bytes(4)))[0])' "$1"; }
all_read() { (($(unread "$1") == 0)); }
some_unread() { (($(unread "$1") > 60000)); }

# --- displays ------------------------------------------------------------------------

# start_x [NAME=x] [WxH=800x600] [OPTIONS]: an Xvfb on a free display, ready. Sets DISPLAY; the pid is in $NAME.
start_x() {
	local name=${1:-x} size=${2:-800x600}
	shift $(($# < 2 ? $# : 2))
	start_server "$name" Xvfb -screen 0 "${size}x24" "$@"
}

# start_xvnc [NAME=x] [WxH=800x600] [OPTIONS]: Xtigervnc as a plain X server: RandR can resize it.
start_xvnc() {
	local name=${1:-x} size=${2:-800x600}
	shift $(($# < 2 ? $# : 2))
	start_server "$name" Xtigervnc -geometry "$size" -depth 24 -SecurityTypes None \
		-rfbport -1 -rfbunixpath "$T/$name.rfb" "$@"
}

start_server() {
	local name=$1
	shift
	rm -f "$T/$name.display"
	start "$name" bash -c 'exec "$@" 4>"$0"' "$T/$name.display" "$@" \
		-displayfd 4 -nolisten tcp -noreset
	wait_for server_told "$name" && test -s "$T/$name.display" || { tail -3 "$T/$name.err"; return 1; }
	export DISPLAY=:$(<"$T/$name.display")
	wait_for xdpyinfo -display "$DISPLAY"
}

server_told() { test -s "$T/$1.display" || gone "${!1}"; }

# --- the network -----------------------------------------------------------------------

# free_port: a TCP port that nobody listens on and no other test of this run (tests/run's, which has many of bats') was given.
free_port() {
	local p dir=${RFBKIT_PORTS:-${BATS_RUN_TMPDIR:-/tmp}/ports}
	mkdir -p "$dir"
	while :; do
		p=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
		port_listens "$p" && continue
		mkdir "$dir/$p" 2>/dev/null || continue
		echo "$p"
		return
	done
}
port_listens() {
	awk -v p="$(printf %04X "$1")" '$4 == "0A" { split($2, a, ":"); if (a[2] == p) found = 1 }
		END { exit !found }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
wait_port() { wait_for port_listens "$1"; }

# --- pixels ------------------------------------------------------------------------------

# shot FILE [WxH+X+Y]: what the display shows, as a PPM, through XGetImage.
shot() { xshot ${2:+-g "$2"} >"$1"; }
# same_pixels A B: two PPM files are equal, header included.
same_pixels() { cmp -s "$1" "$2"; }
assert_same_pixels() {
	same_pixels "$1" "$2" && return
	head -c 15 "$1" | head -2 | tr '\n' ' '; echo "differs from"; head -c 15 "$2" | head -2
	cmp "$1" "$2" || :
	return 1
}
# pixel FILE.ppm X Y: rrggbb
pixel() {
	local magic w h max skip
	{ read -r magic; read -r w h; read -r max; } < <(head -c 64 "$1" | tr -d '\0' )
	skip=$((${#magic} + 1 + ${#w} + 1 + ${#h} + 1 + ${#max} + 1 + 3 * ($3 * w + $2)))
	od -An -tx1 -j "$skip" -N 3 "$1" | tr -d ' \n'
}
