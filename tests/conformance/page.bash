# What the tests of the browser page share: the pipeline with -W, and the browser that visits it.

load viewers

# serve_web [RFBD-OPTION...]: the pipeline with the page at $WEB (host:port).
serve_web() {
	PORT=$(free_port) WEBPORT=$(free_port) WEB=127.0.0.1:$WEBPORT
	DISPLAY=$SERVED start_sh server "fbgrab | fbdiff | rfbd -l 127.0.0.1:$PORT -W 127.0.0.1:$WEBPORT $*"
	wait_port "$WEBPORT" || { cat "$T/server.err"; return 1; }
}

# page COMMAND...: says a line to the browser's driver and reads its answer into $answer.
page() {
	echo "$*" >&"$TO_PAGE"
	IFS= read -r -t $((PATIENCE * 3)) -u "$FROM_PAGE" answer || { echo "the browser's driver is gone"; cat "$T/page.err"; return 1; }
	[[ $answer = ok* ]] || { echo "page $*: $answer"; return 1; }
	answer=${answer#ok }
}

open_page() {
	need node chromium
	[[ -d $BUILD/web-test/node_modules ]] || skip "playwright-core is not there: npm was missing"
	mkfifo "$T/to" "$T/from"
	exec {TO_PAGE}<>"$T/to" {FROM_PAGE}<>"$T/from"
	START_IN=$T/to start_page
	page open "${1:-http://$WEB/}"
}
start_page() {
	HOME=$T start page env PATIENCE="$PATIENCE" sh -c 'exec node "$1" >"$2"' - "$BUILD/web-test/page.mjs" "$T/from"
}
