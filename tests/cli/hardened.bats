#!/usr/bin/env bats
# How the programs are built: position independent, relocations read-only and bound at the start, stack protector, checked
# copies, no stack that runs.

load helpers

@test "every program is hardened" {
	local p f
	for f in "$BUILD"/bin/*; do
		p=${f##*/}
		[[ $(head -c 4 "$f" | tail -c 3) = ELF ]] || continue
		readelf -hldW "$f" >"$T/elf"
		grep -q 'Type: *DYN' "$T/elf" || { echo "$p: not position independent"; return 1; }
		grep -q GNU_RELRO "$T/elf" || { echo "$p: no RELRO"; return 1; }
		grep -Eq 'BIND_NOW|FLAGS_1.*NOW' "$T/elf" || { echo "$p: bound lazily"; return 1; }
		grep -q 'GNU_STACK.* RW ' "$T/elf" || { echo "$p: a stack that runs"; return 1; }
		readelf --dyn-syms -W "$f" >"$T/symbols"
		grep -q __stack_chk_fail "$T/symbols" || { echo "$p: no stack protector"; return 1; }
		grep -q __asan_init "$T/symbols" || grep -q '_chk@' "$T/symbols" || { echo "$p: not fortified"; return 1; }
	done
}
