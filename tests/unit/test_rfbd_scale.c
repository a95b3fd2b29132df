/* Scaling: against a plain reading of its rule, and a part of a picture against the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "screen/scale.c"

static uint32_t state = 1;

static uint32_t next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static uint32_t *noise(uint32_t w, uint32_t h)
{
	uint32_t *px = malloc((size_t)w * h * 4);
	for (size_t i = 0; i < (size_t)w * h; i++)
		px[i] = next(UINT32_MAX);
	return px;
}

/* One channel of one output pixel, by the definition, unreduced. */
static uint32_t defined(const uint32_t *px, uint32_t stride, struct scale_axis x, struct scale_axis y, uint32_t ox, uint32_t oy, int shift)
{
	uint64_t sum = 0;
	const uint64_t total = (uint64_t)x.from * y.from;
	for (uint64_t iy = 0; iy < y.from; iy++)
		for (uint64_t ix = 0; ix < x.from; ix++) {
			const int64_t l = (int64_t)(ix * x.to > (uint64_t)ox * x.from ? ix * x.to : (uint64_t)ox * x.from);
			const int64_t r = (int64_t)((ix + 1) * x.to < (uint64_t)(ox + 1) * x.from ? (ix + 1) * x.to : (uint64_t)(ox + 1) * x.from);
			const int64_t t = (int64_t)(iy * y.to > (uint64_t)oy * y.from ? iy * y.to : (uint64_t)oy * y.from);
			const int64_t b = (int64_t)((iy + 1) * y.to < (uint64_t)(oy + 1) * y.from ? (iy + 1) * y.to : (uint64_t)(oy + 1) * y.from);
			if (l < r && t < b)
				sum += (uint64_t)(px[iy * stride + ix] >> shift & 255) * (uint64_t)(r - l) * (uint64_t)(b - t);
		}
	return (uint32_t)((2 * sum + total) / (2 * total));
}

static uint32_t *whole(const uint32_t *px, struct scale_axis x, struct scale_axis y)
{
	uint32_t *out = malloc((size_t)x.to * y.to * 4);
	assert_true(scale_box(out, px, x.from, x, y, &(pixman_box32_t){ 0, 0, (int32_t)x.to, (int32_t)y.to }));
	return out;
}

static void test_definition(void **s)
{
	static const uint32_t sizes[][4] = { { 8, 6, 4, 3 }, { 9, 7, 3, 7 }, { 10, 10, 7, 3 }, { 5, 3, 10, 6 }, { 5, 4, 7, 9 }, { 1, 1, 3, 2 },
		{ 13, 11, 1, 1 }, { 16, 9, 15, 8 } };
	(void)s;
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const struct scale_axis x = { sizes[i][0], sizes[i][2] }, y = { sizes[i][1], sizes[i][3] };
		uint32_t *px = noise(x.from, y.from), *out = whole(px, x, y);
		for (uint32_t oy = 0; oy < y.to; oy++)
			for (uint32_t ox = 0; ox < x.to; ox++)
				for (int shift = 0; shift < 32; shift += 8)
					assert_int_equal(out[oy * x.to + ox] >> shift & 255, defined(px, x.from, x, y, ox, oy, shift));
		free(px);
		free(out);
	}
}

/* Sums beyond 32 bits: a large picture of one colour stays that colour; a black column in a white picture has its share. */
static void test_wide(void **s)
{
	const struct scale_axis x = { 8191, 5 }, y = { 4093, 3 };
	uint32_t *px = malloc((size_t)x.from * y.from * 4);
	(void)s;
	memset(px, 0xff, (size_t)x.from * y.from * 4);
	for (uint32_t i = 0; i < y.from; i++)
		for (uint32_t k = 0; k < 819; k++)
			px[i * x.from + k] = 0;
	uint32_t *out = whole(px, x, y);
	for (unsigned oy = 0; oy < 3; oy++) {
		assert_int_equal(out[oy * 5] & 255, 128);	/* 819 of 1638.2 columns are black: 127.52 */
		for (unsigned ox = 1; ox < 5; ox++)
			assert_int_equal(out[oy * 5 + ox], 0xffffffff);
	}
	free(px);
	free(out);
}

