# What the tests of the supervised tree share. `load services`

load ../conformance/viewers

setup() { rfbkit_setup; }
teardown() {
	[[ -z ${scan-} ]] || end_tree
	rfbkit_teardown
}

# start_tree [INIT-OPTION...] [SERVICE/SETTING=VALUE...]: a tree in $T/tree on a private display; $SERVED, $PORT, $scan.
start_tree() {
	local s options=() settings=()
	for s; do if [[ $s = */*=* ]]; then settings+=("$s"); else options+=("$s"); fi; done
	PORT=$(free_port)
	rfbkit-init -x "${options[@]}" "$T/tree" "rfbd/LISTEN=127.0.0.1:$PORT" display/SCREEN=800x600x24 "${settings[@]}" >/dev/null
	SERVED=$(<"$T/tree/env/DISPLAY")
	start scan s6-svscan "$T/tree/service"
	for s in display holder rfbd source input; do wait_for test -e "$T/tree/service/$s/supervise/status"; done
	s6-svwait -U -t 60000 "$T"/tree/service/{display,rfbd,source,input} || { tail -n 5 "$T"/tree/log/*/current; return 1; }
	export XAUTHORITY=
}
end_tree() {
	s6-svscanctl -t "$T/tree/service"
	wait_exit "$scan"
	scan=
}
# service_pid SERVICE: of what is supervised.
service_pid() { s6-svstat -o pid "$T/tree/service/$1"; }
# in_tree PROGRAM: the pid of this tree's process of that name, of which there is one (rfbd is two).
in_tree() { pids_of "$1" | head -n 1; }
tree_pids() { pids_of fbgrab; pids_of fbdiff; pids_of fbinput; pids_of rfbd; pids_of Xvfb; }
given_up() { s6-svstat "$T/tree/service/rfbd" | grep -q '^down .*normally up'; }
