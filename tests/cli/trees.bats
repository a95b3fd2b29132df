#!/usr/bin/env bats
# What a tree of services can be: all of its services at once, several screens, an ordinary user's, a container's.

bats_require_minimum_version 1.5.0
load services

all_ready() { local s; for s in "$@"; do [[ $(s6-svstat -o up,ready "$T/tree/service/$s") = 'true true' ]] || return 1; done; }
client_shows_it() { vncclient --ppm "$T/served.ppm" --timeout 5 "$@" 127.0.0.1::"$PORT" >/dev/null 2>&1; }
# paint_on DISPLAY N: and what it looks like in $T/served.ppm
paint_on() {
	SERVED=$1
	wait_for paint_scene "$2"
	reference
}

@test "every service runs and is ready: display, desktop, holder, rfbd, source, input, rec, stat" {
	local web=$(free_port) stat=$(free_port) file n
	printf 'sesame42\n' | tigervncpasswd -f >"$T/passwd"
	start_tree -e rec/up=yes rec/ROTATE=200k rec/KEEP=1G rec/KEEP_TIME=30d stat/up=yes "stat/LISTEN=127.0.0.1:$stat" "rfbd/WEB=127.0.0.1:$web" \
		"rfbd/PASSWORD_FILE=$T/passwd" rfbd/NAME="the tree" rfbd/MAX_VIEWERS=7 rfbd/LOG_JSON=1
	wait_for all_ready display desktop holder rfbd source input rec stat ||
		{ for n in "$T"/tree/service/*; do echo "$n: $(s6-svstat "$n")"; done; tail -n 5 "$T"/tree/log/*/current; return 1; }
	# every service has a log of its own and a policy for the end, every log is supervised, too
	for n in "$T"/tree/service/*; do
		assert_file_executable "$n/finish"
		assert_file_exists "$n/timeout-kill"
		wait_for log_is_ready "$n"
	done
	# readiness means what it says: the page, the metrics, a viewer
	[ "$(curl -s -o "$T/page" -w '%{http_code}' "http://127.0.0.1:$web/")" = 200 ]
	wait_for eval '[[ $(curl -s "http://127.0.0.1:$stat/readyz") = ready ]]'
	PYTHONPATH=$REPO/tests/cli run -0 python3 "$REPO/tests/cli/visit.py" "$PORT" sesame42
	assert_output "800 600 the tree"
	wait_text "$T/tree/log/rfbd/current" '^[^{]*\{.*"event": *"join"'
	# the recorder is a viewer whom a restart of rfbd, or of the display, costs nothing but the time
	n=$(service_pid rec)
	s6-svc -r "$T/tree/service/rfbd"
	paint_on "$SERVED" 1
	wait_for rotated 3 || { ls -l "$T/tree/recordings"; return 1; }
	[ "$(service_pid rec)" = "$n" ]
	# and keeps what its settings say
	file=$T/tree/recordings/20200101-000000.vnc.gz
	cp "$(ls "$T"/tree/recordings/*.vnc.gz | head -n 1)" "$file"
	touch -d '31 days ago' "$file"
	wait_for rotated_out "$file" || { ls -l "$T/tree/recordings"; return 1; }
	s6-svc -wD -d "$T/tree/service/rec"
	n=0
	for file in "$T"/tree/recordings/*.vnc.gz; do
		gzip -t "$file"
		rfbplay -I "$file" >"$T/info"
		rfbplay -o - -s 0 "$file" | rfbenc -d | fbsview -q -o "$T/last.ppm"
		n=$((n + 1))
	done
	[ "$n" -ge 3 ]
}
log_is_ready() { [[ $(s6-svstat -o up,ready "$1/log") = 'true true' ]]; }
rotated() {
	DISPLAY=$SERVED xpaint >/dev/null <<<"noise 0 0 300 300 $RANDOM"
	[ "$(ls "$T/tree/recordings" | wc -l)" -ge "$1" ]
}
rotated_out() { rotated 1; [ ! -e "$1" ]; }

@test "one tree serves several screens, each by services of its own" {
	local second s
	# before the tree runs, and while it runs
	PORT=$(free_port)
	rfbkit-init -x "$T/tree" "rfbd/LISTEN=127.0.0.1:$PORT" display/SCREEN=400x300x24 >/dev/null
	rfbkit-init -x -s left "$T/tree" "rfbd/LISTEN=127.0.0.1:$(free_port)" display/SCREEN=500x400x24 >/dev/null
	start scan s6-svscan "$T/tree/service"
	rfbkit-init -x -s right "$T/tree" "rfbd/LISTEN=127.0.0.1:$(free_port)" display/SCREEN=600x500x24 >/dev/null
	wait_for s6-svscanctl -a "$T/tree/service"
	for s in {display,rfbd,source,input}{,@left,@right}; do wait_for test -e "$T/tree/service/$s/supervise/status"; done
	s6-svwait -U -t 60000 "$T"/tree/service/{display,rfbd,source,input}{,@left,@right}
	[ "$(cat "$T"/tree/env/DISPLAY "$T"/tree/screens/*/env/DISPLAY | sort -u | wc -l)" = 3 ]
	export XAUTHORITY=
	paint_each 1
	# one screen's end is not another's
	kill -KILL "$(service_pid rfbd@left)" "$(service_pid display@right)"
	s6-svwait -U -t 60000 "$T"/tree/service/{display,rfbd,source,input}{,@left,@right}
	wait_for paint_each 4
	[ -s "$T/tree/screens/left/log/rfbd/current" ]
	# ports that nobody chose are the next free ones
	rfbkit-init -d :7 -s third "$T/tree" >/dev/null
	rfbkit-init -d :7 -s fourth "$T/tree" >/dev/null
	assert_equal "$(cat "$T"/tree/service/{rfbd,stat}@{third,fourth}/env/LISTEN | tr '\n' ' ')" "5900 5901 9593 9594 "
	run -100 rfbkit-init -d :7 -s third "$T/tree"
	run -100 rfbkit-init -d :7 -s 'a b' "$T/tree"
	run -100 rfbkit-init -d :7 -s left "$T/other"
}
paint_each() {
	local dir n=$1
	for dir in "$T"/tree "$T"/tree/screens/{left,right}; do
		PORT=$(sed 's/.*://' "$dir/service/rfbd/env/LISTEN")
		paint_on "$(<"$dir/env/DISPLAY")" "$n"
		wait_for client_shows_it || return 1
		n=$((n + 1))
	done
}

