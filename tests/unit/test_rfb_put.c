/* Server messages: exact bytes, cursors in every form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rfb/put.h"

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

/* Compares and empties. */
static void expect(struct wire_buf *b, const uint8_t *bytes, size_t n)
{
	assert_false(b->bad);
	assert_int_equal(b->len, n);
	assert_memory_equal(b->data, bytes, n);
	wire_buf_reset(b);
}

static void messages(void **state)
{
	struct wire_buf b = { 0 };

	(void)state;
	rfb_put_server_init(&b, 1920, 1080, &pixel_format_native, "desk", 4);
	expect(&b, BYTES(7, 128, 4, 56, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0, 0, 0, 0, 4, 'd', 'e', 's', 'k'));
	rfb_put_update(&b, 3);
	expect(&b, BYTES(0, 0, 0, 3));
	rfb_put_colour_map(&b, 1, 1, (const uint32_t[]){ 0xff0080 });
	expect(&b, BYTES(1, 0, 0, 1, 0, 1, 255, 255, 0, 0, 128, 128));
	rfb_put_bell(&b);
	expect(&b, BYTES(2));
	rfb_put_cut_text(&b, (const uint8_t *)"hi", 2);
	expect(&b, BYTES(3, 0, 0, 0, 0, 0, 0, 2, 'h', 'i'));
	rfb_put_fence(&b, 0x80000001, (const uint8_t *)"ab", 2);
	expect(&b, BYTES(248, 0, 0, 0, 128, 0, 0, 1, 2, 'a', 'b'));
	rfb_put_end_of_continuous(&b);
	expect(&b, BYTES(150));
	rfb_put_tight_capabilities(&b);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0));
	wire_buf_fini(&b);
}

static void rectangles(void **state)
{
	const struct rfb_screen two[] = { { 1, 0, 0, 8, 6, 0 }, { 2, 8, 0, 8, 6, 5 } };
	struct wire_buf b = { 0 };

	(void)state;
	rfb_put_copy_rect(&b, 1, 2, 3, 4, 5, 6);
	expect(&b, BYTES(0, 1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 1, 0, 5, 0, 6));
	rfb_put_last_rect(&b);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0x20));
	rfb_put_desktop_size(&b, 16, 6);
	expect(&b, BYTES(0, 0, 0, 0, 0, 16, 0, 6, 255, 255, 255, 0x21));
	rfb_put_ext_desktop_size(&b, RFB_RESIZE_THIS, RFB_RESIZE_INVALID, 16, 6, two, 2);
	expect(&b, BYTES(0, 1, 0, 3, 0, 16, 0, 6, 255, 255, 0xfe, 0xcc, 2, 0, 0, 0,
			 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 8, 0, 0, 0, 8, 0, 6, 0, 0, 0, 5));
	rfb_put_ext_desktop_size(&b, RFB_RESIZE_SERVER, RFB_RESIZE_OK, 16, 6, NULL, 0);
	expect(&b, BYTES(0, 0, 0, 0, 0, 16, 0, 6, 255, 255, 0xfe, 0xcc, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 6, 0, 0, 0, 0));
	rfb_put_desktop_name(&b, "x", 1);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0xfe, 0xcd, 0, 0, 0, 1, 'x'));
	rfb_put_pointer_pos(&b, 3, 4);
	expect(&b, BYTES(0, 3, 0, 4, 0, 0, 0, 0, 255, 255, 255, 0x18));
	rfb_put_vmware_pointer(&b, 3, 4);
	expect(&b, BYTES(0, 3, 0, 4, 0, 0, 0, 0, 'W', 'M', 'V', 'f'));
	rfb_put_qemu_leds(&b, 5);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0xfe, 0xfb, 5));
	rfb_put_vmware_leds(&b, 5);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 'W', 'M', 'V', 'h', 0, 0, 0, 5));
	rfb_put_qemu_keys(&b);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0xfe, 0xfe));
	rfb_put_ext_mouse(&b);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0xfe, 0xc4));
	wire_buf_fini(&b);
}

/* Opaque red, half-transparent white (premultiplied), clear. */
static const uint8_t argb[] = { 0, 0, 255, 255, 128, 128, 128, 128, 0, 0, 0, 0 };

