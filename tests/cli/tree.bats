#!/usr/bin/env bats
# The tree's own rules: who includes whom, sizes, how the programs are built, what is installed, which packages are named.

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	rfbkit_setup
	# one installation for all who look at it
	make -s -C "$REPO" install DESTDIR="$BATS_FILE_TMPDIR/root" PREFIX=/usr >"$BATS_FILE_TMPDIR/install.log" 2>&1 ||
		{ cat "$BATS_FILE_TMPDIR/install.log" >&2; return 1; }
}
setup() {
	rfbkit_setup
	ROOT=$BATS_FILE_TMPDIR/root/usr
	cd "$REPO"
}
none() { [[ ! -s $1 ]] || { cat "$1"; return 1; }; }
sources() { find lib bin -name '*.[ch]' | LC_ALL=C sort; }
# The programs that make builds, without scripts.
programs() { for p in "$ROOT"/bin/*; do head -c 4 "$p" | grep -q ELF && echo "$p"; done; }

# edges: "LIBRARY USES" lines of the table in doc/architecture.md; each library may use itself.
edges() {
	sed -n '/^## Which library/,/^## The life/s/^| `\([a-z0-9]*\)` |[^|]*| \(.*\) |$/\1 \2/p' doc/architecture.md |
		while read -r library uses; do
			echo "$library $library"
			for u in $uses; do [[ $u = – ]] || echo "$library $u"; done
		done | sort -u
}

@test "libraries use each other as doc/architecture.md says" {
	edges >"$T/may"
	[ "$(cut -d' ' -f1 "$T/may" | sort -u | wc -l)" = "$(find lib -mindepth 1 -maxdepth 1 -type d | wc -l)" ]
	grep -roE '^ *# *include "[a-z0-9]+/' lib | sed -E 's,^lib/([^/]+)/[^:]*:.*"([^/]+)/,\1 \2,' | sort -u >"$T/do"
	[ "$(wc -l <"$T/do")" -gt 20 ]
	comm -13 "$T/may" "$T/do" >"$T/not"
	none "$T/not"
	# no cycles, and nothing out of a library by another way
	grep -v '^\([a-z0-9]*\) \1$' "$T/may" | tsort >"$T/order"
	{ grep -rnE '^ *# *include "(\.\.|bin|lib|tests)/' lib bin || :; } >"$T/not"
	none "$T/not"
}

@test "x11's two halves do not know each other" {
	{ grep -nE '# *include "(x11/)?input' lib/x11/capture* || :; grep -nE '# *include "(x11/)?capture' lib/x11/input* || :; } >"$T/not"
	none "$T/not"
}

@test "a program includes libraries' headers and its own" {
	local f header program
	find bin -name '*.[ch]' | while read -r f; do
		program=$(cut -d/ -f1,2 <<<"$f")
		sed -nE 's/^ *# *include "([^"]*)".*/\1/p' "$f" | while read -r header; do
			[[ -e lib/$header || -e $program/$header || -e ${f%/*}/$header ]] || echo "$f: $header"
		done
	done >"$T/not"
	none "$T/not"
}

@test "rfbd's monitor knows nothing of viewers, and nobody else knows the monitor" {
	includes() { grep -rHoE '^ *# *include "[^"]+"' "$@" | sed -E 's/:.*"(.*)"/ \1/'; }
	# the monitor starts the worker; what a viewer sends is parsed by these libraries
	includes bin/rfbd/monitor | awk '$2 ~ "^(entry|input|screen|units|video|viewer|worker)/|^(rfb|codec)/" &&
		$0 != "bin/rfbd/monitor/monitor.c worker/worker.h"' >"$T/not"
	includes bin/rfbd | grep -v '^bin/rfbd/monitor/' | awk '$2 ~ "^monitor/" && $0 != "bin/rfbd/rfbd.c monitor/monitor.h"' >>"$T/not"
	none "$T/not"
	[ "$(includes bin/rfbd/monitor | wc -l)" -gt 30 ]
}

@test "every header compiles by itself" {
	find lib bin -name '*.h' | xargs -P2 -I{} sh -c 'h={}
		echo "#include \"$PWD/$h\"" | ${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Werror -fsyntax-only -Ilib -I"$(echo "$h" | cut -d/ -f1,2)" \
			$(pkg-config --cflags pixman-1) -x c - || exit 255'
}

@test "no file of lib or bin is longer than 600 lines, no function longer than 80" {
	sources | xargs wc -l | awk '$2 != "total" && $1 > 600' >"$T/not"
	none "$T/not"
	# a function's braces stand in the first column
	sources | xargs awk 'FNR == 1 { from = 0 } /^{/ { from = FNR } /^}/ { if (from && FNR - from > 80) print FILENAME ":" from; from = 0 }' >"$T/not"
	none "$T/not"
}

@test "nothing is unfinished by its own words" {
	{ git grep -nIwE 'TO''DO|FIX''ME|XX''X|not imple''mented|unimple''mented' -- . ':!tests/golden' ':!tests/fuzz/corpus' || :; } >"$T/not"
	none "$T/not"
}

@test "programs are hardened: position independent, relocations read only, checked stack and buffers" {
	local p all=0
	for p in $(programs); do
		echo "$p"
		readelf -hldW "$p" >"$T/elf"
		grep -qE 'Type: +DYN' "$T/elf"
		grep -q GNU_RELRO "$T/elf"
		grep -qE 'BIND_NOW|FLAGS_1.*NOW' "$T/elf"
		grep -qE 'GNU_STACK.* RW ' "$T/elf"
		nm -D "$p" >"$T/symbols"
		grep -q __stack_chk_fail "$T/symbols"
		grep -qE ' __[a-z]+_chk' "$T/symbols"
		run -1 grep -E ' U (gets|sprintf|strcpy|strcat|vsprintf|tmpnam|mktemp|system|popen)(@|$)' "$T/symbols"
		all=$((all + 1))
	done
	[ "$all" -ge 8 ]
}

@test "two builds in two places are byte for byte the same" {
	local d
	for d in one two/deeper; do
		mkdir -p "$T/$d"
		cp -r Makefile scripts lib "$T/$d/"
		mkdir -p "$T/$d/tests" "$T/$d/bin"
		cp tests/tests.mk "$T/$d/tests/"
		cp -r bin/fbdiff "$T/$d/bin/"
		env -u MAKEFLAGS -u CFLAGS make -s -j2 -C "$T/$d" BUILD=build CFLAGS='-O1 -g' build/bin/fbdiff
	done
	cmp "$T/one/build/bin/fbdiff" "$T/two/deeper/build/bin/fbdiff"
}

@test "make install puts everything in place" {
	local p f
	for p in fbgrab fbdiff fbinput rfbenc rfbd rfbrec rfbplay rfbstat rfbkit-ask rfbkit-bind rfbkit-init; do
		assert_file_executable "$ROOT/bin/$p"
	done
	for f in bin/*/*.1; do cmp "$f" "$ROOT/share/man/man1/${f##*/}"; done
	for f in doc/*.5; do cmp "$f" "$ROOT/share/man/man5/${f##*/}"; done
	for f in doc/*.7; do cmp "$f" "$ROOT/share/man/man7/${f##*/}"; done
	(cd s6-services && find . -type f) | while read -r f; do
		cmp "s6-services/$f" "$ROOT/share/rfbkit/s6-services/$f"
		[[ ! -x s6-services/$f ]] || assert_file_executable "$ROOT/share/rfbkit/s6-services/$f"
	done
	if command -v npm >/dev/null; then
		assert_file_exists "$ROOT/share/rfbkit/web/index.html"
		assert_file_exists "$ROOT/share/rfbkit/web/novnc/core/rfb.js"
	fi
	# what each shell completes: a file for each program
	for p in "$ROOT"/bin/*; do
		p=${p##*/}
		assert_file_exists "$ROOT/share/bash-completion/completions/$p"
		assert_file_exists "$ROOT/share/zsh/site-functions/_$p"
		assert_file_exists "$ROOT/share/fish/vendor_completions.d/$p.fish"
		[ -e "$ROOT/share/man/man1/$p.1" ]
	done
	# nothing of the build's place is in it, nothing is writable for others
	find "$BATS_FILE_TMPDIR/root" -perm /022 -not -type l >"$T/not"
	none "$T/not"
}