# Whoever it belongs to, the tree is up, shows what is drawn and records.
assert_tree_works() {
	local s
	for s in display holder rfbd source input rec; do wait_for test -e "$1/service/$s/supervise/status"; done
	wait_for all_up "$1" || { tail -n 5 "$1"/log/*/current; return 1; }
	export XAUTHORITY=
	paint_on "$(<"$1/env/DISPLAY")" 1
	wait_for client_shows_it
	wait_for has_recorded "$1"
}
has_recorded() { find "$1/recordings" -name '*.vnc.gz' -size +1k | grep -q .; }
all_up() { local s; for s in display holder rfbd source input rec; do [[ $(s6-svstat -o up,ready "$1/service/$s") = 'true true' ]] || return 1; done; }

@test "an ordinary user's tree" {
	((EUID == 0)) || skip "that is what every other test here runs"
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	PORT=$(free_port)
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$T"
	install -d -o 65534 -g 65534 "$T/home"
	"${nobody[@]}" test -x "$BUILD/bin/rfbkit-init" || skip "the build is not for others to see"
	HOME=$T/home "${nobody[@]}" "$BUILD/bin/rfbkit-init" -x "$T/home/tree" "rfbd/LISTEN=127.0.0.1:$PORT" display/SCREEN=800x600x24 rec/up=yes
	start scan env HOME="$T/home" "${nobody[@]}" s6-svscan "$T/home/tree/service"
	assert_tree_works "$T/home/tree"
	[ "$(stat -c %u "/proc/$(s6-svstat -o pid "$T/home/tree/service/rfbd")")" = 65534 ]
	s6-svscanctl -t "$T/home/tree/service"
	wait_exit "$scan"
	scan=
}

@test "a container: s6-svscan is process 1, the root is read-only, SIGTERM ends it" {
	local container=(unshare --mount --pid --fork --kill-child)
	((EUID == 0)) || container=(unshare --user --map-root-user --mount --pid --fork --kill-child)
	"${container[@]}" mount -t tmpfs tmpfs /mnt 2>/dev/null || skip "no namespaces without privileges"
	PORT=$(free_port)
	mkdir "$T/state"
	# as an image would say it: a read-only root, and two places to write in
	start inside "${container[@]}" sh -c '
		set -e
		mount --make-rprivate /
		mount --bind /tmp /tmp
		mount --bind "$1" "$1"
		mount -o remount,bind,ro /
		mount -t proc proc /proc
		if touch /etc/written 2>/dev/null || [ $$ != 1 ]; then echo "no container"; exit 1; fi
		rfbkit-init -x "$1/tree" "rfbd/LISTEN=127.0.0.1:$2" display/SCREEN=800x600x24 rec/up=yes
		exec s6-svscan "$1/tree/service"' sh "$T/state" "$PORT"
	assert_tree_works "$T/state/tree" || { cat "$T/inside.out" "$T/inside.err"; return 1; }
	# nobody but the supervisor reaps: there is no zombie
	local init
	init=$(cat "/proc/$inside/task/$inside/children")
	wait_for eval '[[ $(ps -o stat= --ppid "${init% }") != *Z* ]]'
	kill -TERM "${init% }"
	wait_exit "$inside"
	[ "$status" = 0 ]
	wait_for nothing_is_left
}
nothing_is_left() { [[ -z $(tree_pids) ]]; }
