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

/* src is unaligned. */
static void check_load(const struct pixel_rows *rows, const uint32_t *src, size_t n)
{
	uint32_t dst[N + 1];
	uint8_t bytes[N * 4 + 1];

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 4; k++)
			bytes[1 + 4 * i + k] = (uint8_t)(src[i] >> 8 * k);
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
		for (size_t i = 0; i < N + 2; i++)
			gain[i] = -5;
		for (size_t i = 0; i < n; i++)
			count += !same(a[off + i], b[off + i]);
		for (size_t i = 1; i < n; i++)
			edges += !same(a[off + i - 1], a[off + i]);
		assert_int_equal(rows->differ(a + off, b + off, n), count > 0);
		assert_int_equal(rows->count(a + off, b + off, n), count);
		assert_int_equal(rows->edges(a + off, n), edges);
		rows->gain(gain, a + off, b + off, c + off, n);
		size_t mended = 0;
		for (size_t i = 0; i < n; i++)
			mended += !same(a[off + i], b[off + i]) && same(a[off + i], c[off + i]);
		assert_int_equal(rows->mend(a + off, b + off, c + off, n), mended);
		mended = 0;
		for (size_t i = off + 1; i < off + n; i++)
			mended += !same(a[i - 1], a[i]) && !(same(a[i - 1], b[i - 1]) && same(a[i], b[i])) && same(a[i - 1], c[i - 1]) && same(a[i], c[i]);
		assert_int_equal(rows->mend_edges(a + off, b + off, c + off, n), mended);
		check_load(rows, a + off, n);
		for (size_t i = 0; i < N + 2; i++) {
			int g = i < n ? !same(a[off + i], b[off + i]) - !same(a[off + i], c[off + i]) : 0;
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

enum { STRIDE = 90, ROWS = 40 };

/* Rows of a block, as rows->follow is to report them; 0 in cols beyond it. */
static uint32_t block_plainly(const struct pixel_block *b, uint32_t *want, uint32_t *cols)
{
	uint32_t rows = 0;

	memset(cols, 0, PIXEL_BLOCK_W * sizeof *cols);
	for (int y = 0; y < b->h; y++)
		for (int x = 0; x < b->w; x++) {
			uint32_t v = b->src[y * b->src_stride + x] & 0xffffff, d = v ^ b->was[y * b->was_stride + x];
			want[y * b->w + x] = v;
			cols[x] |= d;
			rows |= (uint32_t)(d != 0) << y;
		}
	return rows;
}

/* was: dst itself, or below it (rows then go downwards), or above it (upwards), or elsewhere. */
static void check_block(const struct pixel_rows *rows, int where)
{
	static uint32_t ref[ROWS * 2 * STRIDE], before[ROWS * 2 * STRIDE], src[ROWS * STRIDE], other[ROWS * STRIDE];
	uint32_t want[PIXEL_BLOCK_W * PIXEL_BLOCK_H], cols[PIXEL_BLOCK_W], got[PIXEL_BLOCK_W];
	const int x = (int)(rnd() % 20), dy = (int)(rnd() % 12) + 1, y = 13;
	uint32_t *dst = ref + y * STRIDE + x;
	struct pixel_block b = { .dst = dst, .src = src + x, .was = where == 0 ? dst : where == 1 ? dst + dy * STRIDE : where == 2 ?
		dst - dy * STRIDE : other, .dst_stride = STRIDE, .src_stride = STRIDE, .was_stride = STRIDE,
		.w = rnd() % 3 ? PIXEL_BLOCK_W : 1 + (int)(rnd() % PIXEL_BLOCK_W), .h = 1 + (int)(rnd() % PIXEL_BLOCK_H) };

	for (size_t i = 0; i < ROWS * 2 * STRIDE; i++)
		ref[i] = rnd() & 0xffffff;
	for (int j = 0; j < b.h; j++)
		for (int i = 0; i < b.w; i++)
			src[x + j * STRIDE + i] = b.was[j * STRIDE + i] | (rnd() & 0xff000000u);
	for (int k = (int)(rnd() % 4); k > 0; k--)
		src[x + (int)(rnd() % (unsigned)b.h) * STRIDE + (int)(rnd() % (unsigned)b.w)] ^= 1u << rnd() % 24;
	if (where == 2) {
		b.dst += (b.h - 1) * STRIDE;
		b.src += (b.h - 1) * STRIDE;
		b.was += (b.h - 1) * STRIDE;
		b.dst_stride = b.src_stride = b.was_stride = -STRIDE;
	}
	memcpy(before, ref, sizeof ref);
	uint32_t expected = block_plainly(&b, want, cols);
	assert_int_equal(rows->follow(&b, got), expected);
	assert_memory_equal(got, cols, sizeof cols);
	for (int j = 0; j < b.h; j++)
		for (int i = 0; i < b.w; i++)
			before[b.dst - ref + j * b.dst_stride + i] = want[j * b.w + i];
	assert_memory_equal(ref, before, sizeof ref);
}

static void test_blocks(void **state)
{
	(void)state;
	for (int level = PIXEL_PORTABLE; level <= PIXEL_LEVEL_AVX512; level++) {
		const struct pixel_rows *rows = pixel_rows_of((enum pixel_level)level);
		for (int round = 0; rows && round < 2000; round++)
			check_block(rows, round % 4);
	}
}

static void test_block_boxes(void **state)
{
	static uint32_t src[PIXEL_BLOCK_W * PIXEL_BLOCK_H], ref[PIXEL_BLOCK_W * PIXEL_BLOCK_H];
	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct pixel_block b = { ref, src, ref, PIXEL_BLOCK_W, PIXEL_BLOCK_W, PIXEL_BLOCK_W,
			1 + (int)(rnd() % PIXEL_BLOCK_W), 1 + (int)(rnd() % PIXEL_BLOCK_H) };
		int left = b.w, right = -1, top = b.h, bottom = -1;
		struct pixel_rect box;
		memset(ref, 0, sizeof ref);
		for (int k = (int)(rnd() % 4); k > 0; k--) {
			int x = (int)(rnd() % (unsigned)b.w), y = (int)(rnd() % (unsigned)b.h);
			src[y * PIXEL_BLOCK_W + x] = 1u << rnd() % 24;
			left = x < left ? x : left;
			right = x > right ? x : right;
			top = y < top ? y : top;
			bottom = y > bottom ? y : bottom;
		}
		if (b.w < PIXEL_BLOCK_W)
			src[b.w] = 0xffffff;	/* beyond the block: of no account */
		assert_int_equal(pixel_block_follow(&b, &box), bottom >= 0);
		if (bottom >= 0) {
			assert_int_equal(box.x, left);
			assert_int_equal(box.y, top);
			assert_int_equal(box.w, right + 1 - left);
			assert_int_equal(box.h, bottom + 1 - top);
		}
		assert_false(pixel_block_follow(&b, &box));
		memset(src, 0, sizeof src);
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
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_block_boxes),
		cmocka_unit_test(test_tile_hashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
