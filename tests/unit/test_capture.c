/* The parts of capture that need no display: boxes of a region, text of selections, pixel conversion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "x11/capture_state.h"

static uint32_t random_next(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	*s ^= *s << 5;
	return *s;
}

/* Boxes cover the region, do not overlap, stay within its extents, and are few. */
static void check_boxes(pixman_region32_t *r, unsigned *count)
{
	pixman_box32_t b[CAPTURE_BOXES_MAX];
	pixman_region32_t all, left;
	pixman_box32_t *outer = pixman_region32_extents(r);
	unsigned n = capture_boxes(r, b);

	assert_true(n <= CAPTURE_BOXES_MAX);
	pixman_region32_init(&all);
	pixman_region32_init(&left);
	for (unsigned i = 0; i < n; i++) {
		assert_true(b[i].x1 < b[i].x2 && b[i].y1 < b[i].y2);
		assert_true(b[i].x1 >= outer->x1 && b[i].y1 >= outer->y1 && b[i].x2 <= outer->x2 && b[i].y2 <= outer->y2);
		for (unsigned j = i + 1; j < n; j++)
			assert_false(b[i].x1 < b[j].x2 && b[j].x1 < b[i].x2 && b[i].y1 < b[j].y2 && b[j].y1 < b[i].y2);
		pixman_region32_union_rect(&all, &all, b[i].x1, b[i].y1, (unsigned)(b[i].x2 - b[i].x1),
					   (unsigned)(b[i].y2 - b[i].y1));
	}
	pixman_region32_subtract(&left, r, &all);
	assert_false(pixman_region32_not_empty(&left));
	pixman_region32_fini(&all);
	pixman_region32_fini(&left);
	if (count)
		*count = n;
}

static void boxes_of_few(void **state)
{
	pixman_region32_t r;
	unsigned n;

	(void)state;
	pixman_region32_init(&r);
	check_boxes(&r, &n);
	assert_int_equal(n, 0);
	pixman_region32_union_rect(&r, &r, 10, 20, 30, 40);
	check_boxes(&r, &n);
	assert_int_equal(n, 1);
	/* far apart: two; close by: one */
	pixman_region32_union_rect(&r, &r, 1800, 1000, 10, 10);
	check_boxes(&r, &n);
	assert_int_equal(n, 2);
	pixman_region32_union_rect(&r, &r, 45, 20, 10, 10);
	check_boxes(&r, &n);
	assert_int_equal(n, 2);
	pixman_region32_fini(&r);
}

static void boxes_of_many(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		const unsigned n = random_next(&seed) % (round % 3 == 0 ? 2000 : 60);
		pixman_region32_t r;

		pixman_region32_init(&r);
		for (unsigned i = 0; i < n; i++)
			pixman_region32_union_rect(&r, &r, (int)(random_next(&seed) % 1900), (int)(random_next(&seed) % 1000),
						   1 + random_next(&seed) % (round % 2 ? 20 : 200), 1 + random_next(&seed) % 80);
		check_boxes(&r, NULL);
		pixman_region32_fini(&r);
	}
}

static void clean(const char *in, size_t n, bool latin1, const char *out)
{
	uint32_t len;
	char *text = capture_text_clean((const uint8_t *)in, n, latin1, &len);

	assert_non_null(text);
	assert_int_equal(len, strlen(out));
	assert_memory_equal(text, out, len);
	free(text);
}

static void text(void **state)
{
	(void)state;
	clean("", 0, false, "");
	clean("a\r\nb\rc\nd", 8, false, "a\nb\nc\nd");
	clean("a\0b", 3, false, "ab");
	clean("gr\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", 11, false, "gr\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80");
	/* cut short, overlong, a surrogate, beyond Unicode, a stray byte */
	clean("\xe2\x82", 2, false, "\xef\xbf\xbd\xef\xbf\xbd");
	clean("\xc0\x80", 2, false, "\xef\xbf\xbd\xef\xbf\xbd");
	clean("\xe0\x80\x80", 3, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	clean("\xed\xa0\x80", 3, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	clean("\xf4\x90\x80\x80", 4, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	clean("x\xff", 2, false, "x\xef\xbf\xbd");
	clean("caf\xe9\r\n", 6, true, "caf\xc3\xa9\n");
}

static void set_channel(struct capture_format *f, int i, unsigned shift, uint32_t max)
{
	f->shift[i] = shift;
	f->max[i] = max;
	for (uint32_t v = 0; v <= max; v++)
		f->lut[i][v] = ((v * 255 + max / 2) / max) << (16 - 8 * i);
}

static void conversion(void **state)
{
	struct capture_format *f = calloc(1, sizeof *f);
	uint32_t out[3] = { 0 };

	(void)state;
	assert_non_null(f);
	*f = (struct capture_format){ .depth = 16, .bpp = 16, .pad = 32, .true_colour = true };
	set_channel(f, 0, 11, 31);
	set_channel(f, 1, 5, 63);
	set_channel(f, 2, 0, 31);
	assert_int_equal(capture_format_stride(f, 3), 8);
	capture_format_convert(f, out, (const uint8_t *)"\x00\xf8\xe0\x07\x1f\x00", 3, 1, 12, 8);
	assert_int_equal(out[0], 0xff0000);
	assert_int_equal(out[1], 0x00ff00);
	assert_int_equal(out[2], 0x0000ff);
	f->msb_first = true;
	capture_format_convert(f, out, (const uint8_t *)"\xf8\x00\x07\xe0\x00\x1f", 3, 1, 12, 8);
	assert_int_equal(out[0], 0xff0000);
	assert_int_equal(out[1], 0x00ff00);
	assert_int_equal(out[2], 0x0000ff);
	*f = (struct capture_format){ .depth = 24, .bpp = 24, .pad = 32, .true_colour = true };
	for (int i = 0; i < 3; i++)
		set_channel(f, i, (unsigned)(8 * i), 255);
	assert_int_equal(capture_format_stride(f, 1), 4);
	capture_format_convert(f, out, (const uint8_t *)"\x12\x34\x56\0\xab\xcd\xef\0", 1, 2, 4, 4);
	assert_int_equal(out[0], 0x123456);
	assert_int_equal(out[1], 0xabcdef);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_of_few),
		cmocka_unit_test(boxes_of_many),
		cmocka_unit_test(text),
		cmocka_unit_test(conversion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
