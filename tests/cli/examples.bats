#!/usr/bin/env bats
# Every command line that README.md and the manual pages show, run as it stands there. What belongs to the reader's machine is
# replaced: the ports by free ones, `host` by a server of the test, ssh by a shell, /run/rfbkit by a place of the test.

bats_require_minimum_version 1.5.0
load helpers

# --- finding them ------------------------------------------------------------------------------

# One command line a line. Of README.md and doc/web.md: indented lines; the two `make` ones and those that only set up are
# for the tests of their own subject.
readme_lines() {
	sed -nE '/^## Cookbook/,/^## /s/^    ([a-zA-Z].*)$/\1/p' "$REPO/README.md"
	sed -nE 's/^    (fbgrab .*|rfbplay .*)$/\1/p' "$REPO/doc/web.md"
}
# Of a page: .Dl lines that begin with one of our programs, or run one.
page_lines() {
	sed -nE 's/^\.Dl (\$ )?(.*)$/\2/p' "$1" | sed -e 's/\\(ba/|/g; s/\\(dq/"/g; s/\\-/-/g; s/\\&//g'
}

all_lines() {
	local page
	readme_lines
	for page in "$REPO"/bin/*/*.1 "$REPO"/doc/*.[57]; do page_lines "$page"; done | grep -E "$PROGRAMS" || :
}
PROGRAMS='\b(fbgrab|fbdiff|fbinput|rfbenc|rfbd|rfbrec|rfbplay|rfbstat|rfbkit-bind|rfbkit-init)\b'

# --- the sandbox --------------------------------------------------------------------------------

# Stand-ins that come first in PATH: they change what an example cannot know, and run the real program.
stand_ins() {
	mkdir -p "$T/bin" "$T/home/.vnc" "$T/run/stat" "$T/work"
	printf 'sesame42\n' | tigervncpasswd -f >"$T/home/.vnc/passwd"
	stand_in rfbd 'words=() listens=
		for w; do [[ $w = -l || $w = -S || $w = -c || $w = --listen-fd || $w = --tell ]] && listens=1
			[[ $last != --control ]] || w+=.own	# the other is that of the server that is told something
			# one or the other: the port that stands in for 5900 may have 6080 in it
			last=$w; w=${w/#"*:"/127.0.0.1:}; case $w in *5900*) w=${w/5900/$PORT} ;; *) w=${w/6080/$WEBPORT} ;; esac; words+=("$w"); done
		[[ $listens ]] || words+=(-l "127.0.0.1:$PORT")
		exec "$BUILD/bin/rfbd" "${words[@]}"'
	# a terminal is what makes rfbplay serve
	stand_in rfbplay 'if [[ $# = 1 || $1 = --serve ]]; then
			file=$1; [[ $1 != --serve ]] || file=$2
			[[ $# -gt 3 ]] && extra=(-W "127.0.0.1:$WEBPORT")
			exec "$BUILD/bin/rfbplay" --serve "$file" -- -l "127.0.0.1:$PORT" "${extra[@]}"
		fi
		exec "$BUILD/bin/rfbplay" "$@"'
	stand_in rfbrec 'words=(); for w; do words+=("${w/#host/127.0.0.1::$UPSTREAM}"); done; exec "$BUILD/bin/rfbrec" "${words[@]}"'
	stand_in rfbstat 'words=(); for w; do words+=("${w/#9590/127.0.0.1:$PORT}"); done
		[[ $# -gt 0 ]] || words=(-1)
		exec "$BUILD/bin/rfbstat" "${words[@]}"'
	stand_in rfbkit-bind 'exec "$BUILD/bin/rfbkit-bind" "${@/5900/$PORT}"'
	stand_in fbgrab 'words=(); for w; do [[ $w = :[01] ]] && w=$DISPLAY; [[ $w = guess ]] && w=$XAUTHORITY_OF_TEST; words+=("$w"); done
		exec "$BUILD/bin/fbgrab" "${words[@]}"'
	stand_in fbinput 'words=(); for w; do [[ $w = :1 ]] && w=$DISPLAY; words+=("$w"); done; exec "$BUILD/bin/fbinput" "${words[@]}"'
	stand_in rfbkit-ask 'exit 0'
	stand_in ssh 'shift; exec bash -c "$*"'
	stand_in timeout 'shift; exec "$@"'
	cp "$T/home/.vnc/passwd" "$T/work/passwd"
	printf 'sesame42\nsesame42\n' >"$T/answers"
	rfbd --passwd "$T/home/.vnc/users" ann <"$T/answers"
	: >"$T/home/.Xauthority"
	export XAUTHORITY_OF_TEST=$T/home/.Xauthority HOME=$T/home PORT UPSTREAM WEBPORT
}
stand_in() { printf '#!/bin/bash\n%s\n' "$2" >"$T/bin/$1"; chmod +x "$T/bin/$1"; }

# run_line LINE: until it ends by itself, or its server listens; then it is ended. Fails with what it said.
run_line() {
	local line=${1//\/run\/rfbkit/$T\/run}
	PORT=$(free_port) WEBPORT=$(free_port)
	rm -f "$T"/work/*.vnc.gz
	if [[ $line = *rfbplay* ]]; then
		cp "$REPO/recordings/desktop.vnc.gz" "$T/work/s.vnc.gz"
		cp "$REPO/recordings/desktop.vnc.gz" "$T/work/session.vnc.gz"
	fi
	[[ $line != *--passwd* ]] || local -x START_IN=$T/answers
	(cd "$T/work" && PATH=$T/bin:$PATH start_sh example "set -o pipefail; $line")
	example=$(tail -n 1 "$T/.pids")
	wait_for settled || { echo "$1: neither ended nor listens"; cat "$T/example.err"; return 1; }
	if port_listens "$PORT" && [[ $line != *rfbstat\ -l* && $line != *' -C '* && $line != *fdholder-store* ]]; then
		# a viewer is let in and told a screen's size
		timeout 60 python3 "$REPO/tests/cli/visit.py" "$PORT" $([[ $line = *' -p '*passwd* ]] && echo sesame42) ||
			{ echo "$1: no viewer gets in"; cat "$T/example.err"; return 1; }
	fi
	cp "$T/example.err" "$T/said"
	stop "$example"
	if grep -E ': error: |unknown option|Usage|not found|No such file' "$T/said"; then
		echo "in: $1"
		return 1
	fi
}
settled() {
	gone "$example" && return
	# servers listen, recorders without end have begun
	port_listens "$PORT" && return
	[[ $line = *rfbrec*.vnc.gz ]] && find "$T/work" -name '*.vnc.gz' -size +0 | grep -q .
}

setup() {
	rfbkit_setup
	start_x x 1024x768
	echo 'page 10 10 300 300 1' | xpaint >/dev/null
	stand_ins
}

@test "each command line of README.md, doc/web.md and the manual pages runs" {
	local line n=0
	UPSTREAM=$(free_port)
	start_sh upstream "$BUILD/bin/rfbd -l 127.0.0.1:$UPSTREAM -l unix:$T/run/rfb.sock --control $T/run/control -e 'fbgrab | fbdiff'"
	wait_port "$UPSTREAM" || { cat "$T/upstream.err"; return 1; }
	# that rfbkit-bind(1) stores sockets in
	mkdir -p "$T/work/run" "$T/rules/uid/$(id -u)/env"
	touch "$T/rules/uid/$(id -u)/allow"
	echo . >"$T/rules/uid/$(id -u)/env/S6_FDHOLDER_STORE_REGEX"
	start holder s6-fdholder-daemon -i "$T/rules" "$T/work/run/holder.sock"
	wait_for test -S "$T/work/run/holder.sock"
	while read -r line <&5; do
		case $line in
		*s6-ipcclient* | vncpasswd* | s6-* | *s6-svscan*) continue ;;	# tests/cli/s6.bats, trees.bats
		esac
		echo "# $line"
		run_line "$line" || return 1
		n=$((n + 1))
	done 5< <(all_lines | sed 's/  *# .*//' | sort -u)
	echo "$n lines"
	((n >= 25))
}

