#!/usr/bin/env bats
# Twenty megabytes of clipboard, either way, while a video plays: frames go on, the text arrives whole.

load viewers

setup() {
	rfbkit_setup
	need xclip
	start_screen 640x480
	serve "$@"
	start video bash -c 'awk "BEGIN { while (1) print \"photo\", n % 200, n % 100, 320, 240, ++n \"\nwait 15\" }" | xpaint'
}

sum() { sha256sum "$1" | cut -d' ' -f1; }

@test "twenty megabytes both ways while a video plays" {
	local word hash
	seq -f '%.0f is a line of the served display' 560000 | head -c 20971520 >"$T/copied"
	coproc viewer { exec bigclip.py "$PORT" 2>&1; }
	while read -r word hash <&"${viewer[0]}"; do
		echo "$word $hash"
		case $word in
		copy) start owner xclip -quiet -selection clipboard "$T/copied" ;;
		got) [[ $hash = $(sum "$T/copied") ]] || break ;;
		paste)
			xpaste CLIPBOARD >"$T/pasted"
			[[ $hash = $(sum "$T/pasted") ]] || break
			echo >&"${viewer[1]}" ;;
		done) return 0 ;;
		esac
	done
	return 1
}
