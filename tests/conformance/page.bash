# What the tests of the browser page share: the pipeline with -W, and the browser that visits it.

load viewers

# serve_web [RFBD-OPTION...]: the pipeline with the page at $WEB (host:port); serve_web_again: at the same place.
serve_web() {
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	serve_web_again "$@"
}
serve_web_again() {
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT -W 127.0.0.1:$WEBPORT $*"
	served
}

# serve_web_fed: the page of an rfbd whose source is $feed, which may be stopped; feed: one more.
serve_web_fed() {
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	start server rfbd -S "$T/source" -l "127.0.0.1:$PORT" -W "127.0.0.1:$WEBPORT"
	wait_port "$WEBPORT"
	wait_for test -S "$T/source"
	feed
}
feed() { DISPLAY=$SERVED start_sh feed "fbgrab | fbdiff | socat -u - 'UNIX-CONNECT:$T/source'"; }

# page COMMAND...: says a line to the browser's driver and reads its answer into $answer.
page() {
	echo "$*" >&"$TO_PAGE"
	IFS= read -r -t $((PATIENCE * 3)) -u "$FROM_PAGE" answer || { echo "the browser's driver is gone"; cat "$BATS_FILE_TMPDIR/browser.err"; return 1; }
	[[ $answer = ok* ]] || { echo "page $*: $answer"; return 1; }
	answer=${answer#ok }
}

# open_page [URL]: a page in a profile that no other test has used. The browser is one for the file, started when first asked for.
open_page() {
	need node chromium
	[[ -d $BUILD/web-test/node_modules ]] || skip "playwright-core is not there: npm was missing"
	local dir=$BATS_FILE_TMPDIR
	{ [[ -s $dir/browser.pid ]] && alive "$(<"$dir/browser.pid")"; } || start_browser "$dir"
	exec {TO_PAGE}<>"$dir/to" {FROM_PAGE}<>"$dir/from"
	page open "${1:-http://$WEB/}"
}
# It is the file's and not the test's: its pid, its mark and its home.
start_browser() {
	local -x T=$1 RFBKIT_MARK=rfbkit-${1//\//-} HOME=$1
	local browser
	rm -f "$T/to" "$T/from"
	mkfifo "$T/to" "$T/from"
	start browser env -u DISPLAY PATIENCE="$PATIENCE" sh -c 'exec node "$1" <>"$2" >"$3"' - "$BUILD/web-test/page.mjs" "$T/to" "$T/from"
	echo "$browser" >"$T/browser.pid"
}
# The page and its profile go with the test. What a test that failed did not wait for is answered first.
close_page() {
	[[ -n ${TO_PAGE-} ]] || return 0
	echo close >&"$TO_PAGE"
	while IFS= read -r -t $((PATIENCE * 3)) -u "$FROM_PAGE" answer; do
		[[ $answer != "ok closed" ]] || return 0
	done
	echo "the browser's driver does not close its page"
	return 1
}

# A file that has a teardown() of its own calls this in it, last.
page_teardown() {
	local status=0
	close_page || status=1
	rfbkit_teardown && ((status == 0))
}
teardown() { page_teardown; }