@test "what README.md and the documents link to is there" {
	local file target
	for file in "$REPO"/README.md "$REPO"/doc/*.md; do
		for target in $(grep -oE '\]\([^)]+\)' "$file" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '://' | sort -u); do
			[[ -e ${file%/*}/$target ]] || { echo "$file: $target"; return 1; }
		done
	done
}

@test "README.md names every setting of PyVNCServer's config.json" {
	local name table
	table=$(sed -n '/^## Coming from PyVNCServer/,/^## /p' "$REPO/README.md")
	for name in host port password frame_rate lan_frame_rate enable_lan_adaptive_encoding enable_request_coalescing 'lan_raw_*' \
		lan_prefer_zlib 'lan_zlib_*' 'lan_jpeg_*' lan_zrle_compression_level network_profile_override scale_factor \
		max_connections client_socket_timeout enable_region_detection enable_cursor_encoding enable_metrics enable_tight_encoding \
		tight_disable_for_ultravnc enable_jpeg_encoding enable_h264_encoding enable_parallel_encoding encoding_threads \
		enable_websocket websocket_detect_timeout websocket_max_handshake_bytes websocket_max_payload_bytes \
		websocket_max_buffer_bytes max_set_encodings max_client_cut_text log_level log_file; do
		[[ $table = *"\`$name\`"* ]] || { echo "$name"; return 1; }
	done
	# and only options that exist
	local program option
	while read -r program option; do
		"$program" -h | grep -qE -- "(^|[ ,])$option( |,|$)" || { echo "$program has no $option"; return 1; }
	done < <(grep -oE '`(fbgrab|rfbd|rfbstat) (-[A-Za-z]|--[a-z-]+)' <<<"$table" | tr -d '`' | sort -u)
}

@test "the settings of the tree that README.md names are read by their services" {
	local cell service name n=0
	while read -r cell <&5; do
		service=
		for name in $(grep -oE '`[^`]+`' <<<"$cell" | tr -d '`'); do
			[[ $name != */* ]] || { service=${name%%/*} name=${name#*/}; }
			[[ $name = up ]] || grep -rqwF -- "$name" "$REPO/s6-services/$service" || { echo "$service/$name"; return 1; }
			n=$((n + 1))
		done
	done 5< <(sed -n '/^## Coming from PyVNCServer/,/^## Trouble/s/^| .* | \([^|]*\) |$/\1/p' "$REPO/README.md" | grep '/')
	((n >= 20)) || { echo "$n"; return 1; }
}

