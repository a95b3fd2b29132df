/* Comparison loops: every level gives what a plain loop gives, on every length, alignment and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pixel/compare.h"
#include "pixel/tile.h"

static uint64_t seed = 88172645463325252u;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static bool same(uint32_t a, uint32_t b)
{
	return ((a ^ b) & 0xffffff) == 0;
}

enum { N = 300 };

/* src is unaligned, ref has clear top bytes. */
static void check_take(const struct pixel_rows *rows, const uint32_t *src, const uint32_t *other, size_t n)
{
	uint32_t ref[N], dst[N + 1];
	uint8_t bytes[N * 4 + 1];
	bool differ = false;

	for (size_t i = 0; i < n; i++) {
		ref[i] = other[i] & 0xffffff;
		differ |= !same(ref[i], src[i]);
		for (unsigned k = 0; k < 4; k++)
			bytes[1 + 4 * i + k] = (uint8_t)(src[i] >> 8 * k);
	}
	dst[n] = 0x55555555;
	assert_int_equal(rows->take(dst, bytes + 1, ref, n), differ);
	assert_int_equal(dst[n], 0x55555555);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dst[i], src[i] & 0xffffff);
	memset(dst, 0x33, sizeof dst);
	rows->load(dst, bytes + 1, n);
	assert_int_equal(dst[n], 0x33333333);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dst[i], src[i] & 0xffffff);
}

static void check_level(const struct pixel_rows *rows)
{
	static uint32_t a[N + 8], b[N + 8], c[N + 8];

	for (int round = 0; round < 3000; round++) {
		size_t off = rnd() % 8, n = rnd() % N, count = 0, edges = 0;
		uint32_t acc[N + 2];
		int32_t gain[N + 2];
		for (size_t i = 0; i < N + 8; i++) {
			a[i] = rnd() % 4 ? rnd() : 0;
			b[i] = a[i] ^ (rnd() & 0xff000000u);	/* only the top byte */
			c[i] = rnd() % 3 ? a[i] : rnd();
		}
		assert_false(rows->differ(a + off, b + off, n));
		assert_int_equal(rows->count(a + off, b + off, n), 0);
		for (size_t k = n ? rnd() % 5 : 0; k > 0; k--)
			b[off + rnd() % n] ^= 1u << rnd() % 24;
		for (size_t i = 0; i < N + 2; i++) {
			acc[i] = 0x01000000u;
			gain[i] = -5;
		}
		for (size_t i = 0; i < n; i++)
			count += !same(a[off + i], b[off + i]);
		for (size_t i = 1; i < n; i++)
			edges += !same(a[off + i - 1], a[off + i]);
		assert_int_equal(rows->differ(a + off, b + off, n), count > 0);
		assert_int_equal(rows->count(a + off, b + off, n), count);
		assert_int_equal(rows->edges(a + off, n), edges);
		rows->gather(acc, a + off, b + off, n);
		rows->gain(gain, a + off, b + off, c + off, n);
		size_t mended = 0;
		for (size_t i = 0; i < n; i++)
			mended += !same(a[off + i], b[off + i]) && same(a[off + i], c[off + i]);
		assert_int_equal(rows->mend(a + off, b + off, c + off, n), mended);
		check_take(rows, a + off, b + off, n);
		for (size_t i = 0; i < N + 2; i++) {
			uint32_t bits = i < n ? (a[off + i] ^ b[off + i]) & 0xffffff : 0;
			int g = i < n ? !same(a[off + i], b[off + i]) - !same(a[off + i], c[off + i]) : 0;
			assert_int_equal(acc[i], 0x01000000u | bits);
			assert_int_equal(gain[i], -5 + g);
		}
	}
}

static void test_levels(void **state)
{
	(void)state;
	for (int level = PIXEL_PORTABLE; level <= PIXEL_LEVEL_AVX512; level++) {
		const struct pixel_rows *rows = pixel_rows_of((enum pixel_level)level);
		if (rows)
			check_level(rows);
	}
	assert_non_null(pixel_rows_of(PIXEL_PORTABLE));
	assert_non_null(pixel_rows());
}

/* Each single bit of colour, wherever it is, is found. */
static void test_no_bit_is_missed(void **state)
{
	static uint32_t a[130], b[130];
	(void)state;
	for (int level = PIXEL_PORTABLE; level <= PIXEL_LEVEL_AVX512; level++) {
		const struct pixel_rows *rows = pixel_rows_of((enum pixel_level)level);
		for (size_t n = 1; rows && n <= 130; n++)
			for (size_t i = 0; i < n; i++) {
				b[i] = 1u << (n + i) % 24;
				assert_true(rows->differ(a, b, n));
				b[i] = 0;
			}
	}
}

static void test_areas(void **state)
{
	enum { W = 600, H = 40 };
	static uint32_t a[W * H], b[W * H];
	(void)state;
	for (int round = 0; round < 2000; round++) {
		int w = 1 + (int)(rnd() % W), h = 1 + (int)(rnd() % H), left = w, right = -1, top = h, bottom = -1;
		long count = 0;
		struct pixel_rect box;
		for (int k = (int)(rnd() % 4); k > 0; k--) {
			int x = (int)(rnd() % (unsigned)w), y = (int)(rnd() % (unsigned)h);
			b[y * W + x] = 1u << rnd() % 24;
		}
		if (w < W)
			b[w] = 0xffffff;	/* beyond the area: of no account */
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w; x++) {
				if (b[y * W + x] == 0)
					continue;
				count++;
				left = x < left ? x : left;
				right = x > right ? x : right;
				top = y < top ? y : top;
				bottom = y;
			}
		assert_int_equal(pixel_area_count(a, W, b, W, w, h), count);
		assert_int_equal(pixel_area_equal(a, W, b, W, w, h), count == 0);
		assert_int_equal(pixel_area_bounds(a, W, b, W, w, h, &box), count > 0);
		if (count > 0) {
			assert_int_equal(box.x, left);
			assert_int_equal(box.y, top);
			assert_int_equal(box.w, right + 1 - left);
			assert_int_equal(box.h, bottom + 1 - top);
		}
		memset(b, 0, sizeof b);
	}
}

static void test_tile_hashes(void **state)
{
	enum { W = 200, H = 50 };
	static uint32_t px[W * H];
	uint64_t hashes[4 * 4] = { 0 };
	uint8_t changed[4 * 4];
	const struct pixel_rect all = { 0, 0, W, H };
	(void)state;
	assert_int_equal(pixel_tile_count(W, H), 16);
	for (int i = 0; i < W * H; i++)
		px[i] = rnd();
	assert_int_equal(pixel_tile_update(px, W, W, H, all, hashes, NULL), 16);
	for (int i = 0; i < W * H; i++)
		px[i] ^= 0x5a000000;
	assert_int_equal(pixel_tile_update(px, W, W, H, all, hashes, NULL), 0);
	for (int round = 0; round < 3000; round++) {
		int at = (int)(rnd() % (W * H)), tile = at / W / 16 * 4 + at % W / 64;
		px[at] ^= 1u << rnd() % 24;
		memset(changed, 0, sizeof changed);
		/* Looked for elsewhere first: not found there. */
		struct pixel_rect other = { tile % 4 == 0 ? 64 : 0, 0, 64, H };
		assert_int_equal(pixel_tile_update(px, W, W, H, other, hashes, changed), 0);
		assert_int_equal(pixel_tile_update(px, W, W, H, all, hashes, changed), 1);
		assert_int_equal(changed[tile], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_no_bit_is_missed),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_tile_hashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
