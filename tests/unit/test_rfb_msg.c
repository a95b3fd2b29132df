/* Client messages: exact bytes of each, byte at a time, over their limits, and those that are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rfb/encodings.h"
#include "rfb/msg.h"
#include "rfb/put.h"

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

/* Parses one message that takes all the bytes; each shorter prefix must ask for more. */
static struct rfb_msg parse_with(struct rfb_parser *p, const uint8_t *bytes, size_t n)
{
	const struct rfb_parser fresh = *p;
	struct rfb_msg m;

	for (size_t i = 0; i < n; i++) {
		uint8_t *copy = malloc(i ? i : 1);	/* so that ASan sees a read past the prefix */

		*p = fresh;
		memcpy(copy, bytes, i);
		assert_int_equal(rfb_msg_parse(p, &m, copy, i), 0);
		free(copy);
	}
	*p = fresh;
	assert_int_equal(rfb_msg_parse(p, &m, bytes, n), n);
	return m;
}

static struct rfb_msg parse(const uint8_t *bytes, size_t n)
{
	struct rfb_parser p = { 0 };

	return parse_with(&p, bytes, n);
}

static void assert_error(const uint8_t *bytes, size_t n, long error)
{
	struct rfb_parser p = { 0 };
	struct rfb_msg m;

	assert_int_equal(rfb_msg_parse(&p, &m, bytes, n), error);
}

static void pixel_formats(void **state)
{
	struct rfb_msg m = parse(BYTES(0, 0, 0, 0, 16, 16, 1, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0));

	(void)state;
	assert_int_equal(m.kind, RFB_MSG_PIXEL_FORMAT);
	assert_int_equal(m.format.bpp, 16);
	assert_int_equal(m.format.depth, 16);
	assert_true(m.format.big_endian);
	assert_int_equal(m.format.green_max, 63);
	assert_int_equal(m.format.red_shift, 11);
	m = parse(BYTES(0, 0, 0, 0, 32, 0, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0));
	assert_int_equal(m.format.depth, 24);	/* depth 0: from the maxima */
	assert_error(BYTES(0, 0, 0, 0, 24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0), RFB_E_FORMAT);
	assert_error(BYTES(0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 40, 8, 0, 0, 0, 0), RFB_E_FORMAT);
}

static void encodings(void **state)
{
	struct rfb_encodings e;
	struct rfb_msg m = parse(BYTES(2, 0, 0, 9, 0, 0, 0, 16, 0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xe6,
				       0xff, 0xff, 0xff, 0x11, 0xff, 0xff, 0xff, 0x02, 0xff, 0xff, 0xfd, 0x01, 0xc0, 0xa1, 0xe5, 0xce));

	(void)state;
	assert_int_equal(m.kind, RFB_MSG_ENCODINGS);
	assert_int_equal(m.encodings.n, 9);
	rfb_encodings_set(&e, &m.encodings);
	assert_int_equal(e.n, 2);
	assert_int_equal(e.choices[0], 16);
	assert_int_equal(e.choices[1], 7);
	assert_int_equal(e.caps, RFB_CAP_COPYRECT | RFB_CAP_CURSOR | RFB_CAP_EXT_CLIPBOARD);
	assert_int_equal(e.quality, 6);
	assert_int_equal(e.compress, 2);
	assert_int_equal(e.subsample, 2);
	assert_int_equal(e.fine_quality, -1);
	m = parse(BYTES(2, 0, 0, 1, 0, 0, 0, 0));	/* replaces everything */
	rfb_encodings_set(&e, &m.encodings);
	assert_int_equal(e.caps, 0);
	assert_int_equal(e.quality, -1);
	assert_true(rfb_encodings_has(&e, 0));
	assert_false(rfb_encodings_has(&e, 16));
}

