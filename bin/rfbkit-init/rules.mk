# A script and the service tree: laid out in the build as they are when installed.

SERVICE_FILES := $(shell find s6-services -type f)

.PHONY: services
all: services
services: $(BUILD)/bin/rfbkit-init $(BUILD)/share/rfbkit/s6-services/.built

$(BUILD)/bin/rfbkit-init: bin/rfbkit-init/rfbkit-init
	@mkdir -p $(@D)
	install -m 755 $< $@

$(BUILD)/share/rfbkit/s6-services/.built: $(SERVICE_FILES)
	@rm -rf $(@D) && mkdir -p $(dir $(@D)) && cp -r s6-services $(@D) && touch $@