@test "manual pages: one for each program, clean, with every option of -h" {
	local program option page
	for page in "$REPO"/bin/*/*.1 "$REPO"/doc/*.[57]; do
		run mandoc -Tlint -W warning "$page"
		assert_success
		refute_output
	done
	for program in "$BUILD"/bin/*; do
		page=$REPO/bin/${program##*/}/${program##*/}.1
		mandoc -Tutf8 "$page" | col -b >"$T/page"
		for option in $("$program" -h | sed -nE 's/^  (-., |    )(--[a-z0-9-]+).*/\2/p; s/^  (-[A-Za-z]) .*/\1/p' | grep -vxE -- '--(help|version|json-log|log-level)'); do
			grep -qF -- "$option" "$T/page" || { echo "$page lacks $option"; return 1; }
		done
	done
}

# complete SHELL LINE: what the shell offers at the end of the line, one a line.
complete_in() {
	case $1 in
	bash) bash -c ". '$C/bash/${2%% *}'; read -ra COMP_WORDS <<<\"\$1\"; [[ \$1 != *' ' ]] || COMP_WORDS+=('')
		COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1)); _${2%% *}; printf '%s\n' \"\${COMPREPLY[@]}\"" bash "$2" ;;
	fish) fish --no-config -c "source '$C/fish/${2%% *}.fish'; complete -C '$2'" | cut -f 1 ;;
	# zsh completes only at a terminal: the line is run there, by a stand-in that tells its words
	zsh) rm -f "$T/words"
		zsh -f -c 'zmodload zsh/zpty
			zpty z "zsh -f -i"
			zpty -w z "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; ${2%% *}() { print -rl -- \$@ >\$0.new; mv \$0.new $3; }; echo READ""Y"
			zpty -r -m z out "*READY*"
			zpty -w -n z "$2"$'"'\t\n'"'
			while [[ ! -e $3 ]]; do sleep 0.05; done' zsh "$C/zsh" "$2" "$T/words"
		tail -n 1 "$T/words" ;;
	esac
}

@test "completions: each shell loads those of each program, and completes options and their words" {
	C=$T/completions
	local p programs=()
	for p in "$BUILD"/bin/*; do programs+=("${p##*/}"); done
	"$REPO/scripts/completions" "$BUILD/bin" "$C" "${programs[@]}"
	for p in "${programs[@]}"; do
		bash -n "$C/bash/$p"
		run -0 --separate-stderr bash -uc ". '$C/bash/$p'; complete -p '$p'"
		assert_output "complete -o filenames -F _$p $p"
	done
	assert_equal "$(complete_in bash 'rfbd --ins')" --insecure
	assert_equal "$(complete_in bash 'rfbd -x ' | sort | tr '\n' ' ')" "exclusive first shared "
	if command -v fish >/dev/null; then
		for p in "${programs[@]}"; do
			run -0 fish --no-config -c "source '$C/fish/$p.fish'; complete -C '$p -' | count"
			[ "$output" -ge 4 ]
		done
		assert_equal "$(complete_in fish 'rfbd --ins')" --insecure
		assert_equal "$(complete_in fish 'rfbd -x ' | sort | tr '\n' ' ')" "exclusive first shared "
	fi
	if command -v zsh >/dev/null; then
		for p in "${programs[@]}"; do
			run -0 zsh -f -c 'fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; autoload +X _$2; print $_comps[$2]
				_arguments() { print -rl -- "$@"; }; _$2' zsh "$C/zsh" "$p"
			assert_line "_$p"
			assert_line --regexp '\[show the version\]$'
		done
		assert_equal "$(complete_in zsh 'rfbd --ins')" --insecure
		assert_equal "$(complete_in zsh 'rfbd -x e')" exclusive
	fi
}
