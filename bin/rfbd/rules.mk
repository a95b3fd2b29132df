# The browser page: our files beside noVNC's, as the lock file pins it. Without npm, or without a way to its
# registry, everything else is built (CI=true: that is an error).

WEB := $(BUILD)/share/rfbkit/web

.PHONY: web
web: $(WEB)/.built
all: web

$(WEB)/.built: $(wildcard bin/rfbd/web/*)
	@if ! command -v npm >/dev/null; then echo "npm is missing: the browser page is left out (Debian package: npm)"; exit 0; fi; \
	rm -rf $(WEB) $(BUILD)/npm && mkdir -p $(WEB)/novnc $(BUILD)/npm && \
	cp bin/rfbd/web/package.json bin/rfbd/web/package-lock.json $(BUILD)/npm/ && \
	{ (cd $(BUILD)/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || \
	  { echo "noVNC could not be had from npm: the browser page is left out" >&2; rm -rf $(WEB); [ -z "$(CI)" ]; exit; }; } && \
	cp -r $(BUILD)/npm/node_modules/@novnc/novnc/core $(BUILD)/npm/node_modules/@novnc/novnc/vendor \
		$(BUILD)/npm/node_modules/@novnc/novnc/LICENSE.txt $(WEB)/novnc/ && \
	cp $(filter-out %.json,$(wildcard bin/rfbd/web/*)) $(WEB)/ && touch $@
