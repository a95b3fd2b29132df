/* Moving, comparing and blending rectangles: loops that the compiler turns into SIMD. */
#include "pixels.h"

#include <string.h>

#include "pixel/cpu.h"

void pixels_copy_box(uint32_t *to, const uint32_t *from, size_t w, const pixman_box32_t *b)
{
	size_t n = (size_t)(b->x2 - b->x1) * 4;
	for (int32_t y = b->y1; y < b->y2; y++)
		memcpy(to + (size_t)y * w + (size_t)b->x1, from + (size_t)y * w + (size_t)b->x1, n);
}

/* n little-endian pixels, whose top bytes are anything. */
PIXEL_KERNEL void mask_row(uint32_t *to, const uint8_t *raw, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t v;
		memcpy(&v, raw + i * 4, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		v = __builtin_bswap32(v);
#endif
		to[i] = v & 0xffffff;
	}
}

#if PIXEL_X86
#include <immintrin.h>

PIXEL_AVX2 static void mask_row_avx2(uint32_t *to, const uint8_t *raw, size_t n)
{
	const __m256i mask = _mm256_set1_epi32(0xffffff);
	size_t i = 0;
	for (; i + 8 <= n; i += 8)
		_mm256_storeu_si256((__m256i *)(to + i), _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(raw + i * 4)), mask));
	mask_row(to + i, raw + i * 4, n - i);
}
#else
#define mask_row_avx2 mask_row
#endif

void pixels_put_raw(uint32_t *to, size_t w, const pixman_box32_t *b, const uint8_t *raw)
{
	const size_t n = (size_t)(b->x2 - b->x1);
	const bool avx2 = pixel_has_avx2();
	for (int32_t y = b->y1; y < b->y2; y++, raw += n * 4) {
		uint32_t *row = to + (size_t)y * w + (size_t)b->x1;
		if (avx2)
			mask_row_avx2(row, raw, n);
		else
			mask_row(row, raw, n);
	}
}

void pixels_copy_from(uint32_t *to, const uint32_t *from, size_t w, const struct fbs_copy *c)
{
	const uint32_t *src = from + (size_t)c->src_y * w + c->src_x;
	to += (size_t)c->y * w + c->x;
	for (size_t i = 0; i < c->h; i++)
		memcpy(to + i * w, src + i * w, (size_t)c->w * 4);
}

void pixels_move(uint32_t *px, size_t w, const struct fbs_copy *c)
{
	size_t n = (size_t)c->w * 4;
	if (c->y > c->src_y) {
		for (size_t i = c->h; i-- > 0;)
			memmove(px + (c->y + i) * w + c->x, px + (c->src_y + i) * w + c->src_x, n);
	} else {
		for (size_t i = 0; i < c->h; i++)
			memmove(px + (c->y + i) * w + c->x, px + (c->src_y + i) * w + c->src_x, n);
	}
}

enum { GRID = 32 };

/* Shrinks a box to the rows and columns that differ; false when none does. */
static bool tighten(pixman_box32_t *b, const uint32_t *p, const uint32_t *q, size_t w)
{
	int32_t y1 = -1, y2 = -1, left = b->x2, right = b->x1;
	for (int32_t y = b->y1; y < b->y2; y++) {
		const uint32_t *r = p + (size_t)y * w, *s = q + (size_t)y * w;
		if (memcmp(r + b->x1, s + b->x1, (size_t)(b->x2 - b->x1) * 4) == 0)
			continue;
		if (y1 < 0)
			y1 = y;
		y2 = y + 1;
		int32_t l = b->x1, e = b->x2;
		while (l < left && r[l] == s[l])
			l++;
		while (e > right && r[e - 1] == s[e - 1])
			e--;
		left = l < left ? l : left;
		right = e > right ? e : right;
	}
	*b = (pixman_box32_t){ left, y1, right, y2 };
	return y1 >= 0;
}

static bool differ_in_box(pixman_region32_t *out, const pixman_box32_t *b, const uint32_t *p, const uint32_t *q, size_t w)
{
	for (int32_t y = b->y1; y < b->y2; y = (y / GRID + 1) * GRID) {
		int32_t ye = (y / GRID + 1) * GRID < b->y2 ? (y / GRID + 1) * GRID : b->y2;
		for (int32_t x = b->x1; x < b->x2; x = (x / GRID + 1) * GRID) {
			int32_t xe = (x / GRID + 1) * GRID < b->x2 ? (x / GRID + 1) * GRID : b->x2;
			pixman_box32_t t = { x, y, xe, ye };
			if (tighten(&t, p, q, w) &&
			    !pixman_region32_union_rect(out, out, t.x1, t.y1, (unsigned)(t.x2 - t.x1), (unsigned)(t.y2 - t.y1)))
				return false;
		}
	}
	return true;
}

bool pixels_differ(pixman_region32_t *out, const pixman_region32_t *where, const uint32_t *p, const uint32_t *q, size_t w)
{
	int n;
	const pixman_box32_t *b = pixman_region32_rectangles((pixman_region32_t *)where, &n);
	for (; n > 0; n--, b++)
		if (!differ_in_box(out, b, p, q, w))
			return false;
	return true;
}

static inline uint32_t over(uint32_t below, uint32_t argb)
{
	uint32_t keep = 255 - (argb >> 24), out = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		uint32_t v = ((below >> shift & 255) * keep + 127) / 255 + (argb >> shift & 255);
		out |= (v > 255 ? 255 : v) << shift;
	}
	return out;
}

void pixels_blend(uint32_t *px, size_t stride, const pixman_box32_t *b, const uint32_t *argb, int cw, int ch, int x, int y)
{
	int x1 = x > b->x1 ? x : b->x1, x2 = x + cw < b->x2 ? x + cw : b->x2;
	int y1 = y > b->y1 ? y : b->y1, y2 = y + ch < b->y2 ? y + ch : b->y2;
	for (int v = y1; v < y2; v++) {
		uint32_t *row = px + (size_t)(v - b->y1) * stride;
		const uint32_t *src = argb + (size_t)(v - y) * (size_t)cw;
		for (int u = x1; u < x2; u++)
			row[u - b->x1] = over(row[u - b->x1], src[u - x]);
	}
}
