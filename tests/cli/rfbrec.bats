# rfbrec: from a display, from a VNC server, through a pipe; marks, pauses, masks, files in a row.
load helpers
bats_require_minimum_version 1.5.0

sums() { python3 "$REPO/tests/cli/read_recording.py"; }
pictures() { sums | awk '{ print $3 }'; }
info() { rfbplay -I -j "$1" 2>/dev/null | python3 -c "import json,sys; r=json.load(sys.stdin); print($2)"; }
paint() { printf '%s\n' "$@" | xpaint >/dev/null; }
# the last picture of a recording, as a PPM
last_picture() { rfbplay -p 99:00:00 "$1" | python3 "$REPO/tests/cli/png2ppm.py"; }
RED='screen 200 100
fill 0 0 200 100 ff0000
report 0 0 200 100
frame key'
# source NAME LINES REC-ARGUMENTS: fbsgen's stream, held open, into rfbrec
record_lines() {
	printf '%s\n' "$2" >"$T/$1.lines"
	start_sh "$1" "{ fbsgen <'$T/$1.lines' 2>/dev/null; sleep 1000; } | exec rfbrec -F 0 $3"
}
frames_are() { [[ $(zcat "$1" 2>/dev/null | pictures 2>/dev/null | wc -l) -ge $2 ]]; }

@test "misuse is refused before anything is written" {
	run -100 rfbrec
	run -100 rfbrec -c host -f file out
	run -100 rfbrec -t - </dev/null
	run -100 rfbrec -M 10x10 out </dev/null
	run -100 rfbrec -R 10 -a - </dev/null
	echo data >"$T/exists"
	run -100 rfbrec "$T/exists" </dev/null
	assert_output --partial "exists; -a goes on with it"
	run -1 rfbrec -a "$T/exists" </dev/null
	assert_output --partial "no recording of ours"
	assert_equal "$(<"$T/exists")" data
	run -100 script -qec "rfbrec - </dev/null" /dev/null
	run -100 rfbrec -c '' "$T/new"
	run -100 rfbrec -c unix: "$T/new"
	run -111 rfbrec -c host -p "$T/none" "$T/new"
	run -111 rfbrec -f "$T/none" "$T/new"
	assert_not_exists "$T/new"
}

@test "a stream that is none, or is cut, is told; what came is recorded" {
	run -1 rfbrec "$T/a.vnc.gz" <<<"something else, of some length at that, for a preamble"
	assert_output --partial "not a stream of this toolkit at offset 0"
	fbslong 2 5 100 80 | head -c 20000 >"$T/cut.fbs"
	run -1 rfbrec "$T/b.vnc.gz" <"$T/cut.fbs"
	assert_output --partial "fbslong died: stream truncated at offset 20000"
	gzip -t "$T/b.vnc.gz"
	assert_equal "$(zcat "$T/b.vnc.gz" | python3 "$REPO/tests/golden/read_fbs.py" | tail -1 | cut -d' ' -f2-4)" "END 0 status=2"
	[[ $(stat -c %a "$T/b.vnc.gz") = 600 ]]
}

@test "a display is recorded exactly; TERM closes the recording" {
	start_x x 400x300
	paint "page 10 10 200 200 1" "photo 220 20 150 150 2"
	start_sh rec "fbgrab | fbdiff | exec rfbrec '$T/a.vnc.gz'"
	wait_for frames_are "$T/a.vnc.gz" 1
	paint "copy 10 10 150 100 200 180" "noise 5 210 90 80 3" "text 20 280 ff0000 the end"
	shot "$T/real.ppm"
	is_recorded() { last_picture "$T/a.vnc.gz" >"$T/last.ppm" 2>/dev/null; same_pixels "$T/last.ppm" "$T/real.ppm"; }
	wait_for is_recorded
	kill -TERM "$(pids_of rfbrec)"
	wait_exit "$rec"
	is_recorded
	run -0 rfbplay -I "$T/a.vnc.gz"
	assert_line --regexp '^state +whole'
}

@test "-t passes the stream on, and records what was read" {
	fbslong 10 5 160 120 | rfbrec -t "$T/a.vnc.gz" | pictures >"$T/passed"
	pictures <"$T/a.vnc.gz" | cmp - "$T/passed"
	assert [ "$(wc -l <"$T/passed")" = 51 ]
	# a reader that goes away ends it, quietly
	run -0 bash -c "fbslong 1000 5 320 240 | { rfbrec -t '$T/b.vnc.gz'; echo \$? >'$T/status'; } | head -c 100000 >/dev/null"
	assert_equal "$(<"$T/status")" 0
	gzip -t "$T/b.vnc.gz"
}

