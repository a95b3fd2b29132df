/* Pixel formats: which are served, and that the loops agree with the one-pixel functions
 * for every legal format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pixel/format.h"

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static struct pixel_format format(unsigned bpp, bool big, unsigned r, unsigned rs, unsigned g, unsigned gs, unsigned b, unsigned bs)
{
	return (struct pixel_format){ .bpp = (uint8_t)bpp, .big_endian = big, .true_colour = true,
		.red_max = (uint16_t)((1u << r) - 1), .green_max = (uint16_t)((1u << g) - 1), .blue_max = (uint16_t)((1u << b) - 1),
		.red_shift = (uint8_t)rs, .green_shift = (uint8_t)gs, .blue_shift = (uint8_t)bs };
}

enum { N = 203 };	/* three whole blocks and a part */

static void check_loops(const struct pixel_format *f)
{
	uint32_t src[N], values[N], back[N];
	uint8_t wire[N * 4 + 2], wire2[N * 4];
	unsigned bytes = pixel_bytes(f);
	size_t n = N - rnd() % 70;

	for (size_t i = 0; i < N; i++)
		src[i] = rnd();
	src[0] = 0xffffffff;
	src[1] = 0;
	pixel_to_values(f, values, src, n);
	memset(wire, 0xaa, sizeof wire);
	pixel_to_wire(f, wire + 1, src, n);	/* unaligned on purpose */
	assert_int_equal(wire[0], 0xaa);
	assert_int_equal(wire[1 + n * bytes], 0xaa);
	pixel_values_to_wire(f, wire2, values, n);
	assert_memory_equal(wire + 1, wire2, n * bytes);
	pixel_from_wire(f, back, wire + 1, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t v = 0;
		assert_int_equal(values[i], pixel_quantise(f, src[i]));
		for (unsigned k = 0; k < bytes; k++)
			v |= (uint32_t)wire[1 + i * bytes + (f->big_endian ? bytes - 1 - k : k)] << 8 * k;
		assert_int_equal(v, values[i]);
		assert_int_equal(back[i], pixel_expand(f, v));
		assert_int_equal(pixel_quantise(f, back[i]), v);	/* what came back stays as it is */
	}
}

/* Every placement of components of 1 to 8 bits (and a few wider ones), without gaps and with. */
static void test_all_formats(void **state)
{
	static const unsigned widths[] = { 8, 16, 32 };
	(void)state;
	for (unsigned k = 0; k < 3; k++)
		for (unsigned r = 1; r <= 8; r++)
			for (unsigned g = 1; g <= 8; g++)
				for (unsigned b = 1; b <= 8; b++)
					for (unsigned order = 0; order < 6; order++) {
						static const unsigned char o[6][3] = { {0,1,2}, {0,2,1}, {1,0,2}, {1,2,0}, {2,0,1}, {2,1,0} };
						unsigned bits[3] = { r, g, b }, shift[3], at = 0;
						if (r + g + b > widths[k])
							continue;
						unsigned slack = widths[k] - (r + g + b);
						for (unsigned i = 0; i < 3; i++) {
							unsigned gap = rnd() % (slack + 1);
							slack -= gap;
							shift[o[order][i]] = at + gap;
							at += gap + bits[o[order][i]];
						}
						struct pixel_format f = format(widths[k], rnd() & 1, r, shift[0], g, shift[1], b, shift[2]);
						assert_true(pixel_format_normalise(&f));
						check_loops(&f);
					}
}

static void test_wide_components(void **state)
{
	(void)state;
	struct pixel_format f[] = {
		format(32, false, 10, 20, 10, 10, 10, 0), format(32, true, 11, 0, 11, 11, 10, 22),
		format(32, false, 16, 16, 8, 8, 8, 0), format(16, true, 9, 7, 4, 3, 3, 0),
	};
	for (size_t i = 0; i < sizeof f / sizeof *f; i++) {
		assert_true(pixel_format_normalise(&f[i]));
		uint32_t src[N], values[N], back[N];
		uint8_t wire[N * 4];
		for (size_t k = 0; k < N; k++)
			src[k] = rnd();
		pixel_to_values(&f[i], values, src, N);
		pixel_to_wire(&f[i], wire, src, N);
		pixel_from_wire(&f[i], back, wire, N);
		for (size_t k = 0; k < N; k++) {
			assert_int_equal(values[k], pixel_quantise(&f[i], src[k]));
			assert_int_equal(back[k], pixel_expand(&f[i], values[k]));
		}
	}
}

/* The loops' multiplications against division, all component values and all maxima. */
static void test_components_exhaustively(void **state)
{
	(void)state;
	for (unsigned bits = 1; bits <= 8; bits++) {
		struct pixel_format f = format(32, false, bits, 20, bits, 10, bits, 0);
		unsigned max = (1u << bits) - 1;
		uint32_t src[256], out[256];
		assert_true(pixel_format_normalise(&f));
		for (unsigned v = 0; v < 256; v++)
			src[v] = v << 16 | (255 - v) << 8 | v;
		pixel_to_values(&f, out, src, 256);
		for (unsigned v = 0; v < 256; v++) {
			unsigned up = (v * max + 127) / 255, down = ((255 - v) * max + 127) / 255;
			assert_int_equal(out[v], up << 20 | down << 10 | up);
		}
		for (unsigned v = 0; v <= max; v++)
			src[v] = v << 20 | (max - v) << 10 | v;
		pixel_from_wire(&f, out, (const uint8_t *)src, max + 1);
		for (unsigned v = 0; v <= max; v++) {
			unsigned up = (v * 255 + max / 2) / max, down = ((max - v) * 255 + max / 2) / max;
			assert_int_equal(out[v], up << 16 | down << 8 | up);
		}
	}
}