/* Every capability is recognised by its number, and by no other. */
static void capability_numbers(void **state)
{
	static const struct { uint32_t number, cap; } all[] = {
		{ (uint32_t)-223, RFB_CAP_DESKTOP_SIZE }, { (uint32_t)-224, RFB_CAP_LAST_RECT }, { (uint32_t)-232, RFB_CAP_POINTER_POS },
		{ (uint32_t)-239, RFB_CAP_CURSOR }, { (uint32_t)-240, RFB_CAP_XCURSOR }, { (uint32_t)-258, RFB_CAP_QEMU_KEYS },
		{ (uint32_t)-261, RFB_CAP_QEMU_LEDS }, { (uint32_t)-307, RFB_CAP_DESKTOP_NAME }, { (uint32_t)-308, RFB_CAP_EXT_DESKTOP_SIZE },
		{ (uint32_t)-312, RFB_CAP_FENCE }, { (uint32_t)-313, RFB_CAP_CONTINUOUS }, { (uint32_t)-314, RFB_CAP_ALPHA_CURSOR },
		{ (uint32_t)-316, RFB_CAP_EXT_MOUSE }, { (uint32_t)-317, RFB_CAP_TIGHT_NOZLIB }, { 0x574d5664, RFB_CAP_VMWARE_CURSOR },
		{ 0x574d5666, RFB_CAP_VMWARE_POINTER }, { 0x574d5668, RFB_CAP_VMWARE_LEDS }, { 0xC0A1E5CE, RFB_CAP_EXT_CLIPBOARD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		uint8_t list[4];
		struct rfb_encodings e;

		wire_st32be(list, all[i].number);
		rfb_encodings_set(&e, &(struct rfb_msg_encodings){ .list = list, .n = 1 });
		assert_int_equal(e.caps, all[i].cap);
		assert_int_equal(e.n, 0);
	}
}

static void too_many_encodings_are_skipped(void **state)
{
	struct wire_buf b = { 0 };
	struct rfb_parser p = { 0 };
	struct rfb_msg m;
	long n;

	(void)state;
	wire_put(&b, BYTES(2, 0, 0xff, 0xff));
	wire_put_zero(&b, 4 * 0xffff);
	wire_put(&b, BYTES(4, 1, 0, 0, 0, 0, 0, 'a'));
	assert_int_equal(rfb_msg_parse(&p, &m, b.data, RFB_MSG_MAX), 4 + 4 * RFB_ENCODINGS_MAX);
	assert_int_equal(m.encodings.n, RFB_ENCODINGS_MAX);
	wire_buf_drop(&b, 4 + 4 * RFB_ENCODINGS_MAX);
	do {
		size_t some = b.len < 1000 ? b.len : 1000;

		n = rfb_msg_parse(&p, &m, b.data, some);
		assert_true(n > 0);
		wire_buf_drop(&b, (size_t)n);
	} while (m.kind == RFB_MSG_IGNORED);
	assert_int_equal(m.kind, RFB_MSG_KEY);
	assert_int_equal(m.key.keysym, 'a');
	assert_int_equal(b.len, 0);
	wire_buf_fini(&b);
}

static void requests_keys_pointers(void **state)
{
	struct rfb_parser extended = { .extended_mouse = true };
	struct rfb_msg m = parse(BYTES(3, 1, 0, 1, 0, 2, 3, 0, 4, 0));

	(void)state;
	assert_int_equal(m.kind, RFB_MSG_REQUEST);
	assert_true(m.request.incremental);
	assert_int_equal(m.request.area.x, 1);
	assert_int_equal(m.request.area.h, 1024);
	m = parse(BYTES(4, 1, 0, 0, 0, 0, 0xff, 0x0d));
	assert_int_equal(m.kind, RFB_MSG_KEY);
	assert_true(m.key.down);
	assert_int_equal(m.key.keysym, 0xff0d);
	assert_int_equal(m.key.code, 0);
	m = parse(BYTES(255, 0, 0, 0, 0, 0, 0xff, 0x53, 0, 0, 0, 0xcd));
	assert_false(m.key.down);
	assert_int_equal(m.key.keysym, 0xff53);
	assert_int_equal(m.key.code, 0xcd);
	m = parse(BYTES(255, 0, 0, 1, 0, 0, 0xff, 0x61, 0, 0, 0, 0xb7));
	assert_int_equal(m.key.code, 0x54);
	m = parse(BYTES(5, 0x81, 0, 10, 1, 0));
	assert_int_equal(m.kind, RFB_MSG_POINTER);
	assert_int_equal(m.pointer.buttons, 0x81);
	assert_int_equal(m.pointer.y, 256);
	m = parse_with(&extended, BYTES(5, 0x81, 0, 10, 1, 0, 3));
	assert_int_equal(m.pointer.buttons, 0x181);
	m = parse_with(&extended, BYTES(5, 0x01, 0, 10, 1, 0));
	assert_int_equal(m.pointer.buttons, 1);
}

static void fences_and_sizes(void **state)
{
	struct rfb_parser p = { 0 };
	struct rfb_screen s;
	struct rfb_msg m = parse(BYTES(248, 0, 0, 0, 0x80, 0, 0, 3, 2, 'h', 'i'));

	(void)state;
	assert_int_equal(m.kind, RFB_MSG_FENCE);
	assert_int_equal(m.fence.flags, 0x80000003);
	assert_int_equal(m.fence.len, 2);
	assert_memory_equal(m.fence.payload, "hi", 2);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(248, 0, 0, 0, 0x80, 0, 0, 3, 65)), 9);	/* too long: skipped */
	assert_int_equal(m.kind, RFB_MSG_IGNORED);
	assert_int_equal(p.skip, 65);
	m = parse(BYTES(150, 1, 0, 0, 0, 0, 4, 0, 3, 0));
	assert_int_equal(m.kind, RFB_MSG_CONTINUOUS);
	assert_true(m.continuous.enable);
	assert_int_equal(m.continuous.area.w, 1024);
	m = parse(BYTES(251, 0, 4, 0, 3, 0, 1, 0, 0, 0, 0, 9, 0, 1, 0, 2, 4, 0, 3, 0, 1, 2, 3, 4));
	assert_int_equal(m.kind, RFB_MSG_RESIZE);
	assert_int_equal(m.resize.w, 1024);
	assert_int_equal(m.resize.n_screens, 1);
	s = rfb_msg_screen(&m.resize, 0);
	assert_int_equal(s.id, 9);
	assert_int_equal(s.y, 2);
	assert_int_equal(s.h, 768);
	assert_int_equal(s.flags, 0x01020304);
}