@test "USR1 sets a mark, USR2 pauses: what happens then is not in it" {
	mkfifo "$T/lines"
	start_sh rec "fbsgen <'$T/lines' | exec rfbrec -F 0 '$T/a.vnc.gz'"
	exec {lines}>"$T/lines"
	printf '%s\n' "$RED" >&$lines
	wait_for frames_are "$T/a.vnc.gz" 1
	kill -USR1 "$(pids_of rfbrec)"
	wait_text "$T/rec.err" 'mark at'
	kill -USR2 "$(pids_of rfbrec)"
	wait_text "$T/rec.err" 'info: paused'
	printf '%s\n' 'fill 0 0 50 50 1234fe' 'report 0 0 50 50' 'frame' 'settle' 'fill 0 0 50 50 00ff00' 'report 0 0 50 50' 'frame' 'settle' \
		'say both were read' >&$lines
	wait_text "$T/rec.err" 'both were read'
	kill -USR2 "$(pids_of rfbrec)"
	wait_text "$T/rec.err" 'records again'
	printf '%s\n' 'fill 60 60 10 10 ffffff' 'report 60 60 10 10' 'frame' 'end' >&$lines
	exec {lines}>&-
	wait_exit "$rec"
	assert_equal "$(info "$T/a.vnc.gz" '[m["kind"] for m in r["marks"]], len(r["gaps"]), r["closed"]')" "['mark', 'pause', 'resume'] 1 True"
	# 1234fe was never recorded; green is there after the pause
	zcat "$T/a.vnc.gz" | rfbenc -d >"$T/a.fbs"
	rfbplay -p 99:00:00 "$T/a.vnc.gz" | python3 "$REPO/tests/cli/png2ppm.py" >"$T/last.ppm"
	assert_equal "$(pixel "$T/last.ppm" 10 10)" 00ff00
	assert_equal "$(pixel "$T/last.ppm" 65 65)" ffffff
	run -0 python3 -c 'import sys; print(b"\xfe\x34\x12" in open(sys.argv[1], "rb").read())' "$T/a.fbs"
	assert_output False
}

@test "-M keeps a part out, also when it is copied elsewhere" {
	record_lines rec 'screen 200 100
fill 0 0 200 100 808080
fill 20 20 40 30 ff0000
report 0 0 200 100
frame key
copy 10 10 60 50 120 40
frame
fill 30 30 100 50 ff0000
report 30 30 100 50
frame
end' "-M 40x30+20+20 '$T/a.vnc.gz'"
	wait_text "$T/rec.err" recorded		# END ends it, though its input stays open
	rfbplay -p 0 "$T/a.vnc.gz" | python3 "$REPO/tests/cli/png2ppm.py" >"$T/first.ppm"
	assert_equal "$(pixel "$T/first.ppm" 25 25)" 000000
	assert_equal "$(pixel "$T/first.ppm" 59 49)" 000000
	assert_equal "$(pixel "$T/first.ppm" 60 50)" 808080
	last_picture "$T/a.vnc.gz" >"$T/last.ppm"
	assert_equal "$(pixel "$T/last.ppm" 45 45)" 000000		# masked, though painted
	assert_equal "$(pixel "$T/last.ppm" 70 70)" ff0000		# painted beside it
	assert_equal "$(pixel "$T/last.ppm" 140 85)" 808080		# what was copied around the secret
	assert_equal "$(pixel "$T/last.ppm" 135 80)" 808080
}

@test "keys and the clipboard only with -k" {
	rfbrec "$T/a.vnc.gz" <"$REPO/tests/golden/up.fbs"
	rfbrec -k "$T/b.vnc.gz" <"$REPO/tests/golden/up.fbs"
	assert_equal "$(info "$T/a.vnc.gz" 'sorted(r["records"])')" "['END', 'JOIN', 'LEAVE', 'MOTION', 'PAUSE', 'RESIZE', 'SEEK', 'SPEED']"
	assert_equal "$(info "$T/b.vnc.gz" 'r["records"]["KEY"]')" 2
	rfbrec "$T/c.vnc.gz" <"$REPO/tests/golden/down.fbs"
	run zgrep -c -a "$(printf 'h\xc3\xbcte')" "$T/c.vnc.gz"
	assert_output 0
	rfbrec -k "$T/d.vnc.gz" <"$REPO/tests/golden/down.fbs"
	run zgrep -c -a "$(printf 'h\xc3\xbcte')" "$T/d.vnc.gz"
	assert_output 1
}

