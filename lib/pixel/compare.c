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

/* n <= 4 * BLOCK when it is no constant. */
PIXEL_KERNEL uint32_t take_some(uint32_t *restrict dst, const uint8_t *restrict src, const uint32_t *restrict ref, size_t n)
{
	uint32_t px[4 * BLOCK], bits = 0;

	memcpy(px, src, n * sizeof *px);
	for (size_t i = 0; i < n; i++) {
		uint32_t v = from_little(px[i]);
		dst[i] = v;
		bits |= v ^ ref[i];
	}
	return bits;
}

PIXEL_KERNEL bool take(uint32_t *dst, const uint8_t *src, const uint32_t *ref, size_t n)
{
	uint32_t bits = 0;

	for (; n >= 4 * BLOCK; n -= 4 * BLOCK, dst += 4 * BLOCK, src += 16 * BLOCK, ref += 4 * BLOCK)
		bits |= take_some(dst, src, ref, 4 * BLOCK);
	return (bits | take_some(dst, src, ref, n)) != 0;
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

PIXEL_KERNEL void gather(uint32_t *restrict acc, const uint32_t *restrict a, const uint32_t *restrict b, size_t n)
{
	for (; n >= BLOCK; n -= BLOCK, acc += BLOCK, a += BLOCK, b += BLOCK)
		for (unsigned i = 0; i < BLOCK; i++)
			acc[i] |= (a[i] ^ b[i]) & COLOUR;
	for (size_t i = 0; i < n; i++)
		acc[i] |= (a[i] ^ b[i]) & COLOUR;
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

#define WRAPPERS(suffix, target) \
	target static bool differ_##suffix(const uint32_t *a, const uint32_t *b, size_t n) { return differ(a, b, n); } \
	target static size_t count_##suffix(const uint32_t *a, const uint32_t *b, size_t n) { return count(a, b, n); } \
	target static bool take_##suffix(uint32_t *d, const uint8_t *s, const uint32_t *r, size_t n) { return take(d, s, r, n); } \
	target static void load_##suffix(uint32_t *d, const uint8_t *s, size_t n) { load(d, s, n); } \
	target static void gather_##suffix(uint32_t *acc, const uint32_t *a, const uint32_t *b, size_t n) { gather(acc, a, b, n); } \
	target static void gain_##suffix(int32_t *acc, const uint32_t *w, const uint32_t *o, const uint32_t *t, size_t n) { gain(acc, w, o, t, n); } \
	target static size_t mend_##suffix(const uint32_t *w, const uint32_t *o, const uint32_t *t, size_t n) { return mend(w, o, t, n); } \
	target static size_t edges_##suffix(const uint32_t *a, size_t n) { return n > 1 ? count(a, a + 1, n - 1) : 0; } \
	static const struct pixel_rows rows_##suffix = { \
		differ_##suffix, count_##suffix, take_##suffix, load_##suffix, gather_##suffix, gain_##suffix, mend_##suffix, edges_##suffix };

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

/* --- areas -------------------------------------------------------------------------- */

bool pixel_area_equal(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h)
{
	const struct pixel_rows *rows = pixel_rows();

	for (int y = 0; y < h && w > 0; y++, a += a_stride, b += b_stride)
		if (rows->differ(a, b, (size_t)w))
			return false;
	return true;
}

long pixel_area_count(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h)
{
	const struct pixel_rows *rows = pixel_rows();
	long n = 0;

	for (int y = 0; y < h && w > 0; y++, a += a_stride, b += b_stride)
		n += (long)rows->count(a, b, (size_t)w);
	return n;
}

static bool pixels_differ(const uint32_t *a, const uint32_t *b)
{
	return ((*a ^ *b) & COLOUR) != 0;
}

/* The first and the last column both differ somewhere: soon known where much changed. */
static bool full_width(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h)
{
	bool left = false, right = false;

	for (int y = 0; y < h && !(left && right); y++, a += a_stride, b += b_stride) {
		left = left || pixels_differ(a, b);
		right = right || pixels_differ(a + w - 1, b + w - 1);
	}
	return left && right;
}

/* The columns that differ lie within [*first, *last], looked at in slices that fit the stack. */
static void column_bounds(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h,
			  int *first, int *last)
{
	const struct pixel_rows *rows = pixel_rows();
	uint32_t acc[256];

	*first = w;
	*last = -1;
	if (full_width(a, a_stride, b, b_stride, w, h)) {
		*first = 0;
		*last = w - 1;
		return;
	}
	for (int x = 0; x < w; x += 256) {
		int n = w - x < 256 ? w - x : 256;
		memset(acc, 0, sizeof acc);
		for (int y = 0; y < h; y++)
			rows->gather(acc, a + (size_t)y * a_stride + x, b + (size_t)y * b_stride + x, (size_t)n);
		for (int i = 0; i < n; i++) {
			if (acc[i] == 0)
				continue;
			if (x + i < *first)
				*first = x + i;
			*last = x + i;
		}
	}
}

bool pixel_area_bounds(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h,
		       struct pixel_rect *out)
{
	const struct pixel_rows *rows = pixel_rows();
	int top = 0, bottom = h, left, right;

	if (w <= 0 || h <= 0)
		return false;
	while (top < h && !rows->differ(a + (size_t)top * a_stride, b + (size_t)top * b_stride, (size_t)w))
		top++;
	if (top == h)
		return false;
	while (!rows->differ(a + (size_t)(bottom - 1) * a_stride, b + (size_t)(bottom - 1) * b_stride, (size_t)w))
		bottom--;
	column_bounds(a + (size_t)top * a_stride, a_stride, b + (size_t)top * b_stride, b_stride, w, bottom - top,
		      &left, &right);
	*out = (struct pixel_rect){ left, top, right + 1 - left, bottom - top };
	return true;
}
