# Programs that stand on foreign client libraries; each is one file.
CONFORMANCE := $(patsubst tests/conformance/%.c,$(BUILD)/conformance/%,$(wildcard tests/conformance/*.c))

$(BUILD)/obj/tests/conformance/%.o: PKG_CFLAGS = $(shell pkg-config --cflags libvncclient x11 xtst)
$(BUILD)/conformance/%: $(BUILD)/obj/tests/conformance/%.o
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs libvncclient x11 xtst) -lm

# a viewer made of our own parts and libavcodec
$(BUILD)/obj/tests/conformance/h264view.o: PKG_CFLAGS = $(call cflags_of,$(BENCH_LIBS)) $(shell pkg-config --cflags x11) -Itests/bench
$(BUILD)/conformance/h264view: $(BUILD)/obj/tests/conformance/h264view.o $(call bench_objs,conn span h264dec) $(call archive,$(call present,$(BENCH_LIBS)))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call libs_of,$(BENCH_LIBS)) $(shell pkg-config --libs x11 libavcodec libavutil) -lm

.PHONY: conformance-build
conformance-build: $(CONFORMANCE)
