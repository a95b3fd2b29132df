#!/usr/bin/env bats
# long
# The supervised tree: it comes up by itself, and whatever is killed comes back without a viewer noticing more
# than a short pause. KILLS says how often each program is killed; `make soak` does it for ten minutes.

load services
bats_require_minimum_version 1.5.0

KILLS=${KILLS:-5}

# paint N: a picture of that number on the served display, and what it looks like in $T/served.ppm.
paint() {
	wait_for paint_scene "$1"
	reference
}
# The watching viewer shows the picture that was painted last.
assert_looker_exact() {
	local n
	n=$(grep -c '^exact' "$T/looker.out" || :)
	kill -USR1 "$looker"
	wait_for more_exact "$n" || { cat "$T/looker.err"; tail -n 3 "$T"/tree/log/*/current; return 1; }
}
more_exact() {
	(($(grep -c '^exact' "$T/looker.out") > $1)) && return
	! grep -q '^different' "$T/looker.out" || { : >"$T/looker.out"; kill -USR1 "$looker"; }
	return 1
}
up_with_another() { local p; p=$(in_tree "$1") && [[ -n $p && $p != "$2" ]]; }

# kill_often PROGRAM SERVICE: kills it $KILLS times; the viewer stays, is right again, and nothing is left over.
kill_often() {
	local program=$1 service=$2 i pid t total=0 worst=0 ms fds
	start_tree
	paint 1
	start looker vncclient --ppm "$T/served.ppm" --timeout 60 --watch 7200 127.0.0.1::"$PORT"
	wait_text "$T/looker.out" '^1 updates'
	assert_looker_exact
	fds=$(descriptors)
	for ((i = 1; i <= KILLS; i++)); do
		pid=$(in_tree "$program")
		t=$(now_ms)
		kill -KILL "$pid"
		wait_for up_with_another "$program" "$pid"
		[[ $program != Xvfb ]] || s6-svwait -U -t 60000 "$T/tree/service/display" "$T/tree/service/source"
		paint $((i + 1))
		assert_looker_exact
		ms=$(($(now_ms) - t))
		total=$((total + ms))
		((ms <= worst)) || worst=$ms
		alive "$looker" || { echo "kill $i: the viewer was dropped"; cat "$T/looker.err"; return 1; }
	done
	s6-svwait -U -t 60000 "$T"/tree/service/{display,rfbd,source,input}
	echo "# $program: right again after $((total / KILLS)) ms on average, $worst ms at worst" >&3
	# one of each, and the descriptors of the start
	for program in fbgrab fbdiff fbinput Xvfb; do
		wait_for exactly_one "$program" || { ps -ef; return 1; }
	done
	wait_for as_many_fds "$fds" || { for pid in $(pids_of rfbd); do ls -l /proc/"$pid"/fd; done; echo "were $fds"; return 1; }
}
exactly_one() { (($(pids_of "$1" | wc -l) == 1)); }
as_many_fds() { (($(descriptors) <= $1)); }
descriptors() { local p; for p in $(pids_of rfbd); do fd_count "$p"; done | awk '{ n += $1 } END { print n + 0 }'; }

@test "fbgrab is killed again and again" { kill_often fbgrab source; }
@test "fbdiff is killed again and again" { kill_often fbdiff source; }
@test "fbinput is killed again and again" { kill_often fbinput input; }
@test "the display is killed again and again" { kill_often Xvfb display; }

@test "rfbd is killed: it comes back, and so do its source and its input" {
	start_tree
	local i pid
	for ((i = 1; i <= (KILLS + 2) / 3; i++)); do
		pid=$(service_pid rfbd)
		kill -KILL "$pid"
		wait_for eval '[[ $(service_pid rfbd) != @(-1|$pid) ]]'
		s6-svwait -U -t 60000 "$T"/tree/service/{rfbd,source,input}
		paint "$i"
		wait_for client_shows_it
	done
}
client_shows_it() { vncclient --ppm "$T/served.ppm" --timeout 5 127.0.0.1::"$PORT" >/dev/null 2>&1; }

@test "the tree ends whole and leaves nothing" {
	start_tree
	paint 1
	wait_for client_shows_it
	end_tree
	wait_for nothing_is_left || { ps -ef; return 1; }
	[ ! -e "/tmp/.X11-unix/X${SERVED#:}" ]
	[ ! -e "/tmp/.X${SERVED#:}-lock" ]
}
nothing_is_left() { [[ -z $(tree_pids; pids_of xterm) ]]; }

@test "a wrong setting is given up after three tries, and the log says why" {
	start_tree
	echo nonsense >"$T/tree/service/rfbd/env/SECURITY_TYPES"
	s6-svc -r "$T/tree/service/rfbd"
	wait_for given_up
	wait_text "$T/tree/log/rfbd/current" "unknown security type"
}


@test "rfbkit-init: settings stay when a tree is renewed; misuse is 100" {
	rfbkit-init -d :77 "$T/one" rfbd/NAME=first source/up=no >/dev/null
	[ "$(<"$T/one/service/rfbd/env/NAME")" = first ]
	[ -e "$T/one/service/display/down" ]
	[ -e "$T/one/service/source/down" ]
	run rfbkit-init -d :77 "$T/one"
	assert_failure 100
	rfbkit-init -f -d :77 "$T/one" >/dev/null
	[ "$(<"$T/one/service/rfbd/env/NAME")" = first ]
	[ -e "$T/one/service/source/down" ]
	# without a display it keeps the one that it has, private or not
	DISPLAY=:1 rfbkit-init -f "$T/one" >/dev/null
	[ "$(<"$T/one/env/DISPLAY")" = :77 ]
	[ -e "$T/one/service/display/down" ]
	rfbkit-init -x "$T/private" >/dev/null
	local display=$(<"$T/private/env/DISPLAY")
	rfbkit-init -f "$T/private" >/dev/null
	[ "$(<"$T/private/env/DISPLAY")" = "$display" ]
	[ ! -e "$T/private/service/display/down" ]
	# trees that are made before one of them runs do not take the same display
	rfbkit-init -x "$T/b" >/dev/null
	rfbkit-init -x "$T/c" >/dev/null
	[ "$(cat "$T"/{private,b,c}/env/DISPLAY | sort -u | wc -l)" -gt 1 ]
	run env -u DISPLAY rfbkit-init "$T/two"
	assert_failure 100
	local wrong
	for wrong in nonsense/X=1 rfbd/up=maybe rfbd/../X=1 ./X=1 rfbd/NAME $'rfbd/NAME=a\nb' \
		rfbd/PASSWORD_FILES=/etc/x rfbd/VIEWONLY=1 rfbd/VIEW_ONLY=please rec/WEB=1; do
		run -100 rfbkit-init -d :77 "$T/two" "$wrong"
		assert_equal "${#lines[@]}" 1
	done
	for wrong in -q -d '-d :77 -s'; do
		run -100 rfbkit-init $wrong
		assert_output --regexp '^rfbkit-init: error: '
	done
	# a program's own variables are no setting, and none is missing from the manual page
	rfbkit-init -d :77 "$T/three" desktop/LANG=C.UTF-8 "rfbd/ORIGINS=https://a.example" >/dev/null
	[ "$(<"$T/three/service/desktop/env/LANG")" = C.UTF-8 ]
	run -100 rfbkit-init -x -d :77 "$T/two"
	assert_not_exists "$T/two"	# nothing is made before it is known to be right
	touch "$T/file"
	run -111 rfbkit-init -x "$T/file/tree"
	assert_equal "${#lines[@]}" 1
}

@test "a setting that is yes or no does what it says; a tree that was moved and renewed goes on" {
	rfbkit-init -x "$T/before" "rfbd/LISTEN=127.0.0.1:$(free_port)" rfbd/VIEW_ONLY=no rfbd/INSECURE=0 rfbd/LOG_JSON=yes >/dev/null
	mv "$T/before" "$T/tree"
	rfbkit-init -f "$T/tree" >/dev/null
	start tree s6-svscan "$T/tree/service"
	wait_text "$T/tree/log/rfbd/current" '"listening on'
	local pid words
	pid=$(pids_of rfbd | head -n 1)
	words=" $(tr '\0' ' ' <"/proc/$pid/cmdline") "
	[[ $words = *" -J "* && $words != *" -v "* && $words != *" --insecure "* ]]
	wait_for statistics_are_here
	echo yes >"$T/tree/service/rfbd/env/VIEW_ONLY"
	s6-svc -r "$T/tree/service/rfbd"
	wait_for view_only_now
	echo please >"$T/tree/service/rfbd/env/VIEW_ONLY"
	s6-svc -r "$T/tree/service/rfbd"
	wait_text "$T/tree/log/rfbd/current" 'VIEW_ONLY is yes or no'
}
statistics_are_here() { RFB_STATDIR=$T/tree/stat rfbstat -j | jq -e '[.processes[].program] | contains(["rfbd"])'; }
view_only_now() { [[ " $(tr '\0' ' ' <"/proc/$(pids_of rfbd | head -n 1)/cmdline") " = *" -v "* ]]; }

@test "make serve: serves, says how to watch, and Ctrl-C leaves nothing" {
	mkdir "$T/tmp"
	PORT=$(free_port)
	start serve env TMPDIR="$T/tmp" PORT="$PORT" WEBPORT="$(free_port)" HOME="$T" "$REPO/scripts/serve"
	wait_text "$T/serve.out" "localhost::$PORT"
	SERVED=$(cat "$T"/tmp/*/env/DISPLAY)
	wait_for served_as_it_is
	# one of its windows hangs
	wait_for runs xterm
	hung=$(pids_of xterm)
	kill -STOP "$hung"
	# and it has made a file that only it would remove
	touch "$(tr '\0' '\n' <"/proc/$hung/environ" | sed -n 's/^TMPDIR=//p')/of-a-window"
	[ "$(find "$T" -name of-a-window)" ]
	kill -INT "$serve"
	wait_exit "$serve"
	wait_for nothing_is_left || { ps -ef; return 1; }
	[ -z "$(ls "$T/tmp")" ] || { cat "$T/serve.err"; find "$T/tmp"; return 1; }
	[ ! -e "/tmp/.X${SERVED#:}-lock" ]
}
served_as_it_is() { vncclient --display "$SERVED" --timeout 3 127.0.0.1::"$PORT" >/dev/null 2>&1; }

