# What single unit tests need beyond the libraries.

$(BUILD)/unit/test_codec_viewer: TEST_LDLIBS += $(shell pkg-config --libs libvncclient)
$(BUILD)/unit/test_codec_h264: TEST_LDLIBS += $(shell pkg-config --libs libavcodec libavutil)