/* Whatever part is computed, and in whatever order changes come, the picture is that of a whole computation. */
static void test_parts(void **s)
{
	(void)s;
	for (unsigned round = 0; round < 300; round++) {
		const struct scale_axis x = { 1 + next(70), 1 + next(70) }, y = { 1 + next(50), 1 + next(50) };
		uint32_t *px = noise(x.from, y.from), *out = whole(px, x, y), *part = malloc((size_t)x.to * y.to * 4);
		for (unsigned i = 0; i < 5; i++) {
			const uint32_t x1 = next(x.from), y1 = next(y.from), x2 = x1 + 1 + next(x.from - x1), y2 = y1 + 1 + next(y.from - y1);
			pixman_box32_t b;
			for (uint32_t v = y1; v < y2; v++)
				for (uint32_t u = x1; u < x2; u++)
					px[v * x.from + u] = next(UINT32_MAX);
			scale_span(x, (int32_t)x1, (int32_t)x2, &b.x1, &b.x2);
			scale_span(y, (int32_t)y1, (int32_t)y2, &b.y1, &b.y2);
			assert_true(b.x1 >= 0 && b.x1 < b.x2 && b.x2 <= (int32_t)x.to && b.y1 >= 0 && b.y1 < b.y2 && b.y2 <= (int32_t)y.to);
			assert_true(scale_box(part, px, x.from, x, y, &b));
			for (int32_t v = b.y1; v < b.y2; v++)
				memcpy(out + (size_t)v * x.to + (size_t)b.x1, part + (size_t)(v - b.y1) * (size_t)(b.x2 - b.x1), (size_t)(b.x2 - b.x1) * 4);
			uint32_t *all = whole(px, x, y);
			assert_memory_equal(out, all, (size_t)x.to * y.to * 4);
			free(all);
		}
		free(px);
		free(out);
		free(part);
	}
}

static void test_places(void **s)
{
	int32_t a, b;
	(void)s;
	scale_span((struct scale_axis){ 100, 50 }, 4, 6, &a, &b);
	assert_true(a == 2 && b == 3);
	scale_span((struct scale_axis){ 100, 50 }, 5, 6, &a, &b);
	assert_true(a == 2 && b == 3);
	scale_span((struct scale_axis){ 100, 50 }, 5, 7, &a, &b);
	assert_true(a == 2 && b == 4);
	scale_span((struct scale_axis){ 50, 100 }, 5, 6, &a, &b);
	assert_true(a == 10 && b == 12);
	for (uint32_t from = 1; from < 40; from++)
		for (uint32_t to = 1; to < 40; to++)
			for (int32_t x = 0; x < (int32_t)to; x++) {
				const struct scale_axis axis = { from, to };
				const int32_t i = scale_back(axis, x);
				assert_in_range(i, 0, from - 1);
				scale_span(axis, i, i + 1, &a, &b);
				assert_in_range(x, a, b - 1);	/* the place that is clicked is one that is seen there */
			}
}

static void test_parse(void **s)
{
	static const char *const bad[] = { "", "0", "1/0", "0/1", "1/65", "9", "1.2345", "-1", "1/2x", "x5", "5x", "0x5", "40000x5", "32767x32767",
		"1//2", "1.", ".5", "0.01", "nan", "1/2 " };
	struct scale k;
	uint32_t w, h;
	(void)s;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		if (scale_parse(&k, bad[i]))
			fail_msg("taken: `%s'", bad[i]);
	assert_true(scale_parse(&k, "1/2") && scale_size(&k, 1921, 3, &w, &h) && w == 961 && h == 2);
	assert_true(scale_parse(&k, "0.75") && scale_size(&k, 100, 1, &w, &h) && w == 75 && h == 1);
	assert_true(scale_parse(&k, "0.5") && scale_size(&k, 1, 1, &w, &h) && w == 1 && h == 1);
	assert_true(scale_parse(&k, "2") && scale_size(&k, 100, 50, &w, &h) && w == 200 && h == 100);
	assert_true(scale_parse(&k, "1280x720") && scale_size(&k, 7, 7, &w, &h) && w == 1280 && h == 720);
	assert_true(scale_parse(&k, "8") && !scale_size(&k, 8000, 100, &w, &h));
	assert_true(scale_parse(&k, "1/64"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definition), cmocka_unit_test(test_wide), cmocka_unit_test(test_parts), cmocka_unit_test(test_places),
		cmocka_unit_test(test_parse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
