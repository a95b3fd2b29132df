# Unit tests, fuzz targets and conformance programs: one file, one program. Included by the Makefile.

TEST_LIBS := rec rfb net auth codec fbs pixel io wire cli confine
TEST_LDLIBS = $(shell pkg-config --libs cmocka) $(call libs_of,$(TEST_LIBS) rfbd) -lwslay -lev -lm

UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/obj/tests/%.o: PKG_CFLAGS = $(call cflags_of,$(TEST_LIBS) rfbd) -Ibin/rfbd
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(call archive,$(call present,$(TEST_LIBS)))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

# A fuzz target is built with clang -fsanitize=fuzzer (make fuzz-build does: CC=clang SAN=fuzzer-no-link,address,undefined).
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(call archive,$(call present,$(TEST_LIBS)))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(TEST_LDLIBS)

.PHONY: unit-build unit fuzz-build
unit-build: $(UNIT)
unit: unit-build
	@set -e; for t in $(UNIT); do echo "# $$t"; $$t; done
fuzz-build:
	$(MAKE) BUILD=$(BUILD)/san-fuzz CC=clang SAN=fuzzer-no-link,address,undefined $(patsubst $(BUILD)/%,$(BUILD)/san-fuzz/%,$(FUZZ))

# what a folder of tests builds for itself
include $(wildcard tests/*/rules.mk)
