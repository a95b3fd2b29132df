/* Comparison loops, written once in plain C over blocks of a constant number of pixels, which compilers
 * turn into vector code, and compiled for the base instruction set, AVX2 and AVX-512. */
#include "pixel/compare.h"
#include "pixel/cpu.h"

#include <string.h>

enum { BLOCK = 16, COLOUR = 0xffffff };

PIXEL_KERNEL uint32_t block_bits(const uint32_t *restrict a, const uint32_t *restrict b)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK; i++)
		bits |= a[i] ^ b[i];
	return bits;
}

PIXEL_KERNEL bool differ(const uint32_t *a, const uint32_t *b, size_t n)
{
	for (; n >= 4 * BLOCK; n -= 4 * BLOCK, a += 4 * BLOCK, b += 4 * BLOCK) {
		uint32_t bits = 0;
		for (unsigned i = 0; i < 4 * BLOCK; i++)
			bits |= a[i] ^ b[i];
		if (bits & COLOUR)
			return true;
	}
	uint32_t rest = 0;
	for (; n >= BLOCK; n -= BLOCK, a += BLOCK, b += BLOCK)
		rest |= block_bits(a, b);
	for (size_t i = 0; i < n; i++)
		rest |= a[i] ^ b[i];
	return (rest & COLOUR) != 0;
}

PIXEL_KERNEL uint32_t from_little(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v & COLOUR;
}

PIXEL_KERNEL void load_some(uint32_t *restrict dst, const uint8_t *restrict src, size_t n)
{
	uint32_t px[4 * BLOCK];

	memcpy(px, src, n * sizeof *px);
	for (size_t i = 0; i < n; i++)
		dst[i] = from_little(px[i]);
}

PIXEL_KERNEL void load(uint32_t *dst, const uint8_t *src, size_t n)
{
	for (; n >= 4 * BLOCK; n -= 4 * BLOCK, dst += 4 * BLOCK, src += 16 * BLOCK)
		load_some(dst, src, 4 * BLOCK);
	load_some(dst, src, n);
}

PIXEL_KERNEL size_t count(const uint32_t *a, const uint32_t *b, size_t n)
{
	size_t total = 0;
	for (; n >= BLOCK; n -= BLOCK, a += BLOCK, b += BLOCK) {
		uint32_t c = 0;
		for (unsigned i = 0; i < BLOCK; i++)
			c += ((a[i] ^ b[i]) & COLOUR) != 0;
		total += c;
	}
	for (size_t i = 0; i < n; i++)
		total += ((a[i] ^ b[i]) & COLOUR) != 0;
	return total;
}

PIXEL_KERNEL void gain(int32_t *restrict acc, const uint32_t *restrict want, const uint32_t *restrict now,
		       const uint32_t *restrict then, size_t n)
{
	for (; n >= BLOCK; n -= BLOCK, acc += BLOCK, want += BLOCK, now += BLOCK, then += BLOCK)
		for (unsigned i = 0; i < BLOCK; i++)
			acc[i] += (((want[i] ^ now[i]) & COLOUR) != 0) - (((want[i] ^ then[i]) & COLOUR) != 0);
	for (size_t i = 0; i < n; i++)
		acc[i] += (((want[i] ^ now[i]) & COLOUR) != 0) - (((want[i] ^ then[i]) & COLOUR) != 0);
}

PIXEL_KERNEL size_t mend(const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n)
{
	size_t total = 0;
	for (; n >= BLOCK; n -= BLOCK, want += BLOCK, now += BLOCK, then += BLOCK) {
		uint32_t c = 0;
		for (unsigned i = 0; i < BLOCK; i++)
			c += (((want[i] ^ now[i]) & COLOUR) != 0) & (((want[i] ^ then[i]) & COLOUR) == 0);
		total += c;
	}
	for (size_t i = 0; i < n; i++)
		total += (((want[i] ^ now[i]) & COLOUR) != 0) & (((want[i] ^ then[i]) & COLOUR) == 0);
	return total;
}

PIXEL_KERNEL size_t mend_edges(const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n)
{
	size_t total = 0;
	for (; n > BLOCK; n -= BLOCK, want += BLOCK, now += BLOCK, then += BLOCK) {
		uint32_t c = 0;
		for (unsigned i = 0; i < BLOCK; i++) {
			uint32_t edge = (want[i] ^ want[i + 1]) & COLOUR, wrong = (want[i] ^ now[i]) | (want[i + 1] ^ now[i + 1]);
			uint32_t left = (want[i] ^ then[i]) | (want[i + 1] ^ then[i + 1]);
			c += (edge != 0) & ((wrong & COLOUR) != 0) & ((left & COLOUR) == 0);
		}
		total += c;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		uint32_t edge = (want[i] ^ want[i + 1]) & COLOUR, wrong = (want[i] ^ now[i]) | (want[i + 1] ^ now[i + 1]);
		uint32_t left = (want[i] ^ then[i]) | (want[i + 1] ^ then[i + 1]);
		total += (edge != 0) & ((wrong & COLOUR) != 0) & ((left & COLOUR) == 0);
	}
	return total;
}

