# Unit tests, fuzz targets and conformance programs: one file, one program. Included by the Makefile.
# The sanitized builds are builds of their own: $(BUILD)/asan, $(BUILD)/tsan, $(BUILD)/fuzzing.

TEST_LIBS := x11capture rec rfb net auth codec fbs pixel io wire confine cli
TEST_LDLIBS = $(shell pkg-config --libs cmocka) $(call libs_of,$(TEST_LIBS) rfbd) -lwslay -lev -lm

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
# those that start threads, and the libraries that they use
THREADED_LIBS := net codec pixel io wire confine cli
THREADED := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(shell grep -l pthread tests/unit/test_*.c 2>/dev/null))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/obj/tests/%.o: PKG_CFLAGS = $(call cflags_of,$(TEST_LIBS) rfbd) -Ibin/rfbd
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(call archive,$(call present,$(TEST_LIBS)))
	@mkdir -p $(@D)
	$(call quietly,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

# A fuzz target is built with clang -fsanitize=fuzzer (make fuzz-build does: CC=clang SAN=fuzzer-no-link,address,undefined).
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(call archive,$(call present,$(TEST_LIBS)))
	@mkdir -p $(@D)
	$(call quietly,LD)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(TEST_LDLIBS)

# (a trace needs lines, and no types and variables)
sub_build = $(MAKE) --no-print-directory BUILD=$(BUILD)/$(1) CFLAGS='-O1 -g1'

.PHONY: unit-build unit-threaded unit asan-build tsan-build fuzz-build fuzz-targets test-build
unit-build: $(UNIT)
unit-threaded: $(THREADED)
fuzz-targets: $(FUZZ)
unit: unit-build
	@tests/run 'unit/*'
asan-build:
	+@$(call sub_build,asan) SAN=address,undefined unit-build
tsan-build:
	+@$(if $(THREADED),$(call sub_build,tsan) SAN=thread TEST_LIBS='$(THREADED_LIBS)' unit-threaded)
fuzz-build:
	+@$(call sub_build,fuzzing) CC=clang SAN=fuzzer-no-link,address,undefined fuzz-targets
test-build: all tools conformance-build unit-build asan-build tsan-build fuzz-build

# what a folder of tests builds for itself
include $(wildcard tests/*/rules.mk)
