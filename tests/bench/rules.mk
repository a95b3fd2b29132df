# The benchmark's programs: a workload on the display, a client that measures, a link between them.
BENCH := $(addprefix $(BUILD)/bench/,workload client shaper)
BENCH_LIBS := rfb codec pixel wire

bench_objs = $(patsubst %,$(BUILD)/obj/tests/bench/%.o,$(1))
$(BUILD)/obj/tests/bench/%.o: PKG_CFLAGS = $(call cflags_of,$(BENCH_LIBS)) $(shell pkg-config --cflags x11) -Itests/bench

$(BUILD)/bench/workload: $(call bench_objs,workload picture)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs x11) -lm
$(BUILD)/bench/client: $(call bench_objs,client conn crowd span h264dec) $(call archive,$(call present,$(BENCH_LIBS)))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call libs_of,$(BENCH_LIBS)) $(shell pkg-config --libs x11 libavcodec libavutil) -lm
$(BUILD)/bench/shaper: $(call bench_objs,shaper)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^

.PHONY: bench-build
bench-build: $(BENCH)

# the encoders alone; not part of `make bench`
$(BUILD)/bench/bench_codec: $(call bench_objs,bench_codec) $(call archive,$(call present,codec pixel wire))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call libs_of,codec pixel) $(shell pkg-config --libs cmocka) -lm
