# What people call: set-up, running, testing, installing. Included by the Makefile. A line "## …" is a line of `make help`.

export BUILD
build_all = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: help deps serve test soak bench likeness fuzz lint variants install uninstall clean
## make             builds everything into build/ and says which Debian package is missing when one is
help:			## make help        this
	@echo 'rfbkit $(VERSION)'; cat $(MAKEFILE_LIST) | sed -n 's/^[a-z]*:*.*## make\(.*\)/  make\1/p' | grep -v MAKEFILE | sort -u

deps:			## make deps        installs the Debian packages for building, running and testing
	@scripts/deps build web run test

serve:			## make serve       builds and serves $DISPLAY, or a small desktop of its own; Ctrl-C ends it
	@scripts/deps build web run
	+@$(build_all) all
	@exec scripts/serve

test:			## make test        builds and runs every test; T='cli/* unit/test_fbs' chooses
	@scripts/deps build web run test
	+@$(build_all) test-build
	@exec tests/run $(T)

soak:			## make soak        the supervised tree under a mixed crowd for SOAK_SECONDS=3600, then KILL_SECONDS=600 of random SIGKILLs
	@scripts/deps build web run test bench
	+@$(build_all) all tools conformance-build bench-build
	@exec tests/soak/run

bench:			## make bench       measures, against other servers too
	@scripts/deps build web run test bench
	+@$(build_all) all bench-build
	@exec tests/bench/run $(T)

likeness:		## make likeness    how far JPEG is from the picture at each quality level, and its bytes, beside other servers'
	@scripts/deps build web run test bench
	+@$(build_all) all bench-build conformance-build tools
	@exec tests/bench/likeness.py $(T)

FUZZ_S ?= 600
fuzz:			## make fuzz        lets each fuzz target look for crashes for FUZZ_S=600 seconds, from where it was; T='fuzz/fbs' chooses
	@scripts/deps build test
	+@$(build_all) fuzz-build
	@FUZZ_KEEP=1 FUZZ_SECONDS=$(FUZZ_S) WATCHDOG=$$(($(FUZZ_S) + 300)) tests/run $(or $(T),'fuzz/*'); \
		status=$$?; echo "figures in $(BUILD)/fuzz/log"; exit $$status

lint:			## make lint        cppcheck, clang-tidy, manual pages, the tree's own rules
	@scripts/deps build lint
	@exec scripts/lint

# The pages' files and the tools are the same in each; what differs are the programs and the codec's tests.
variants:		## make variants    builds without each optional library in turn and runs the codec's tests
	@scripts/deps build test
	+@set -e; for o in ISAL JPEG PNG H264; do \
		echo "without $$o"; b=$(BUILD)/without-$$o; \
		$(build_all) BUILD=$$b $$o=0 CI=1 CFLAGS=-O1 $(BUILT:%=$$b/bin/%) \
			$(patsubst $(BUILD)/%,$$b/%,$(filter $(BUILD)/unit/test_codec% $(BUILD)/unit/test_rfbd%,$(UNIT))); \
		BUILD=$$b tests/run 'unit/*'; \
	done

clean:			## make clean       removes build/
	rm -rf $(BUILD)

install: all		## make install     PREFIX=/usr/local DESTDIR=: programs, pages, the service tree, completions
	@scripts/install $(BUILD) '$(DESTDIR)$(PREFIX)' $(BUILT)

uninstall: all		## make uninstall   removes what install with the same PREFIX and DESTDIR puts there
	@scripts/uninstall '$(DESTDIR)$(PREFIX)' $(BUILD) $(BUILT)