# stub NAME: a program of that name with stdin's lines, instead of the built one.
stub() { { echo '#!/bin/sh'; cat; } >"$T/bin/$1"; chmod +x "$T/bin/$1"; }

@test "make serve: whenever signals come, and however many, nothing is left" {
	# its ends are its own: of the tree only s6-svscan is there, which is slow to begin and ends at its own TERM
	mkdir -p "$T/bin" "$T/tmp"
	stub rfbkit-init <<-'END'
		for dir; do case $dir in -* | */LISTEN=*) ;; *) break ;; esac; done
		mkdir -p "$dir/env" "$dir/log"
		for service in rfbd source input; do
			mkdir -p "$dir/service/$service/supervise"
			touch "$dir/service/$service/supervise/status"
		done
		echo :1 >"$dir/env/DISPLAY"
	END
	stub s6-svscan <<<'exec sleep 300'
	stub s6-svwait <<<'exit 0'
	stub s6-svstat <<<'exit 1'
	local i
	for i in {1..60}; do
		start serve env PATH="$T/bin:$PATH" BUILD="$T" TMPDIR="$T/tmp" PORT=1 "$REPO/scripts/serve"
		# a bash that is about to become it may forget a signal
		until is_named serve "$serve"; do :; done
		((i % 2)) && sleep "0.0$((i / 20))$((i % 10))" || wait_text "$T/serve.out" Ctrl-C
		# make passes on what its whole process group has got, too
		signals "$serve" $((i % 3 + 1))
		wait_exit "$serve" || { cat "$T/serve.out" "$T/serve.err"; for_each_pid describe_pid $(marked); return 1; }
		rm "$T/serve.out"
		[ -z "$(ls "$T/tmp")" ]
	done
	wait_for no_marked || { marked; return 1; }
}
is_named() { local comm; { read -r comm <"/proc/$2/comm"; } 2>/dev/null && [[ $comm = "$1" ]]; }
signals() { local i; for ((i = 0; i < $2; i++)); do kill -TERM -- -"$1" 2>/dev/null || :; done; }
