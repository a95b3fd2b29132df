/* Measuring content: the vector loop counts what the plain one does; parts cover a piece of any size once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/content.c"

static uint32_t state = 2463534242u;

static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Few colours, so that neighbours are often equal. */
static void paint(uint32_t *px, size_t n, unsigned colours)
{
	for (size_t i = 0; i < n; i++)
		px[i] = next() % colours * 0x1f3d57 & 0xffffff;
}

static void test_vectors_count_the_same(void **unused)
{
	static uint32_t rows[2][CONTENT_W];
	(void)unused;
	for (unsigned w = 1; w <= CONTENT_W; w += 1 + w / 60)
		for (unsigned colours = 1; colours < 300; colours = colours * 4 + 1)
			for (int with = 0; with < 2; with++) {
				uint32_t plain[3][CONTENT_ACROSS] = { 0 }, vector[3][CONTENT_ACROSS] = { 0 };
				const uint32_t *above = with ? rows[1] : NULL;
				paint(rows[0], w, colours);
				paint(rows[1], w, colours);
				measure_plain(rows[0], rows[0], above, above, w, plain[0], plain[1], plain[2]);
				measure_native(rows[0], above, w, vector[0], vector[1], vector[2]);
				assert_memory_equal(plain, vector, sizeof plain);
			}
}

static void test_parts_cover_a_piece_once(void **unused)
{
	static const struct { unsigned w, h; } sizes[] = { { 640, 544 }, { 640, 360 }, { 1, 1 }, { 17, 33 }, { 320, 272 }, { 639, 5 } };
	static uint32_t px[CONTENT_W * CONTENT_H];
	(void)unused;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		static uint8_t seen[CONTENT_W * CONTENT_H];
		const unsigned w = sizes[i].w, h = sizes[i].h;
		struct content_part parts[CONTENT_PARTS];
		struct content c;
		paint(px, CONTENT_W * CONTENT_H, 3);
		for (unsigned y = 0; y < h / 2; y++)	/* noise in a corner */
			for (unsigned x = 0; x < w / 2; x++)
				px[y * CONTENT_W + x] = next() & 0xffffff;
		content_measure(&c, &pixel_format_native, px, CONTENT_W, w, h);
		unsigned n = content_cut(&c, true, parts);
		assert_in_range(n, 1, CONTENT_PARTS);
		memset(seen, 0, sizeof seen);
		for (unsigned k = 0; k < n; k++)
			for (unsigned y = 0; y < parts[k].r.h; y++)
				for (unsigned x = 0; x < parts[k].r.w; x++)
					seen[(parts[k].r.y + y) * CONTENT_W + parts[k].r.x + x]++;
		for (unsigned y = 0; y < h; y++)
			for (unsigned x = 0; x < w; x++)
				assert_int_equal(seen[y * CONTENT_W + x], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_count_the_same),
		cmocka_unit_test(test_parts_cover_a_piece_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
