#!/usr/bin/env bats
# Open H.264 by noVNC in Debian's Chromium, whose WebCodecs decode it.

load page

setup() {
	rfbkit_setup
	readelf -d "$BUILD/bin/rfbd" | grep -q openh264 || skip "built without openh264"
	start_screen 640x480
	paint_scene 4
}

# play X Y W H: a video on the served display, in $player.
play() {
	frames 30 "$@" >"$T/frames"
	DISPLAY=$SERVED START_IN=$T/frames start player xpaint
}
uses_h264() { page counters && [[ $answer = *'"encoding":"H.264"'* ]]; }
# Stops the video for a moment, and the server once that frame has come and before it is sent again without loss: the canvas has it
# then, and it is not exact, however long it takes to look.
shows_a_likeness() {
	local like=1 same=0
	kill -STOP "$player"
	sleep "0.$((RANDOM % 3 + 1))"
	signal_group STOP "$server"
	page save "$T/canvas.ppm"
	reference
	ppmdiff "$T/served.ppm" "$T/canvas.ppm" >/dev/null || same=1
	ppmdiff -p 32 "$T/served.ppm" "$T/canvas.ppm" >/dev/null && like=0
	signal_group CONT "$server"
	kill -CONT "$player"
	((like == 0 && same == 1))
}

@test "noVNC shows a video, and ends exact" {
	serve_web
	open_page "http://$WEB/#quality=8"
	page connect
	page wait connected
	page click '[data-panel=stats-panel]'
	play 103 57 400 300
	wait_for uses_h264
	wait_for shows_a_likeness
	stop "$player"
	reference
	page equal "$T/served.ppm"
	page problems
	[ "$answer" = "[]" ]
}

@test "a page that asks for exact pictures gets no video" {
	mkdir -p "$T/stat"
	export RFB_STATDIR=$T/stat
	serve_web
	open_page "http://$WEB/#quality=10"
	page connect
	page wait connected
	play 103 57 400 300
	sent() { (($(rfbstat -j | jq '.viewers[0].updates') > 60)); }
	wait_for sent
	stop "$player"
	reference
	page equal "$T/served.ppm"
	STAT=$(free_port)
	start stat rfbstat -l "127.0.0.1:$STAT"
	wait_port "$STAT"
	curl -s --max-time 10 "http://127.0.0.1:$STAT/metrics" >"$T/metrics"
	grep -q '^rfb_rectangles_total{encoding="tight"} [1-9]' "$T/metrics"
	! grep '^rfb_rectangles_total{encoding="h264"} [1-9]' "$T/metrics"
}