@test "-R begins new files, each complete; together they are all of it" {
	fbslong 100 5 160 120 >"$T/s.fbs"
	rfbrec -R 20s "$T/s.vnc.gz" <"$T/s.fbs"
	assert [ "$(ls "$T"/s*.vnc.gz | wc -l)" = 6 ]
	for f in "$T"/s*.vnc.gz; do
		gzip -t "$f"
		run -0 rfbplay -I "$f"
		assert_line --regexp '^state +whole'
	done
	for f in "$T/s.vnc.gz" "$T"/s-{2,3,4,5,6}.vnc.gz; do pictures <"$f"; done | cmp - <(pictures <"$T/s.fbs")
	rfbrec -R 60k "$T/z.vnc.gz" <"$T/s.fbs"
	for f in $(ls -v "$T"/z.vnc.gz "$T"/z-*.vnc.gz); do pictures <"$f"; done | cmp - <(pictures <"$T/s.fbs")
	[[ $(ls "$T"/z*.vnc.gz | wc -l) -gt 2 ]]
}

@test "--keep by age: recordings of ours that nobody writes, and nothing else" {
	fbslong 100 5 160 120 >"$T/s.fbs"
	mkdir "$T/d"
	cd "$T/d"
	rfbrec -R 20s 20261101-120000.vnc.gz <"$T/s.fbs"
	cp 20261101-120000.vnc.gz holiday.vnc.gz
	cp 20261101-120000.vnc.gz 20261101-120001.vnc.gz	# somebody writes it
	echo "no recording" >20261101-120002.vnc.gz
	mv 20261101-120000-6.vnc.gz ..
	ln -s ../20261101-120000-6.vnc.gz 20261101-120003.vnc.gz
	touch -d '40 days ago' ./* ../20261101-120000-6.vnc.gz
	touch -d '20 days ago' 20261101-120000-[45].vnc.gz
	start writer flock 20261101-120001.vnc.gz sleep 1000
	wait_for is_locked 20261101-120001.vnc.gz
	run -0 --separate-stderr rfbrec -R 20s --keep 30d 20261201-000000.vnc.gz <"$T/s.fbs"
	assert [ "$(grep -c 'deleted .*: older than --keep' <<<"$stderr")" = 3 ]
	assert [ -s ../20261101-120000-6.vnc.gz ]
	assert [ "$(ls)" = "$(printf '%s\n' 20261101-120000-{4,5}.vnc.gz 20261101-12000{1,2,3}.vnc.gz \
		20261201-000000-{2,3,4,5,6}.vnc.gz 20261201-000000.vnc.gz holiday.vnc.gz)" ]
	run rfbrec --keep 30d x.vnc.gz <"$T/s.fbs"
	assert_failure 100
	assert [ ! -e x.vnc.gz ]
}
# Looked at without taking the lock, which would be in the way of who is about to.
is_locked() {
	grep -qs ^lock: /dev/null $(find /proc/[0-9]*/fd -lname "$(realpath "$1")" 2>/dev/null | sed 's,/fd/,/fdinfo/,')
}