static void test_native_is_the_pixel(void **state)
{
	(void)state;
	struct pixel_format f = pixel_format_native;
	assert_true(pixel_format_normalise(&f));
	assert_true(pixel_format_equal(&f, &pixel_format_native));
	uint32_t p = 0xff123456;
	uint8_t wire[4];
	pixel_to_wire(&f, wire, &p, 1);
	assert_memory_equal(wire, "\x56\x34\x12\x00", 4);
	f.big_endian = true;
	pixel_to_wire(&f, wire, &p, 1);
	assert_memory_equal(wire, "\x00\x12\x34\x56", 4);
	check_loops(&f);
}

static void test_colour_map(void **state)
{
	(void)state;
	struct pixel_format f = { .bpp = 8, .depth = 8, .red_max = 99, .green_shift = 77 };
	const uint32_t *map = pixel_colour_map();
	assert_true(pixel_format_normalise(&f));
	assert_int_equal(f.red_max, 0);
	check_loops(&f);
	assert_int_equal(map[0], 0);
	assert_int_equal(map[255], 0xffffff);
	for (unsigned v = 0; v < 256; v++) {	/* nearest in each component */
		uint32_t got = map[pixel_quantise(&f, v << 16 | v << 8 | v)];
		for (unsigned i = 0; i < 256; i++)
			for (unsigned s = 0; s <= 16; s += 8)
				assert_true(abs((int)(got >> s & 255) - (int)v) <= abs((int)(map[i] >> s & 255) - (int)v));
	}
}

static void test_refusals(void **state)
{
	(void)state;
	struct pixel_format ok = format(16, false, 5, 11, 6, 5, 5, 0), f;
	f = ok; assert_true(pixel_format_normalise(&f)); assert_int_equal(f.depth, 16);
	f = ok; f.depth = 40; assert_true(pixel_format_normalise(&f)); assert_int_equal(f.depth, 16);
	f = ok; f.bpp = 24; assert_false(pixel_format_normalise(&f));
	f = ok; f.bpp = 0; assert_false(pixel_format_normalise(&f));
	f = ok; f.red_max = 0; assert_false(pixel_format_normalise(&f));
	f = ok; f.green_max = 62; assert_false(pixel_format_normalise(&f));
	f = ok; f.red_shift = 12; assert_false(pixel_format_normalise(&f));
	f = ok; f.red_shift = 255; assert_false(pixel_format_normalise(&f));
	f = ok; f.green_shift = 4; assert_false(pixel_format_normalise(&f));
	f = ok; f.true_colour = false; assert_false(pixel_format_normalise(&f));
	f = format(32, false, 16, 17, 1, 0, 1, 1); assert_false(pixel_format_normalise(&f));
	f = format(8, true, 3, 5, 3, 2, 2, 0); assert_true(pixel_format_normalise(&f)); assert_false(f.big_endian);
}

static void test_packed_pixels(void **state)
{
	(void)state;
	static const struct { unsigned shift[3]; bool big; unsigned depth, size, offset; } cases[] = {
		{ { 16, 8, 0 }, false, 24, 3, 0 }, { { 16, 8, 0 }, true, 24, 3, 1 },
		{ { 24, 16, 8 }, false, 24, 3, 1 }, { { 24, 16, 8 }, true, 24, 3, 0 },
		{ { 24, 8, 0 }, false, 24, 4, 0 }, { { 16, 8, 0 }, false, 32, 4, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pixel_format f = format(32, cases[i].big, 8, cases[i].shift[0], 8, cases[i].shift[1], 8, cases[i].shift[2]);
		unsigned offset = 9;
		f.depth = (uint8_t)cases[i].depth;
		assert_true(pixel_format_normalise(&f));
		assert_int_equal(pixel_cpixel(&f, &offset), cases[i].size);
		assert_int_equal(offset, cases[i].offset);
		assert_int_equal(pixel_tpixel_is_rgb(&f), cases[i].depth == 24);
	}
	/* Fits both the low and the high bytes: the first three in either byte order. */
	struct pixel_format f = format(32, true, 5, 8, 5, 13, 5, 18);
	unsigned offset = 9;
	assert_true(pixel_format_normalise(&f));
	assert_int_equal(pixel_cpixel(&f, &offset), 3);
	assert_int_equal(offset, 0);
	assert_false(pixel_tpixel_is_rgb(&f));
	f = format(16, false, 5, 10, 5, 5, 5, 0);
	assert_true(pixel_format_normalise(&f));
	assert_int_equal(pixel_cpixel(&f, &offset), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_formats),
		cmocka_unit_test(test_wide_components),
		cmocka_unit_test(test_components_exhaustively),
		cmocka_unit_test(test_native_is_the_pixel),
		cmocka_unit_test(test_colour_map),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_packed_pixels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