@test "make uninstall removes what install put there, and nothing else" {
	mkdir -p "$T/away/share/rfbkit"
	cp -r "$ROOT"/* "$T/away"
	echo mine >"$T/away/share/rfbkit/mine"
	make -C "$REPO" BUILD="$BUILD" PREFIX="$T/away" uninstall
	[ "$(find "$T/away" -type f)" = "$T/away/share/rfbkit/mine" ]
	assert_not_exists "$T/away/share/doc/rfbkit"
	assert_dir_exists "$T/away/share/man/man1"
}

@test "completions are what each shell reads, words and files" {
	local f
	for f in "$ROOT"/share/zsh/site-functions/*; do zsh -n "$f"; done
	for f in "$ROOT"/share/fish/vendor_completions.d/*; do fish -n "$f"; done
	touch "$T/a file with spaces"
	run -0 env -C "$T" bash -c 'source "$0/rfbd" && COMP_WORDS=(rfbd -L d) COMP_CWORD=2 && _rfbd && printf "%s\n" "${COMPREPLY[@]}"
		COMP_WORDS=(rfbd -p a\ f) COMP_CWORD=2 && _rfbd && printf "%s\n" "${COMPREPLY[@]}"' "$ROOT/share/bash-completion/completions"
	assert_output $'debug\na file with spaces'
}

@test "every option that -h tells is in the manual page" {
	local p o page
	for p in "$ROOT"/bin/*; do
		page=$(grep -E '^\.(It|Op|Nm|Ar) ?.*Fl|^\.It Fl' "$ROOT/share/man/man1/${p##*/}.1")
		# what every program has is in rfbkit(7)
		for o in $("$p" -h | sed -nE 's/^  (-.),? .*/\1/p; s/^  (-., |    )--([a-z0-9-]+).*/--\2/p' | grep -vxE -- '-[hVJL]|--(help|version|json-log|log-level)'); do
			grep -qE -- "Fl (([^ ]+ , )*(Fl )?)?${o#-}( |\$)" <<<"$page" || { echo "${p##*/}: $o"; return 1; }
		done
	done
}

