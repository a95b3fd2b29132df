# What drives the browser in tests: playwright-core beside our script, as the lock file pins it.

.PHONY: web-test-build
web-test-build: $(BUILD)/web-test/.built
test-build: web-test-build

$(BUILD)/web-test/.built: $(wildcard tests/web/*)
	@if ! command -v npm >/dev/null; then echo "npm is missing: the page is not tested (Debian package: npm)"; exit 0; fi; \
	mkdir -p $(@D) && cp tests/web/*.json tests/web/*.mjs $(@D)/ && \
	(cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) && touch $@
