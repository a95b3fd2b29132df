# Small programs that tests use: tests/tools/<x>.c is $(BUILD)/tools/<x>.

TOOL_LIBS := fbs pixel io wire
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/tools/*.c))

$(BUILD)/obj/tests/tools/%.o: PKG_CFLAGS = $(call cflags_of,$(TOOL_LIBS) x11input)
$(BUILD)/tools/%: $(BUILD)/obj/tests/tools/%.o $(call archive,$(call present,$(TOOL_LIBS)))
	@mkdir -p $(@D)
	$(call quietly,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call libs_of,$(TOOL_LIBS) x11input)

# for LD_PRELOAD into what is tested
SHIMS := $(patsubst tests/tools/shim/%.c,$(BUILD)/tools/lib%.so,$(wildcard tests/tools/shim/*.c))
$(SHIMS): $(BUILD)/tools/lib%.so: tests/tools/shim/%.c
	@mkdir -p $(@D)
	$(call quietly,LD)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $< -ldl

.PHONY: tools
tools: $(TOOLS) $(SHIMS)
