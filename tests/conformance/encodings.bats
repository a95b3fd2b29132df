#!/usr/bin/env bats
# Every encoding that libvncclient knows, in every pixel format: exactly the pixels of XGetImage.

load viewers

setup_file() {
	rfbkit_setup
	start_screen
	paint_scene
	publish
	serve
	export PORT SERVED STATS
}
teardown_file() { rfbkit_teardown; }

# each_format ENCODING NUMBER FORMAT...
each_format() {
	local e=$1 number=$2 f failed=0
	shift 2
	for f; do
		client --encodings "$e copyrect" --format "$f" --expect "$number" >"$T/out" 2>&1 && continue
		echo "$e $f: $(<"$T/out")"
		failed=1
	done
	return $failed
}

ALL="rgb888 bgr888 rgbx888 rgb888be rgb101010 rgb565 rgb565be rgb555 bgr233 rgb332 rgb222"
# libvncclient reads its three-byte pixels as little-endian whatever it asked for, and knows none of 30 bits.
PACKED="rgb888 bgr888 rgbx888 rgb565 rgb565be bgr233 rgb332 rgb222"

@test "Raw" { each_format raw 0 $ALL; }
@test "RRE" { each_format rre 2 $ALL; }
@test "CoRRE" { each_format corre 4 $ALL; }
@test "Hextile" { each_format hextile 5 $ALL; }
@test "Zlib" { each_format zlib 6 $ALL; }
@test "Tight" { each_format tight 7 rgb888 bgr888 rgb565 bgr233 rgb332 rgb222; }
@test "TRLE" { each_format trle 15 $PACKED; }
@test "ZRLE" { each_format zrle 16 $PACKED; }

@test "Tight with JPEG, at every quality: exact once it rests" {
	local q
	for q in 0 1 2 3 4 5 6 7 8 9; do
		client --encodings "tight copyrect" --quality $q --expect 7
	done
	client --encodings "tight copyrect" --quality 5 --format rgb565 --expect 7
}

@test "ZYWRLE: exact at quality 9, and once it rests" {
	client --encodings "zywrle copyrect" --quality 9 --expect 17
	client --encodings "zywrle copyrect" --quality 3 --expect 17
}

@test "every compression level of Tight, Zlib and ZRLE" {
	local level e
	for level in 0 1 2 6 9; do
		for e in tight zlib zrle; do
			client --encodings "$e copyrect" --compress $level
		done
	done
}

@test "a picture that moves while it is watched ends exact in every encoding" {
	local e n=0
	for e in raw rre corre hextile zlib tight trle zrle; do
		vncclient --display "$SERVED" --encodings "$e copyrect" --watch 600 127.0.0.1::"$PORT" >"$T/$e.out" 2>&1 3>&- &
		printf '%s\n' $! >>"$T/.pids"
		printf -v "pid_$e" %s $!
	done
	for e in raw rre corre hextile zlib tight trle zrle; do
		wait_text "$T/$e.out" updates
	done
	for n in {1..20}; do
		printf 'page %d %d 300 200 %d\ncopy 0 100 500 300 0 86\nphoto %d 200 200 200 %d\n' \
			$((n * 11)) $((n * 7)) $n $((600 - n * 20)) $n
	done | DISPLAY=$SERVED xpaint >/dev/null
	all_exact
	LOOKING=8 scrolls all_exact
}
all_exact() {
	local e pid n
	for e in raw rre corre hextile zlib tight trle zrle; do
		pid=pid_$e
		n=$(grep -c '^exact' "$T/$e.out") || :
		kill -USR1 "${!pid}"
		wait_for more_exact "$T/$e.out" "$n" || { echo "in $e"; tail -3 "$T/$e.out"; return 1; }
	done
}
more_exact() { (($(grep -c '^exact' "$1") > $2)); }