static void cursors(void **state)
{
	const struct rfb_cursor c = { .w = 3, .h = 1, .hot_x = 1, .hot_y = 9, .argb = argb };
	struct wire_buf b = { 0 };

	(void)state;
	rfb_put_cursor(&b, &c, &pixel_format_native);
	expect(&b, BYTES(0, 1, 0, 0, 0, 3, 0, 1, 255, 255, 255, 0x11, 0, 0, 255, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0xc0));
	rfb_put_xcursor(&b, &c);
	expect(&b, BYTES(0, 1, 0, 0, 0, 3, 0, 1, 255, 255, 255, 0x10, 255, 255, 255, 255, 0, 0, 0x40, 0xc0));
	rfb_put_alpha_cursor(&b, &c);
	expect(&b, BYTES(0, 1, 0, 0, 0, 3, 0, 1, 255, 255, 0xfe, 0xc6, 0, 0, 0, 0, 255, 0, 0, 255, 128, 128, 128, 128, 0, 0, 0, 0));
	rfb_put_vmware_cursor(&b, &c);
	expect(&b, BYTES(0, 1, 0, 0, 0, 3, 0, 1, 'W', 'M', 'V', 'd', 1, 0, 255, 0, 0, 255, 255, 255, 255, 128, 0, 0, 0, 0));
	wire_buf_fini(&b);
}

static void hidden_cursors(void **state)
{
	const struct rfb_cursor c = { 0 };
	struct wire_buf b = { 0 };

	(void)state;
	rfb_put_cursor(&b, &c, &pixel_format_native);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0x11));
	rfb_put_xcursor(&b, &c);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0x10));
	rfb_put_alpha_cursor(&b, &c);
	expect(&b, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0xfe, 0xc6, 0, 0, 0, 0));
	rfb_put_vmware_cursor(&b, &c);
	expect(&b, BYTES(0, 0, 0, 0, 0, 1, 0, 1, 'W', 'M', 'V', 'd', 1, 0, 0, 0, 0, 0));
	wire_buf_fini(&b);
}

/* The crop keeps the pixel under the hotspot, and its coordinates name it. */
static void large_cursors_are_cropped(void **state)
{
	static const struct { int16_t x, y; } hot[] = { { 0, 0 }, { 511, 511 }, { 300, 20 }, { -5, 700 } };
	uint8_t *px = calloc(512 * 512, 4);
	struct wire_buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof hot / sizeof *hot; i++) {
		struct rfb_cursor c = { .w = 512, .h = 512, .hot_x = hot[i].x, .hot_y = hot[i].y, .argb = px };
		unsigned x = hot[i].x < 0 ? 0 : (unsigned)hot[i].x, y = hot[i].y > 511 ? 511 : (unsigned)hot[i].y;
		unsigned at_x, at_y;

		memset(px, 0, 512 * 512 * 4);
		memset(px + (y * 512 + x) * 4, 255, 4);
		rfb_put_alpha_cursor(&b, &c);
		at_x = wire_ld16be(b.data);
		at_y = wire_ld16be(b.data + 2);
		assert_int_equal(wire_ld16be(b.data + 4), RFB_CURSOR_SIDE_MAX);
		assert_int_equal(wire_ld16be(b.data + 6), RFB_CURSOR_SIDE_MAX);
		assert_int_equal(wire_ld32be(b.data + 16 + (at_y * RFB_CURSOR_SIDE_MAX + at_x) * 4), 0xffffffff);
		wire_buf_reset(&b);
	}
	wire_buf_fini(&b);
	free(px);
}

static void best_cursor(void **state)
{
	static const struct { uint32_t caps; int32_t encoding; } all[] = {
		{ RFB_CAP_ANY_CURSOR, -314 }, { RFB_CAP_ANY_CURSOR & ~RFB_CAP_ALPHA_CURSOR, 0x574d5664 },
		{ RFB_CAP_CURSOR | RFB_CAP_XCURSOR, -239 }, { RFB_CAP_XCURSOR, -240 },
	};
	const struct rfb_cursor c = { .w = 3, .h = 1, .argb = argb };
	struct wire_buf b = { 0 };
	struct rfb_encodings e;

	(void)state;
	rfb_encodings_init(&e);
	assert_false(rfb_put_best_cursor(&b, &c, &e, &pixel_format_native));
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		e.caps = all[i].caps;
		assert_true(rfb_put_best_cursor(&b, &c, &e, &pixel_format_native));
		assert_int_equal((int32_t)wire_ld32be(b.data + 8), all[i].encoding);
		wire_buf_reset(&b);
	}
	wire_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(rectangles),
		cmocka_unit_test(cursors),
		cmocka_unit_test(hidden_cursors),
		cmocka_unit_test(large_cursors_are_cropped),
		cmocka_unit_test(best_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
