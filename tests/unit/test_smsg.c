/* Server messages on the client's side: what put.h writes is what smsg.h reads, at every length of the input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rfb/put.h"
#include "rfb/smsg.h"

/* Parses the next message at *at; every shorter input must ask for more, unless the message comes in parts. */
static struct rfb_smsg next(struct rfb_sparser *p, const struct wire_buf *b, size_t *at)
{
	const struct rfb_sparser fresh = *p;
	struct rfb_smsg m;
	long used = rfb_smsg_parse(p, &m, b->data + *at, b->len - *at);

	assert_true(used > 0);
	if (m.kind != RFB_SMSG_CUT_TEXT)
		for (size_t n = 0; n < (size_t)used; n++) {
			struct rfb_sparser q = fresh;
			struct rfb_smsg ignored;
			uint8_t *copy = malloc(n ? n : 1);

			memcpy(copy, b->data + *at, n);
			assert_int_equal(rfb_smsg_parse(&q, &ignored, copy, n), 0);
			assert_int_equal(q.rects_left, fresh.rects_left);
			free(copy);
		}
	*at += (size_t)used;
	return m;
}

static void messages(void **state)
{
	struct rfb_sparser p = { .format = pixel_format_native };
	struct wire_buf b = { 0 };
	struct rfb_smsg m;
	size_t at = 0;

	(void)state;
	rfb_put_colour_map(&b, 3, 2, (const uint32_t[]){ 0x112233, 0xff8000 });
	rfb_put_bell(&b);
	rfb_put_cut_text(&b, (const uint8_t *)"hello", 5);
	rfb_put_fence(&b, RFB_FENCE_REQUEST | 1, (const uint8_t *)"xy", 2);
	rfb_put_end_of_continuous(&b);
	rfb_put_xvp(&b, 1);
	rfb_put_update(&b, 0);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_COLOUR_MAP);
	assert_int_equal(m.colours.first, 3);
	assert_int_equal(rfb_smsg_colour(&m, 0), 0x112233);
	assert_int_equal(rfb_smsg_colour(&m, 1), 0xff8000);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_BELL);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_IGNORED);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_CUT_TEXT);
	assert_true(m.cut_text.first && m.cut_text.last);
	assert_memory_equal(m.cut_text.data, "hello", 5);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_FENCE);
	assert_int_equal(m.fence.flags, 0x80000001);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_END_OF_CONTINUOUS);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_XVP);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_UPDATE);
	assert_true(m.last);
	assert_int_equal(at, b.len);
	wire_buf_fini(&b);
}

static void rectangles(void **state)
{
	const struct rfb_screen screens[] = { { 1, 0, 0, 8, 6, 0 }, { 2, 8, 0, 8, 6, 5 } };
	struct rfb_sparser p = { .format = pixel_format_native };
	struct wire_buf b = { 0 };
	struct rfb_smsg m;
	size_t at = 0;

	(void)state;
	rfb_put_update(&b, 8);
	rfb_put_ext_desktop_size(&b, RFB_RESIZE_OTHER, RFB_RESIZE_OK, 16, 6, screens, 2);
	rfb_put_desktop_size(&b, 16, 6);
	rfb_put_desktop_name(&b, "name", 4);
	rfb_put_pointer_pos(&b, 7, 9);
	rfb_put_vmware_leds(&b, 6);
	rfb_put_qemu_leds(&b, 5);
	rfb_put_qemu_keys(&b);
	rfb_put_ext_mouse(&b);
	assert_int_equal(next(&p, &b, &at).n_rects, 8);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_EXT_DESKTOP_SIZE);
	assert_int_equal(m.rect.x, RFB_RESIZE_OTHER);
	assert_int_equal(m.screens.n, 2);
	assert_int_equal(rfb_smsg_screen(&m, 1).flags, 5);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_DESKTOP_SIZE);
	assert_int_equal(m.rect.w, 16);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_NAME);
	assert_memory_equal(m.data.at, "name", 4);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_POINTER);
	assert_int_equal(m.rect.y, 9);
	assert_int_equal(next(&p, &b, &at).leds, 6);
	assert_int_equal(next(&p, &b, &at).leds, 5);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_QEMU_KEYS);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_EXT_MOUSE);
	assert_true(m.last);
	assert_int_equal(at, b.len);
	wire_buf_fini(&b);
}