static void clipboard_comes_in_parts(void **state)
{
	struct rfb_parser p = { 0 };
	struct rfb_msg m;

	(void)state;
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0, 0, 0, 5, 'h')), 8);
	assert_int_equal(m.kind, RFB_MSG_IGNORED);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES('h', 'e')), 2);
	assert_int_equal(m.kind, RFB_MSG_CUT_TEXT);
	assert_true(m.cut_text.first);
	assert_false(m.cut_text.last);
	assert_int_equal(m.cut_text.total, 5);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES('l', 'l', 'o', 5)), 3);
	assert_false(m.cut_text.first);
	assert_true(m.cut_text.last);
	assert_memory_equal(m.cut_text.data, "llo", 3);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(5, 0, 0, 0, 0, 0)), 6);
	assert_int_equal(m.kind, RFB_MSG_POINTER);
	/* an empty text */
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0, 0, 0, 0)), 8);
	assert_int_equal(m.kind, RFB_MSG_CUT_TEXT);
	assert_true(m.cut_text.first && m.cut_text.last && !m.cut_text.dropped);
	/* a huge one is skipped */
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff)), 8);
	assert_true(m.cut_text.dropped);
	assert_int_equal(p.skip, 0x7fffffff);
	/* negative lengths need the extension */
	assert_error(BYTES(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc), RFB_E_LENGTH);
	p = (struct rfb_parser){ .extended_clipboard = true };
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc)), 8);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(4, 0, 0, 0)), 4);
	assert_true(m.cut_text.extended && m.cut_text.first && m.cut_text.last);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0x80, 0, 0, 0)), RFB_E_LENGTH);
	assert_int_equal(rfb_msg_parse(&p, &m, BYTES(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)), RFB_E_LENGTH);
}