/* One row: what is read of src is compared and stored, not read again. */
PIXEL_KERNEL uint32_t follow_row(uint32_t *dst, const uint32_t *src, const uint32_t *was, uint32_t *restrict cols, size_t n)
{
	uint32_t px[PIXEL_BLOCK_W], bits = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t v = src[i] & COLOUR, d = v ^ was[i];
		px[i] = v;
		cols[i] |= d;
		bits |= d;
	}
	if (bits || dst != was)
		memcpy(dst, px, n * sizeof *px);
	return bits;
}

PIXEL_KERNEL uint32_t follow_rows(const struct pixel_block *b, uint32_t *out, size_t n)
{
	uint32_t cols[PIXEL_BLOCK_W] = { 0 }, rows = 0, *dst = b->dst;
	const uint32_t *src = b->src, *was = b->was;

	for (int y = 0; y < b->h; y++) {
		rows |= (uint32_t)(follow_row(dst, src, was, cols, n) != 0) << y;
		dst += b->dst_stride;
		src += b->src_stride;
		was += b->was_stride;
	}
	memcpy(out, cols, sizeof cols);
	return rows;
}

PIXEL_KERNEL uint32_t follow(const struct pixel_block *b, uint32_t *cols)
{
	return b->w == PIXEL_BLOCK_W ? follow_rows(b, cols, PIXEL_BLOCK_W) : follow_rows(b, cols, (size_t)b->w);
}

#define WRAPPERS(suffix, target) \
	target static bool differ_##suffix(const uint32_t *a, const uint32_t *b, size_t n) { return differ(a, b, n); } \
	target static size_t count_##suffix(const uint32_t *a, const uint32_t *b, size_t n) { return count(a, b, n); } \
	target static void load_##suffix(uint32_t *d, const uint8_t *s, size_t n) { load(d, s, n); } \
	target static void gain_##suffix(int32_t *acc, const uint32_t *w, const uint32_t *o, const uint32_t *t, size_t n) { gain(acc, w, o, t, n); } \
	target static size_t mend_##suffix(const uint32_t *w, const uint32_t *o, const uint32_t *t, size_t n) { return mend(w, o, t, n); } \
	target static size_t mend_edges_##suffix(const uint32_t *w, const uint32_t *o, const uint32_t *t, size_t n) { return mend_edges(w, o, t, n); } \
	target static size_t edges_##suffix(const uint32_t *a, size_t n) { return n > 1 ? count(a, a + 1, n - 1) : 0; } \
	target static uint32_t follow_##suffix(const struct pixel_block *b, uint32_t *cols) { return follow(b, cols); } \
	static const struct pixel_rows rows_##suffix = { \
		differ_##suffix, count_##suffix, load_##suffix, gain_##suffix, mend_##suffix, mend_edges_##suffix, edges_##suffix, \
		follow_##suffix };

WRAPPERS(portable, )
#if PIXEL_X86
WRAPPERS(avx2, PIXEL_AVX2)
WRAPPERS(avx512, PIXEL_AVX512)
#else
#define rows_avx2 rows_portable
#define rows_avx512 rows_portable
#endif

const struct pixel_rows *pixel_rows_of(enum pixel_level level)
{
	switch (level) {
	case PIXEL_PORTABLE:
		return &rows_portable;
	case PIXEL_LEVEL_AVX2:
		return pixel_has_avx2() ? &rows_avx2 : NULL;
	case PIXEL_LEVEL_AVX512:
		return pixel_has_avx512() ? &rows_avx512 : NULL;
	}
	return NULL;
}

const struct pixel_rows *pixel_rows(void)
{
	return pixel_has_avx512() ? &rows_avx512 : pixel_has_avx2() ? &rows_avx2 : &rows_portable;
}

/* --- blocks ------------------------------------------------------------------------- */

bool pixel_block_follow(const struct pixel_block *b, struct pixel_rect *box)
{
	uint32_t cols[PIXEL_BLOCK_W], rows = pixel_rows()->follow(b, cols);
	int left = 0, right = b->w - 1;

	if (rows == 0)
		return false;
	while (cols[left] == 0)
		left++;
	while (cols[right] == 0)
		right--;
	const int top = __builtin_ctz(rows), bottom = 31 - __builtin_clz(rows);
	*box = (struct pixel_rect){ left, top, right + 1 - left, bottom + 1 - top };
	return true;
}