/* Pixels: the header, then the caller's decoder; LastRect ends an update of unknown length. */
static void pixels_and_last_rect(void **state)
{
	struct rfb_sparser p = { .format = pixel_format_native };
	struct wire_buf b = { 0 };
	struct rfb_smsg m;
	size_t at = 0;

	(void)state;
	rfb_put_update(&b, RFB_RECTS_UNKNOWN);
	rfb_put_rect(&b, 1, 2, 1, 1, 0);
	wire_put_u32be(&b, 0x11223344);
	rfb_put_last_rect(&b);
	rfb_put_bell(&b);
	next(&p, &b, &at);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_RECT);
	assert_int_equal(m.rect.encoding, 0);
	assert_false(m.last);
	assert_int_equal(rfb_smsg_parse(&p, &m, b.data + at, b.len - at), 0);	/* not before the pixels are decoded */
	at += 4;
	rfb_sparser_decoded(&p);
	m = next(&p, &b, &at);
	assert_int_equal(m.kind, RFB_SMSG_LAST_RECT);
	assert_true(m.last);
	assert_int_equal(next(&p, &b, &at).kind, RFB_SMSG_BELL);
	wire_buf_fini(&b);
}

/* Opaque red, opaque blue, clear; through each form and back. */
static void cursors(void **state)
{
	static const uint8_t argb[] = { 0, 0, 255, 255, 255, 0, 0, 255, 0, 0, 0, 0 };
	static const uint8_t two[] = { 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 0 };
	static const uint8_t soft[] = { 10, 20, 30, 128, 0, 0, 0, 0, 255, 255, 255, 255 };
	struct rfb_sparser p = { .format = pixel_format_native };
	struct wire_buf b = { 0 }, out = { 0 };
	struct rfb_smsg m;

	(void)state;
	for (int form = 0; form < 4; form++) {
		const uint8_t *px = form == 0 ? argb : form == 1 ? two : soft;
		const struct rfb_cursor c = { .w = 3, .h = 1, .hot_x = 2, .argb = px };
		size_t at = 0;

		rfb_put_update(&b, 1);
		if (form == 0)
			rfb_put_cursor(&b, &c, &p.format);
		else if (form == 1)
			rfb_put_xcursor(&b, &c);
		else if (form == 2)
			rfb_put_alpha_cursor(&b, &c);
		else
			rfb_put_vmware_cursor(&b, &c);
		next(&p, &b, &at);
		m = next(&p, &b, &at);
		assert_int_equal(m.kind, RFB_SMSG_CURSOR);
		assert_int_equal(m.rect.x, 2);
		rfb_smsg_cursor(&out, &m, &p.format);
		assert_int_equal(out.len, 12);
		assert_memory_equal(out.data, px, 12);
		wire_buf_reset(&out);
		wire_buf_reset(&b);
	}
	wire_buf_fini(&b);
	wire_buf_fini(&out);
}

static long parse_rect(uint16_t w, uint16_t h, int32_t encoding, const char *data, size_t n)
{
	struct rfb_sparser p = { .format = pixel_format_native };
	struct wire_buf b = { 0 };
	struct rfb_smsg m;
	long used;

	rfb_put_update(&b, 1);
	rfb_put_rect(&b, 0, 0, w, h, encoding);
	wire_put(&b, data, n);
	assert_int_equal(rfb_smsg_parse(&p, &m, b.data, b.len), 4);
	used = rfb_smsg_parse(&p, &m, b.data + 4, b.len - 4);
	wire_buf_fini(&b);
	return used;
}

static void refused(void **state)
{
	struct rfb_sparser p = { 0 };
	struct rfb_smsg m;

	(void)state;
	assert_int_equal(parse_rect(1, 1, 99, "", 0), RFB_E_ENCODING);
	assert_int_equal(parse_rect(60000, 60000, RFB_PSEUDO_CURSOR, "", 0), RFB_E_LENGTH);
	assert_int_equal(parse_rect(0, 0, RFB_PSEUDO_DESKTOP_NAME, "\xff\xff\xff\xff", 4), RFB_E_LENGTH);
	assert_int_equal(parse_rect(1, 1, RFB_PSEUDO_ALPHA_CURSOR, "\0\0\0\7", 4), RFB_E_ENCODING);
	assert_int_equal(parse_rect(1, 1, RFB_PSEUDO_VMWARE_CURSOR, "\2\0", 2), RFB_E_VALUE);
	assert_int_equal(rfb_smsg_parse(&p, &m, (const uint8_t *)"\x63", 1), RFB_E_TYPE);
	assert_int_equal(rfb_smsg_parse(&p, &m, (const uint8_t *)"\3\0\0\0\xff\xff\xff\xf0", 8), RFB_E_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(rectangles),
		cmocka_unit_test(pixels_and_last_rect),
		cmocka_unit_test(cursors),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