@test "--keep by size: the oldest first, and what is just recorded stays" {
	fbslong 100 5 160 120 >"$T/s.fbs"
	mkdir "$T/d"
	rfbrec -R 20s "$T/d/s.vnc.gz" <"$T/s.fbs"
	local all most
	all=$(cat "$T"/d/* | wc -c)
	most=$(stat -c %s "$T"/d/* | sort -n | tail -1)
	for i in 6 5 4 3 2; do touch -d "$i hours ago" "$T/d/s-$((8 - i)).vnc.gz"; done
	touch -d '7 hours ago' "$T/d/s.vnc.gz"
	# numbered on from what is there
	run -0 --separate-stderr rfbrec -a -R 20s --keep "$all" "$T/d/s.vnc.gz" <"$T/s.fbs"
	sed -n 's/.*deleted \(s[-0-9]*\.vnc\.gz\): all together.*/\1/p' <<<"$stderr" >"$T/deleted"
	assert [ "$(head -n 3 "$T/deleted")" = "$(printf 's%s.vnc.gz\n' "" -2 -3)" ]
	sort -V -C "$T/deleted"
	assert [ "$(cat "$T"/d/* | wc -c)" -le $((all + most)) ]
	for f in "$T"/d/s-{7,8,9,10,11}.vnc.gz; do gzip -t "$f"; done
	# and where less is allowed than one file has, the one that is written stays
	rfbrec -R 20s --keep 1k "$T/d/u.vnc.gz" <"$T/s.fbs"
	gzip -t "$T/d/u-6.vnc.gz"
}

@test "what is recorded already is not gone on with by another, nor with itself" {
	printf '%s\n' "$RED" >"$T/lines"
	start_sh rec "{ fbsgen <'$T/lines' 2>/dev/null; sleep 1000; } | exec rfbrec -F 0 '$T/a.vnc.gz'"
	wait_for frames_are "$T/a.vnc.gz" 1
	cp "$T/a.vnc.gz" "$T/before"
	run -1 rfbrec -a "$T/a.vnc.gz" <"$REPO/tests/golden/down.fbs"
	assert_output --partial "somebody else records to it"
	cmp "$T/a.vnc.gz" "$T/before"
	# not even before there is a first frame
	start_sh early "sleep 1000 | exec rfbrec '$T/b.vnc.gz'"
	wait_for test -e "$T/b.vnc.gz"
	wait_for is_locked "$T/b.vnc.gz"
	run -1 rfbrec "$T/b.vnc.gz" <"$REPO/tests/golden/down.fbs"
	assert_output --partial "somebody else records to it"
	# one that begins a new file takes the next number
	fbslong 50 5 160 120 >"$T/s.fbs"
	start_sh second "sleep 1000 | exec rfbrec '$T/c-2.vnc.gz'"
	wait_for is_locked "$T/c-2.vnc.gz"
	rfbrec -R 20s "$T/c.vnc.gz" <"$T/s.fbs"
	assert [ "$(cd "$T" && ls c*.vnc.gz)" = "$(printf 'c%s.vnc.gz\n' -2 -3 -4 "")" ]
	assert [ ! -s "$T/c-2.vnc.gz" ]
	rfbrec "$T/d.vnc.gz" <"$T/s.fbs"
	cp "$T/d.vnc.gz" "$T/before"
	run -100 rfbrec -f "$T/d.vnc.gz" -a "$T/d.vnc.gz"
	assert_output --partial "cannot be gone on with itself"
	cmp "$T/d.vnc.gz" "$T/before"
}

@test "-a -R goes on with the newest file, though --keep has deleted the first ones" {
	fbslong 50 5 160 120 >"$T/s.fbs"
	mkdir "$T/d"
	rfbrec -R 10s "$T/d/s.vnc.gz" <"$T/s.fbs"
	rm "$T/d/s.vnc.gz" "$T"/d/s-2.vnc.gz
	touch "$T/d/s-100.vnc.gz.old" "$T/d/s-x9.vnc.gz" "$T/d/s-90.vnc.gz"
	pictures <"$T/d/s-6.vnc.gz" >"$T/before"
	fbslong 5 5 160 120 | rfbrec -a -R 10s "$T/d/s.vnc.gz"
	assert [ ! -e "$T/d/s.vnc.gz" ]
	assert [ "$(pictures <"$T/d/s-6.vnc.gz" | wc -l)" = $(($(wc -l <"$T/before") + 26)) ]
}

@test "what came before a frame that does not end is on the disk in time" {
	fbslong 4 5 320 240 >"$T/s.fbs"
	start_sh rec "{ head -c $(($(stat -c %s "$T/s.fbs") * 3 / 4)) '$T/s.fbs'; sleep 1000; } | exec rfbrec -F 0.2 '$T/a.vnc.gz'"
	local n
	n=$(head -c $(($(stat -c %s "$T/s.fbs") * 3 / 4)) "$T/s.fbs" | pictures 2>/dev/null | wc -l)
	assert [ "$n" -gt 5 ]
	wait_for frames_are "$T/a.vnc.gz" "$n"
}

@test "a full disk: what was flushed is whole, and nothing damaged is left" {
	unshare -rm true || skip "no namespaces of users here"
	fbslong 60 5 >"$T/s.fbs"
	mkdir "$T/m"
	for size in 64 100 136 244 316 388; do
		run -0 unshare -rm bash -c 'mount -t tmpfs -o size="$1"k none "$2/m" || exit 9
			rfbrec -F 0.02 "$2/m/a.vnc.gz" <"$2/s.fbs" 2>"$2/err"; [[ $? = 111 ]] || exit 1
			grep -q "No space left" "$2/err" || exit 2
			[[ -s $2/m/a.vnc.gz ]] || { ! grep -q "complete up to" "$2/err"; exit; }
			gzip -t "$2/m/a.vnc.gz" && rfbplay -I "$2/m/a.vnc.gz" | grep -q "^state *whole"' - "$size" "$T"
	done
}

@test "what stands still at the end is part of the recording, whoever ends it" {
	start_x x 64x48
	local ends
	for ends in fbgrab rfbrec; do
		start_sh rec "fbgrab | fbdiff | exec rfbrec -F 0 '$T/$ends.vnc.gz'"
		wait_for frames_are "$T/$ends.vnc.gz" 1
		sleep 1
		kill -TERM "$(pids_of "$ends")"
		wait_exit "$rec"
		assert_equal "$(info "$T/$ends.vnc.gz" 'r["length"] >= 0.9, r["closed"]')" "True True"
		assert [ "$(rfbplay -y --fps 10 "$T/$ends.vnc.gz" | grep -ao FRAME | wc -l)" -ge 9 ]
	done
	# and it is gone on with behind that
	fbslong 1 5 96 64 | rfbrec -a "$T/rfbrec.vnc.gz"
	assert_equal "$(info "$T/rfbrec.vnc.gz" 'r["length"] >= 1.9, r["gaps"][0] >= 0.9, r["damage"]')" "True True 0"
}

@test "a mistake leaves no recording of nothing in the way of the next attempt" {
	local port
	port=$(free_port)
	run -1 rfbrec "$T/a.vnc.gz" </dev/null
	assert_output --partial "nothing was recorded"
	assert [ ! -s "$T/a.vnc.gz" ]
	run -111 rfbrec -1 -c "localhost::$port" "$T/a.vnc.gz"
	assert [ ! -s "$T/a.vnc.gz" ]
	echo nothing >"$T/none"
	run -1 rfbrec -f "$T/none" "$T/a.vnc.gz"
	assert [ ! -s "$T/a.vnc.gz" ]
	fbslong 2 5 160 120 | rfbrec "$T/a.vnc.gz"
	assert_equal "$(info "$T/a.vnc.gz" 'r["frames"], r["closed"]')" "11 True"
	# what is gone on with stays, index and all
	run -1 rfbrec -a "$T/a.vnc.gz" </dev/null
	assert_equal "$(info "$T/a.vnc.gz" 'r["frames"], r["closed"], r["indexed"], r["damage"]')" "11 True True 0"
	# and through a pipe it is a recording of nothing
	run -1 bash -c "rfbrec /dev/stdout </dev/null 2>/dev/null | gzip -t; exit \${PIPESTATUS[0]}"
}

# --- VNC servers -----------------------------------------------------------------------------

serve() {	# LINES RFBD-OPTIONS: on $port, which nobody else takes in between; stays
	printf '%s\n' "$1" >"$T/server.lines"
	[[ ${port-} ]] || port=$(free_port)
	start_sh server "{ fbsgen <'$T/server.lines' 2>/dev/null; sleep 1000; } | exec rfbd -l $port $2"
	wait_text "$T/server.err" 'listening on 127\.0\.0\.1:'
}

@test "a VNC server is recorded exactly, in every encoding that it has" {
	port=$(free_port)
	start_server vnc Xtigervnc -geometry 400x300 -depth 24 -SecurityTypes None -interface 127.0.0.1 -rfbport "$port"
	paint "page 10 10 200 200 1" "photo 220 20 150 150 2"
	start rec rfbrec -F 0 -c "localhost::$port" "$T/a.vnc.gz"
	wait_for frames_are "$T/a.vnc.gz" 1
	paint "copy 10 10 150 100 200 180" "noise 5 210 90 80 3" "text 20 280 ff0000 the end"
	shot "$T/real.ppm"
	is_recorded() { last_picture "$T/a.vnc.gz" >"$T/last.ppm" 2>/dev/null; same_pixels "$T/last.ppm" "$T/real.ppm"; }
	wait_for is_recorded
	stop "$rec"
	is_recorded
	run -0 rfbplay -I "$T/a.vnc.gz"
	assert_line --regexp '^state +whole'
}

@test "a lost connection comes back, and the gap shows" {
	serve "$RED" ""
	start rec rfbrec -F 0 -c "localhost::$port" "$T/a.vnc.gz"
	wait_for frames_are "$T/a.vnc.gz" 1
	stop "$server"
	wait_text "$T/rec.err" 'connection lost'
	serve "${RED/ff0000/00ff00}" ""
	# the mark is a frame, too: the picture says that the new connection's was recorded
	wait_for last_is_green
	stop "$rec"
	assert_equal "$(info "$T/a.vnc.gz" '[m["kind"] for m in r["marks"]], len(r["gaps"])')" "['lost'] 1"
	last_is_green
}
last_is_green() { last_picture "$T/a.vnc.gz" >"$T/last.ppm" && [[ $(pixel "$T/last.ppm" 5 5) = 00ff00 ]]; }

@test "-1 ends with the connection; nobody there is an error" {
	serve "$RED" ""
	start rec rfbrec -1 -F 0 -c "localhost::$port" "$T/a.vnc.gz"
	wait_for frames_are "$T/a.vnc.gz" 1
	stop "$server"
	wait_exit "$rec"
	assert_equal "$status" 0
	run -0 rfbplay -I "$T/a.vnc.gz"
	# its first frame is the first picture, though the server told its size in an update before
	assert_equal "$(zcat "$T/a.vnc.gz" | pictures | sort -u | wc -l)" 1
	run -111 rfbrec -c "localhost::$port" "$T/b.vnc.gz"
	assert_output --partial "cannot connect"
}

@test "a password comes from a file or the environment, never asked for twice" {
	printf secret12 | vncpasswd -f >"$T/passwd"
	serve "$RED" "-p '$T/passwd'"
	run -1 rfbrec -1 -c "localhost::$port" "$T/no.vnc.gz"
	assert_output --partial "wants a password"
	VNC_PASSWORD=wrong run -1 rfbrec -1 -c "localhost::$port" "$T/wrong.vnc.gz"
	start rec rfbrec -F 0 -p "$T/passwd" -c "localhost::$port" "$T/a.vnc.gz"
	wait_for frames_are "$T/a.vnc.gz" 1
	stop "$rec"
	VNC_PASSWORD=secret12 start rec rfbrec -F 0 -c "localhost::$port" "$T/b.vnc.gz"
	wait_for frames_are "$T/b.vnc.gz" 1
}

@test "rfbrec -c HOST - relays: rfbd shows what the server shows" {
	serve "$RED" ""
	first=$port
	start_sh relay "rfbrec -c localhost::$port - | exec rfbd -l 0"
	wait_text "$T/relay.err" 'listening on 127\.0\.0\.1:'
	port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$T/relay.err")
	PYTHONPATH=$REPO/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 - "$port" <<-'END'
		import sys
		from rawviewer import *
		v = Viewer(sys.argv[1], [1, 0])
		v.request(False)
		v.update()
		assert (v.w, v.h) == (200, 100) and v.at(10, 10) == "ff0000", v.at(10, 10)
	END
	assert [ "$first" != "$port" ]
	# the relay ends when its reader does
	stop "$relay"
}

@test "TERM ends a conversion whose input brings no more, and a passage whose reader takes nothing; both close their recording" {
	local in out
	mkheld in
	start rec rfbrec -f "$T/in" "$T/a.vnc.gz"
	cat "$REPO/tests/golden/foreign/pyvnc.jsonl" >&$in
	wait_for all_read $in
	kill -TERM "$rec"
	wait_exit "$rec"
	assert_equal "$status" 0
	rfbplay -I "$T/a.vnc.gz"
	mkheld out
	fbslong 20 5 640 480 >"$T/s.fbs"
	START_IN=$T/s.fbs start rec bash -c 'exec rfbrec -t "$1" >"$2"' - "$T/b.vnc.gz" "$T/out"
	wait_for some_unread $out
	kill -TERM "$rec"
	wait_exit "$rec"
	assert_equal "$status" 0
	rfbplay -I "$T/b.vnc.gz"
}
