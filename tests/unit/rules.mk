# What single unit tests need beyond the libraries.

$(BUILD)/unit/test_codec_viewer: TEST_LDLIBS += $(shell pkg-config --libs libvncclient)