/* What other families send: consumed to the last byte, so that the next message is found. */
static void foreign_messages_are_skipped(void **state)
{
	static const struct { uint8_t bytes[24]; size_t n, skipped; } all[] = {
		{ { 7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4 }, 12, 4 },
		{ { 9, 1, 0, 0 }, 4, 0 }, { { 10, 1, 0, 1, 0, 1 }, 6, 0 },
		{ { 11, 0, 0, 0, 0, 0, 0, 3 }, 8, 3 }, { { 11, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe }, 8, 0 },
		{ { 12 }, 1, 0 }, { { 13 }, 1, 0 },
		{ { 130, 0, 0, 5 }, 4, 5 }, { { 131, 0, 0, 2, 0, 0, 0, 0 }, 8, 2 }, { { 132, 0, 0, 2, 0, 0, 0, 0 }, 8, 2 },
		{ { 133, 0, 0, 9, 0, 7 }, 6, 7 }, { { 133, 0, 0, 0, 0, 0 }, 6, 4 }, { { 134, 0, 0, 1 }, 4, 1 },
		{ { 135, 0, 0, 1 }, 4, 1 }, { { 136, 0, 0, 1 }, 4, 1 }, { { 151, 0, 0, 0, 0, 0, 0, 1, 0, 1 }, 10, 0 },
		{ { 253, 129, 0, 2 }, 4, 2 }, { { 253, 1, 2, 0 }, 4, 2 },
		{ { 255, 1, 0, 0 }, 4, 0 }, { { 255, 1, 0, 2, 3, 2, 0, 0, 0xac, 0x44 }, 10, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct rfb_parser p = { 0 };
		struct rfb_msg m = parse_with(&p, all[i].bytes, all[i].n);

		assert_int_equal(m.kind, RFB_MSG_IGNORED);
		assert_int_equal(p.skip, all[i].skipped);
	}
	assert_error(BYTES(1, 0, 0, 0), RFB_E_TYPE);
	assert_error(BYTES(252, 0, 0, 0), RFB_E_TYPE);
	assert_error(BYTES(255, 7, 0, 0), RFB_E_TYPE);
	assert_error(BYTES(255, 1, 0, 9), RFB_E_VALUE);
	assert_error(BYTES(7, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), RFB_E_LENGTH);
}

/* What our client's side writes is what the server's side reads. */
static void client_puts_parse(void **state)
{
	const struct rfb_screen screen = { 7, 1, 2, 3, 4, 5 };
	struct rfb_parser p = { .extended_mouse = true };
	struct wire_buf b = { 0 };
	struct rfb_msg m;
	size_t at = 0;

	(void)state;
	rfb_put_set_format(&b, &pixel_format_native);
	rfb_put_set_encodings(&b, (const int32_t[]){ 7, -239 }, 2);
	rfb_put_request(&b, true, 1, 2, 3, 4);
	rfb_put_key(&b, 0x20ac, true);
	rfb_put_qemu_key(&b, 0x20ac, 0x12, false);
	rfb_put_pointer(&b, 5, 6, 0x101, true);
	rfb_put_pointer(&b, 5, 6, 0x7f, true);
	rfb_put_continuous(&b, true, 1, 2, 3, 4);
	rfb_put_client_fence(&b, RFB_FENCE_REQUEST, (const uint8_t *)"xyz", 3);
	rfb_put_set_desktop_size(&b, 800, 600, &screen, 1);
#define NEXT(expected) do { long n_ = rfb_msg_parse(&p, &m, b.data + at, b.len - at); \
		assert_true(n_ > 0); at += (size_t)n_; assert_int_equal(m.kind, expected); } while (0)
	NEXT(RFB_MSG_PIXEL_FORMAT);
	assert_true(pixel_format_equal(&m.format, &pixel_format_native));
	NEXT(RFB_MSG_ENCODINGS);
	NEXT(RFB_MSG_REQUEST);
	assert_int_equal(m.request.area.w, 3);
	NEXT(RFB_MSG_KEY);
	NEXT(RFB_MSG_KEY);
	assert_int_equal(m.key.code, 0x12);
	NEXT(RFB_MSG_POINTER);
	assert_int_equal(m.pointer.buttons, 0x101);
	NEXT(RFB_MSG_POINTER);
	assert_int_equal(m.pointer.buttons, 0x7f);
	NEXT(RFB_MSG_CONTINUOUS);
	NEXT(RFB_MSG_FENCE);
	NEXT(RFB_MSG_RESIZE);
	assert_int_equal(rfb_msg_screen(&m.resize, 0).h, 4);
	assert_int_equal(at, b.len);
	wire_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixel_formats),
		cmocka_unit_test(encodings),
		cmocka_unit_test(capability_numbers),
		cmocka_unit_test(too_many_encodings_are_skipped),
		cmocka_unit_test(requests_keys_pointers),
		cmocka_unit_test(fences_and_sizes),
		cmocka_unit_test(clipboard_comes_in_parts),
		cmocka_unit_test(foreign_messages_are_skipped),
		cmocka_unit_test(client_puts_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
