#!/usr/bin/env bats
# A peer that is gone without a word: the network between is taken away.

bats_require_minimum_version 1.5.0
load helpers
load served

@test "viewers behind a dead network are closed in seconds: one that is being sent something, and one that is silent" {
	unshare -rn true 2>/dev/null || skip "no network namespaces here"
	command -v ip >/dev/null || skip "no ip"
	local lines=$RED i
	for i in {1..600}; do lines+="
fill 0 0 20 20 $(printf %06x $i)
report 0 0 20 20
frame
wait 50"; done
	printf '%s\n' "$lines" >"$T/lines"
	cat >"$T/peers.py" <<-'END'
		import os, subprocess, sys, time
		from rawviewer import *
		busy, silent = Viewer(sys.argv[1]), Viewer(sys.argv[1])
		for v in busy, silent:
		    v.request(False)
		    v.update()
		busy.request()
		subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
		open(sys.argv[2] + "/down", "w").close()
		time.sleep(300)
	END
	export PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1
	start_sh server "exec unshare -rn sh -c 'ip link set lo up
		{ fbsgen <$T/lines; sleep 1000; } | rfbd -l 127.0.0.1:5900 2>$T/rfbd.err &
		until grep -q listening $T/rfbd.err; do sleep 0.05; done
		exec python3 $T/peers.py 5900 $T'"
	wait_for test -e "$T/down" || { cat "$T/server.err" "$T/rfbd.err"; return 1; }
	wait_for -t 60 bash -c '(($(grep -c "closed: " "$0") == 2))' "$T/rfbd.err" || { cat "$T/rfbd.err"; return 1; }
	grep 'closed: ' "$T/rfbd.err"
	# by the kernel's timeouts, not for another reason
	assert_equal "$(grep -c 'closed: .*timed out' "$T/rfbd.err")" 2
}
