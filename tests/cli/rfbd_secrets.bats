#!/usr/bin/env bats
# rfbd's secrets: how they are made, who may read them, what takes their place, and that they do not stay in memory.

load helpers
load served
bats_require_minimum_version 1.5.0

certificate() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$T/key" -out "$T/cert" 2>/dev/null; }
fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256 | cut -d= -f2; }
# the name in the certificate that a TLS client is shown
shown() { timeout 20 openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -noout -subject; }
is_shown() { [[ $(shown) = *$1* ]]; }

@test "a certificate and an RSA key are made at the first start, for their owner only, printed, and kept" {
	serve "$RED" -C "$T/cert" -K "$T/key" --rsa-key "$T/rsa"
	[ "$(stat -c %a "$T/key")" = 600 ]
	[ "$(stat -c %a "$T/rsa")" = 600 ]
	wait_text "$T/server.err" "certificate SHA-256 $(fingerprint "$T/cert")"
	wait_text "$T/server.err" "RSA key ([0-9a-f]{2}-){7}"
	local key rsa
	key=$(sha256sum "$T/key") rsa=$(sha256sum "$T/rsa")
	stop "$server"
	serve "$RED" -C "$T/cert" -K "$T/key" --rsa-key "$T/rsa"
	[ "$key" = "$(sha256sum "$T/key")" ]
	[ "$rsa" = "$(sha256sum "$T/rsa")" ]
}

@test "SIGHUP: the next connection is shown the new certificate; one that is no good changes nothing" {
	certificate first
	serve "$RED" -C "$T/cert" -K "$T/key"
	wait_for is_shown first
	certificate second
	kill -HUP "$(monitor_of)"
	wait_for is_shown second
	echo nonsense >"$T/cert"
	kill -HUP "$(monitor_of)"
	wait_text "$T/server.err" 'stays|cannot be used'
	wait_for is_shown second
}

@test "TLS at the port of viewers, from where viewers have come: the second try or so" {
	certificate one
	serve "$RED" -C "$T/cert" -K "$T/key"
	viewer <<<'Viewer(port)'
	wait_for is_shown one
}

@test "--passwd: users and their rights, by scrypt, mode 0600; VncAuth's 8 characters and no more" {
	printf 'open sesame, quickly\n' | rfbd --passwd "$T/users" ann
	printf 'sesame\n' | rfbd --passwd "$T/users" -v bob
	[ "$(stat -c %a "$T/users")" = 600 ]
	run ! grep -q sesame "$T/users"
	printf '12345678\n' | rfbd --passwd "$T/users"
	local before long
	long=$(printf 'x%.0s' {1..255})
	printf '%s\n' "$long" | rfbd --passwd "$T/users" "${long//x/y}"
	before=$(sha256sum "$T/users")
	run -1 rfbd --passwd "$T/users" <<<"123456789"
	assert_output --partial "only 8 characters"
	run -1 rfbd --passwd "$T/users" "two words" <<<"sesame"
	[ "$before" = "$(sha256sum "$T/users")" ]
	serve "$RED" -u "$T/users" -l "unix:$T/rfb"
	run python3 "$REPO/tests/cli/plain.py" "$T/rfb" ann "ylkciuq ,emases nepo" </dev/null
	assert_output 0
	run python3 "$REPO/tests/cli/plain.py" "$T/rfb" bob emases </dev/null
	assert_output 0
	run python3 "$REPO/tests/cli/plain.py" "$T/rfb" bob esames </dev/null
	assert_output 1
	run python3 "$REPO/tests/cli/plain.py" "$T/rfb" "${long//x/y}" "$long" </dev/null
	assert_output 0
	wait_text "$T/server.err" 'viewer 1 .*Plain: full access'
	wait_text "$T/server.err" 'viewer 2 .*Plain: view-only access'
	wait_text "$T/server.err" 'viewer 3 .*Plain: wrong password'
}

@test "secrets that others can read are refused" {
	printf 'sesame\n' | rfbd --passwd "$T/users" ann
	chmod 644 "$T/users"
	run rfbd -l 0 -u "$T/users" </dev/null
	assert_failure
	assert_output --partial "users"
	openssl genrsa -traditional 2048 2>/dev/null >"$T/rsa"
	chmod 644 "$T/rsa"
	run rfbd -l 0 --rsa-key "$T/rsa" </dev/null
	assert_failure
	assert_output --partial "others"
}

# holds PID TEXT: the process has it in its memory, outside of what its command line and environment are.
holds() {
	python3 - "$1" "$2" <<-'END'
		import sys
		wanted = sys.argv[2][::-1].encode()
		with open(f"/proc/{sys.argv[1]}/maps") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as mem:
		    for line in maps:
		        span, rights = line.split()[:2]
		        if "r" not in rights or "[v" in line:
		            continue
		        start, end = (int(x, 16) for x in span.split("-"))
		        mem.seek(start)
		        try:
		            if wanted in mem.read(end - start):
		                print(line.strip())
		                sys.exit(0)
		        except OSError:
		            pass
		sys.exit(1)
	END
}

@test "a password that came in is nowhere in memory afterwards" {
	((EUID == 0)) || skip "only root may look"
	printf 'Xa9-correct-horse-battery\n' | rfbd --passwd "$T/users" ann
	serve "$RED" -u "$T/users" -l "unix:$T/rfb"
	mkfifo "$T/stay"
	exec {STAY}<>"$T/stay"
	START_IN=$T/stay start viewer python3 "$REPO/tests/cli/plain.py" "$T/rfb" ann yrettab-esroh-tcerroc-9aX
	wait_text "$T/viewer.out" '^0$'
	local p n=0
	# what the search would find: the viewer's own copy
	holds "$viewer" yrettab-esroh-tcerroc-9aX
	for p in $(pids_of rfbd); do
		n=$((n + 1))
		run ! holds "$p" yrettab-esroh-tcerroc-9aX
	done
	[ "$n" = 2 ]
}

@test "started as root, the worker is nobody, or whom --user names, for good" {
	((EUID == 0)) || skip "not root"
	local ids
	ids() { awk '/^(Uid|Gid|Groups)/ { $1 = ""; print }' "/proc/$(worker_of)/status" | tr -s ' \t\n' ' '; }
	serve "$RED"
	ids=$(id -u nobody) gid=$(id -g nobody)
	[[ $(ids) = " $ids $ids $ids $ids $gid $gid $gid $gid"* ]] || { ids; return 1; }
	[ "$(awk '/^CapPrm/ { print $2 }' "/proc/$(worker_of)/status")" = 0000000000000000 ]
	stop "$server"
	serve "$RED" --user daemon
	[[ $(ids) = " $(id -u daemon) "* ]] || { ids; return 1; }
}

@test "without authentication another user of this machine is turned away, at the port and at the socket" {
	((EUID == 0)) || skip "not root"
	serve "$RED" -l "unix:$T/rfb"
	chmod 755 "$T"
	local as=(setpriv --reuid=nobody --clear-groups)
	run "${as[@]}" /usr/bin/python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
s.recv(12); s.sendall(b"RFB 003.008\n")
print(s.recv(1), s.recv(200))' "$port"
	assert_output --partial "b'\\x00'"
	assert_output --partial "only its own user"
	run "${as[@]}" /usr/bin/python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$T/rfb"
	assert_failure
	assert_output --partial "PermissionError"
	viewer <<<'Viewer(port)'
}
