# Programs that stand on foreign client libraries; each is one file.
CONFORMANCE := $(patsubst tests/conformance/%.c,$(BUILD)/conformance/%,$(wildcard tests/conformance/*.c))

$(BUILD)/obj/tests/conformance/%.o: PKG_CFLAGS = $(shell pkg-config --cflags libvncclient x11 xtst)
$(BUILD)/conformance/%: $(BUILD)/obj/tests/conformance/%.o
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs libvncclient x11 xtst) -lm

.PHONY: conformance-build
conformance-build: $(CONFORMANCE)
