# rfbkit. `make` builds into build/; `make serve`, `make test`, `make help`.
#
# One table says which program links which libraries; the rest follows from the folders:
# lib/<name>/*.c is library <name>, bin/<program>/*.c and the folders in it a program, tests/unit/test_<x>.c a test.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
VERSION := 0.1.0

# --- the table of links --------------------------------------------------------------
# LIBS_<program>: our libraries, users before what they use.  PKGS_<library>: pkg-config names.

PROGRAMS := fbgrab fbdiff fbinput rfbenc rfbd rfbrec rfbplay rfbstat rfbkit-bind

LIBS_fbgrab  := x11capture fbs pixel io wire cli
LIBS_fbdiff  := fbs pixel io wire confine cli
LIBS_fbinput := x11input fbs pixel io wire cli
LIBS_rfbenc  := rec fbs codec pixel io wire confine cli
LIBS_rfbd    := rfb net auth codec fbs pixel io wire confine cli
LIBS_rfbrec  := rec rfb net auth codec fbs pixel io wire confine cli
LIBS_rfbplay := rec rfb codec fbs pixel io wire confine cli
LIBS_rfbstat := net fbs io wire confine cli
LIBS_rfbkit-bind := net io wire cli

PKGS_cli        := jansson
PKGS_pixel      := pixman-1
PKGS_fbs        := libxxhash
PKGS_codec      := zlib $(if $(filter 0,$(ISAL)),,libisal) $(if $(filter 0,$(JPEG)),,libjpeg libturbojpeg) $(if $(filter 0,$(PNG)),,libpng) $(if $(filter 0,$(H264)),,openh264)
PKGS_rfb        := zlib
PKGS_auth       := libcrypto
PKGS_net        := libssl libcrypto
PKGS_rec        := zlib libxxhash jansson
PKGS_confine    := libseccomp
PKGS_x11capture := x11 xext xdamage xfixes xrandr xi pixman-1
PKGS_x11input   := x11 xext xtst xfixes xrandr
PKGS_rfbd       := pixman-1 jansson libxxhash libcrypto
PKGS_rfbplay    := libpng jansson
PKGS_rfbstat    := libmicrohttpd jansson
# libev and wslay have no .pc file
LDLIBS_rfbd     := -lwslay -lev -lpam

# --- flags ----------------------------------------------------------------------------

WARN     := -Wall -Wextra -Wshadow -Wvla -Wno-missing-field-initializers $(if $(CI),-Werror)
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fPIE $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
CFLAGS   ?= -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
# ISAL=0 and the like leave an optional library out (rfbplay writes PNG files also with PNG=0)
OPTIONS  := $(foreach o,ISAL JPEG PNG H264,$(o)=$(if $(filter 0,$($(o))),0,1))
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -Ilib -DRFBKIT_VERSION='"$(VERSION)"' -ffile-prefix-map=$(CURDIR)=. \
	$(patsubst %,-DRFBKIT_%,$(OPTIONS)) \
	$(WARN) $(HARDEN) -pthread $(CFLAGS) $(SANFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(LDFLAGS) $(SANFLAGS)

# V=1 shows the commands
quietly = $(if $(V),,@echo '  $(1)  $@';)

# --- from folders to objects -------------------------------------------------------------

LIBRARIES := $(filter-out x11,$(notdir $(patsubst %/,%,$(wildcard lib/*/)))) x11capture x11input
X11_COMMON     := lib/x11/auth.c lib/x11/display.c lib/x11/name.c
SRC_x11capture := $(wildcard lib/x11/capture*.c $(X11_COMMON))
SRC_x11input   := $(wildcard lib/x11/input*.c $(X11_COMMON))
src_of  = $(if $(filter x11%,$(1)),$(SRC_$(1)),$(wildcard lib/$(1)/*.c))
objs_of = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
archive = $(patsubst %,$(BUILD)/lib/lib%.a,$(1))
present = $(foreach l,$(1),$(if $(call src_of,$(l)),$(l)))
pkgs    = $(sort $(foreach l,$(1),$(PKGS_$(l))))
# pkg-config runs once per set of packages and build
cflags_of = $(if $(call pkgs,$(1)),$(shell pkg-config --cflags $(call pkgs,$(1))))
libs_of   = $(if $(call pkgs,$(1)),$(shell pkg-config --libs $(call pkgs,$(1))))

sources_of = $(wildcard bin/$(1)/*.c bin/$(1)/*/*.c)

BUILT := $(foreach p,$(PROGRAMS),$(if $(call sources_of,$(p)),$(p)))

.PHONY: all
all: $(BUILT:%=$(BUILD)/bin/%)

define library_rules
$(BUILD)/lib/lib$(1).a: $(call objs_of,$(call src_of,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call quietly,AR)$$(AR) rcsD $$@ $$^
$(call objs_of,$(call src_of,$(1))): PKG_CFLAGS = $$(call cflags_of,$(1))
endef
$(foreach l,$(LIBRARIES),$(if $(call src_of,$(l)),$(eval $(call library_rules,$(l)))))

define program_rules
$(BUILD)/bin/$(1): $(call objs_of,$(call sources_of,$(1))) $(call archive,$(call present,$(LIBS_$(1))))
	@mkdir -p $$(@D)
	$$(call quietly,LD)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LDLIBS_$(1)) $$(call libs_of,$(LIBS_$(1)) $(1)) -lm
$(call objs_of,$(call sources_of,$(1))): PKG_CFLAGS = $$(call cflags_of,$(LIBS_$(1)) $(1)) -Ibin/$(1)
endef
$(foreach p,$(BUILT),$(eval $(call program_rules,$(p))))

$(BUILD)/obj/%.o: %.c | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(call quietly,CC)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

# says which Debian packages are missing, before the compiler fails for the lack of them
$(BUILD)/.packages: scripts/packages.txt
	@mkdir -p $(@D)
	@$(OPTIONS) scripts/deps -n build && touch $@

# objects are kept, also those of programs of one file
.SECONDARY:

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# what a program needs beside its objects
include $(wildcard bin/*/rules.mk)

# --- tests, benchmarks, maintenance --------------------------------------------------------

include tests/tests.mk
include scripts/targets.mk
