# A script: laid out in the build as it is when installed.

all: $(BUILD)/bin/rfbkit-ask

$(BUILD)/bin/rfbkit-ask: bin/rfbkit-ask/rfbkit-ask
	@mkdir -p $(@D)
	install -m 755 $< $@