@test "every installed program says what it is, and refuses what it does not know" {
	local p
	for p in "$ROOT"/bin/*; do
		run -0 "$p" -h
		assert_output --partial "usage: ${p##*/}"
		run -100 "$p" --no-such-option
		run -100 "$p" -%
		assert_output
	done
	for p in "$ROOT"/bin/*; do
		run -0 "$p" -V
		assert_output --partial "${p##*/}"
		run -0 grep -q "^\.Nm ${p##*/}$" "$ROOT/share/man/man1/${p##*/}.1"
	done
}

@test "what cannot be printed, and descriptors that came closed, are said and harm nobody" {
	local p name
	for p in "$BUILD"/bin/{fbgrab,fbdiff,fbinput,rfbenc,rfbd,rfbrec,rfbplay,rfbstat,rfbkit-bind}; do
		name=${p##*/}
		run -111 --separate-stderr bash -c "'$p' -h >/dev/full"
		assert_equal "$stderr" "$name: error: cannot write: No space left on device"
		run -111 --separate-stderr bash -c "'$p' -V >&-"
		assert_equal "$stderr" "$name: error: cannot write: Bad file descriptor"
	done
	for name in fbdiff rfbenc 'rfbd -l 0' 'rfbrec -' 'rfbstat -p'; do
		run -111 --separate-stderr bash -c "set -o pipefail; '$BUILD'/bin/$name <&- | cat >/dev/null"
		[[ $stderr == *'cannot read the stream from the stage before: Bad file descriptor'* ]]
	done
}

@test "the installed tree makes a tree of services" {
	PATH=$ROOT/bin:/usr/bin:/bin run -0 rfbkit-init -x "$T/tree"
	assert_file_executable "$T/tree/service/rfbd/run"
	assert_file_executable "$T/tree/service/source/run"
	run -100 "$ROOT/bin/rfbkit-init" -x "$T/tree"
	assert_output --partial 'exists'
}

# A header is missing: make names the Debian package before the compiler is asked.
@test "make says which Debian package is missing" {
	mkdir -p "$T/bin"
	printf '%s\n' '#!/bin/sh' 'for a; do [ "$a" != libturbojpeg0-dev ] || exit 1; done' 'exec /usr/bin/dpkg-query "$@"' >"$T/bin/dpkg-query"
	printf '%s\n' '#!/bin/sh' 'for a; do [ "$a" != libturbojpeg ] || exit 1; done' 'exec /usr/bin/pkg-config "$@"' >"$T/bin/pkg-config"
	chmod +x "$T/bin/dpkg-query" "$T/bin/pkg-config"
	export PATH=$T/bin:$PATH
	run env -u MAKEFLAGS make BUILD="$T/build" "$T/build/.packages"
	[ "$status" -ne 0 ]
	assert_output --partial 'missing: the Debian package libturbojpeg0-dev'
	refute_output --partial 'libpng-dev'
	run -0 env -u MAKEFLAGS make JPEG=0 BUILD="$T/build" "$T/build/.packages"
}

@test "every named package is one of Debian's" {
	sed 's/#.*//' scripts/packages.txt | awk 'NF { print $2 }' | sort -u >"$T/named"
	[ "$(wc -l <"$T/named")" -gt 50 ]
	# a machine without package lists knows only what is installed
	[[ $(apt-cache pkgnames libzz 2>/dev/null; apt-cache policy hello 2>/dev/null | grep Candidate) = *[0-9]* ]] || skip "no package lists here"
	xargs apt-cache policy <"$T/named" | awk '/^[^ ].*:$/ { name = $1 } /Candidate: [0-9]/ { print substr(name, 1, length(name) - 1) }' | sort -u >"$T/known"
	comm -23 "$T/named" "$T/known" >"$T/not"
	none "$T/not"
}
