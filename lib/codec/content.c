/* Measuring and cutting content. Everything is counted for tiles of 16 × 16, in every fourth row, and multiplied. Two
 * estimates per tile are compared: the bytes that a palette and deflate would need, and the bytes of a picture; both are linear in
 * what was counted, with factors fitted to text (plain and smoothed), drawings and photographs. */
#include "codec/content.h"

#include <string.h>

#include "codec/codec.h"
#include "codec/scan.h"
#include "pixel/cpu.h"

#if PIXEL_X86
#include <immintrin.h>
#endif

/* Sum of the differences of the components of n pixels. */
static uint32_t differences_plain(const uint32_t *a, const uint32_t *b, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned s = 0; s < 24; s += 8) {
			int d = (int)(a[i] >> s & 255) - (int)(b[i] >> s & 255);
			sum += (uint32_t)(d < 0 ? -d : d);
		}
	return sum;
}

#if PIXEL_X86
static uint32_t differences(const uint32_t *a, const uint32_t *b, unsigned n)
{
	const __m128i mask = _mm_set1_epi32(0xffffff);
	__m128i sum = _mm_setzero_si128();
	unsigned i = 0;

	for (; i + 4 <= n; i += 4) {
		__m128i p = _mm_and_si128(_mm_loadu_si128((const __m128i *)(a + i)), mask);
		__m128i q = _mm_and_si128(_mm_loadu_si128((const __m128i *)(b + i)), mask);
		sum = _mm_add_epi32(sum, _mm_sad_epu8(p, q));
	}
	return (uint32_t)_mm_cvtsi128_si32(sum) + (uint32_t)_mm_cvtsi128_si32(_mm_srli_si128(sum, 8)) +
	       differences_plain(a + i, b + i, n - i);
}
#else
#define differences differences_plain
#endif

/* How many bits are set in each of the four quarters. */
static inline void count_quarters(uint64_t bits, uint32_t *to)
{
	bits -= bits >> 1 & 0x5555555555555555u;
	bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	bits = (bits + (bits >> 8)) & 0x00ff00ff00ff00ffu;
	for (unsigned i = 0; i < 64 / CONTENT_TILE; i++)
		to[i] += (uint32_t)(bits >> i * CONTENT_TILE & 0xff);
}

/* A row of values and the one above it, NULL for none. Arrays of tiles have room for a last word's worth. */
static void count_changes(const uint32_t *row, const uint32_t *above, unsigned w, uint32_t *changes, uint32_t *novel)
{
	for (unsigned x = 0; x < w; x += 64) {
		unsigned n = w - x < 64 ? w - x : 64;
		uint64_t left = scan_changes(row, x, n), up = above ? ~scan_equal(row + x, above + x, n) : UINT64_MAX;
		count_quarters(left, changes + x / CONTENT_TILE);
		count_quarters(left & up, novel + x / CONTENT_TILE);
	}
}

static void add_contrast(const uint32_t *row, const uint32_t *above, unsigned w, uint32_t *contrast)
{
	for (unsigned x = 0; x < w; x += CONTENT_TILE) {
		unsigned n = w - x < CONTENT_TILE ? w - x : CONTENT_TILE;
		contrast[x / CONTENT_TILE] += differences(row + x + 1, row + x, n - 1);
		if (above)
			contrast[x / CONTENT_TILE] += differences(row + x, above + x, n);
	}
}

/* One row of values, with its pixels, and the same of the row above it. */
static void measure_plain(const uint32_t *row, const uint32_t *values, const uint32_t *above, const uint32_t *values_above, unsigned w,
			  uint32_t *changes, uint32_t *novel, uint32_t *contrast)
{
	count_changes(values, above ? values_above : NULL, w, changes, novel);
	add_contrast(row, above, w, contrast);
}

#if PIXEL_X86
/* Lanes that are equal, as bits. */
PIXEL_AVX2 static inline unsigned equal_lanes(__m256i a, __m256i b)
{
	return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b)));
}

/* The same for XRGB8888 pixels that are their own values: whole tiles but the first, all three figures in one pass. Returns
 * the first column that is left to do. */
PIXEL_AVX2 static unsigned measure_avx2(const uint32_t *row, const uint32_t *above, unsigned w, uint32_t *changes, uint32_t *novel,
					uint32_t *contrast)
{
	const __m256i colour = _mm256_set1_epi32(0xffffff);
	const __m256i inner = _mm256_setr_epi32(0, 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff);
	unsigned x = CONTENT_TILE;

	for (; x + CONTENT_TILE <= w; x += CONTENT_TILE) {
		const unsigned tile = x / CONTENT_TILE;
		__m256i a = _mm256_loadu_si256((const __m256i *)(row + x)), b = _mm256_loadu_si256((const __m256i *)(row + x + 8));
		__m256i al = _mm256_loadu_si256((const __m256i *)(row + x - 1)), bl = _mm256_loadu_si256((const __m256i *)(row + x + 7));
		/* the difference to the tile on the left is nobody's */
		__m256i sum = _mm256_add_epi64(_mm256_sad_epu8(_mm256_and_si256(a, inner), _mm256_and_si256(al, inner)),
					       _mm256_sad_epu8(_mm256_and_si256(b, colour), _mm256_and_si256(bl, colour)));
		unsigned differ = ~(equal_lanes(a, al) | equal_lanes(b, bl) << 8) & 0xffff, fresh = differ;
		if (above) {
			__m256i au = _mm256_loadu_si256((const __m256i *)(above + x));
			__m256i bu = _mm256_loadu_si256((const __m256i *)(above + x + 8));
			sum = _mm256_add_epi64(sum, _mm256_add_epi64(_mm256_sad_epu8(_mm256_and_si256(a, colour), _mm256_and_si256(au, colour)),
								     _mm256_sad_epu8(_mm256_and_si256(b, colour), _mm256_and_si256(bu, colour))));
			fresh &= ~(equal_lanes(a, au) | equal_lanes(b, bu) << 8);
		}
		__m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
		contrast[tile] += (uint32_t)_mm_cvtsi128_si32(half) + (uint32_t)_mm_cvtsi128_si32(_mm_srli_si128(half, 8));
		changes[tile] += (uint32_t)__builtin_popcount(differ);
		novel[tile] += (uint32_t)__builtin_popcount(fresh);
	}
	return x;
}
#endif

/* The first tile, and what is left of the last, have no tile's width of neighbours on the left. */
static void measure_native(const uint32_t *row, const uint32_t *above, unsigned w, uint32_t *changes, uint32_t *novel, uint32_t *contrast)
{
#if PIXEL_X86
	if (pixel_has_avx2() && w >= 2 * CONTENT_TILE) {
		unsigned x = measure_avx2(row, above, w, changes, novel, contrast), tile = x / CONTENT_TILE;
		measure_plain(row, row, above, above, CONTENT_TILE, changes, novel, contrast);
		for (unsigned i = x; i < w; i++) {
			bool differs = row[i] != row[i - 1];
			changes[tile] += differs;
			novel[tile] += differs && !(above && row[i] == above[i]);
		}
		if (x < w)
			add_contrast(row + x, above ? above + x : NULL, w - x, contrast + tile);
		return;
	}
#endif
	measure_plain(row, row, above, above, w, changes, novel, contrast);
}

/* One row in so many is looked at. */
enum { EVERY = 4 };

static void scale(struct content *c)
{
	for (unsigned y = 0; y < c->down; y++) {
		unsigned rows = c->h - y * CONTENT_TILE < CONTENT_TILE ? c->h - y * CONTENT_TILE : CONTENT_TILE;
		unsigned seen = 1 + (rows - 1) / EVERY;
		for (unsigned x = 0; x < c->across; x++) {
			c->changes[y][x] = c->changes[y][x] * rows / seen;
			c->novel[y][x] = c->novel[y][x] * rows / seen;
			c->contrast[y][x] = c->contrast[y][x] * rows / seen;
		}
	}
}

void content_measure(struct content *c, const struct pixel_format *f, const uint32_t *px, size_t stride, unsigned w, unsigned h)
{
	uint32_t values[2][CONTENT_W];
	const bool native = pixel_format_equal(f, &pixel_format_native);

	memset(c, 0, sizeof *c);
	c->w = w;
	c->h = h;
	c->across = (w + CONTENT_TILE - 1) / CONTENT_TILE;
	c->down = (h + CONTENT_TILE - 1) / CONTENT_TILE;
	for (unsigned y = 0; y < h; y++) {
		/* from the middle of every four, so that the row above is the same tile's */
		if (y % EVERY != (h % EVERY == 1 && y == h - 1 ? 0u : 1u))
			continue;
		const uint32_t *row = px + y * stride, *above = y ? row - stride : NULL;
		unsigned tile = y / CONTENT_TILE;
		if (native) {
			measure_native(row, above, w, c->changes[tile], c->novel[tile], c->contrast[tile]);
			continue;
		}
		pixel_to_values(f, values[0], row, w);
		if (above)
			pixel_to_values(f, values[1], above, w);
		measure_plain(row, values[0], above, values[1], w, c->changes[tile], c->novel[tile], c->contrast[tile]);
	}
	scale(c);
}

/* A tile's bytes as drawing: what deflate makes of its indices, and its share of the palette. */
static uint32_t drawn_bytes(const struct content *c, unsigned x, unsigned y)
{
	return c->novel[y][x] * 5 / 4 + c->changes[y][x] / 4;
}

/* And as a part of a JPEG. */
static uint32_t picture_bytes(const struct content *c, unsigned x, unsigned y)
{
	return 30 + c->contrast[y][x] / 300;
}

static bool is_picture(const struct content *c, unsigned x, unsigned y, bool lossy)
{
	uint32_t drawn = drawn_bytes(c, x, y);

	if (lossy)
		return drawn > picture_bytes(c, x, y);
	return drawn > 220;
}

/* Tiles of `step` tiles each way; a picture where most of them are. */
static unsigned classify(const struct content *c, bool lossy, unsigned step, uint32_t *classes)
{
	unsigned across = (c->across + step - 1) / step, pictures = 0;

	for (unsigned y = 0; y < c->down; y += step)
		for (unsigned x = 0; x < c->across; x += step) {
			unsigned yes = 0, all = 0;
			for (unsigned v = y; v < y + step && v < c->down; v++)
				for (unsigned u = x; u < x + step && u < c->across; u++, all++)
					yes += is_picture(c, u, v, lossy);
			classes[y / step * across + x / step] = yes * 2 > all;
			pictures += yes * 2 > all;
		}
	return pictures;
}

static struct content_part part(const struct content *c, const struct subrect *s, unsigned size)
{
	unsigned x = s->x * size, y = s->y * size, w = s->w * size, h = s->h * size;

	return (struct content_part){ { x, y, x + w > c->w ? c->w - x : w, y + h > c->h ? c->h - y : h }, s->colour != 0 };
}

/* From fine to coarse until the parts are few enough. */
unsigned content_cut(const struct content *c, bool lossy, struct content_part *parts)
{
	uint32_t classes[CONTENT_DOWN * CONTENT_ACROSS];
	struct subrect found[CONTENT_PARTS];

	for (unsigned step = 1;; step *= 2) {
		unsigned across = (c->across + step - 1) / step, down = (c->down + step - 1) / step;
		classify(c, lossy, step, classes);
		/* no class is 2: nothing is background */
		unsigned n = subrects_find(found, CONTENT_PARTS, classes, across, down, 2);
		if (n > CONTENT_PARTS)
			continue;
		for (unsigned i = 0; i < n; i++)
			parts[i] = part(c, &found[i], step * CONTENT_TILE);
		return n;
	}
}

/* What a piece would cost as a drawing and as a picture. */
static void add_costs(const struct content *c, uint64_t *drawn, uint64_t *picture)
{
	for (unsigned y = 0; y < c->down; y++)
		for (unsigned x = 0; x < c->across; x++) {
			*drawn += drawn_bytes(c, x, y);
			*picture += picture_bytes(c, x, y);
		}
}

bool codec_is_picture(const struct codec_source *src, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	uint64_t drawn = 0, picture = 0;

	for (unsigned v = 0; v < h; v += CONTENT_H)
		for (unsigned u = 0; u < w; u += CONTENT_W) {
			struct content c;
			content_measure(&c, &pixel_format_native, src->px + (y + v) * src->stride + x + u, src->stride,
					w - u < CONTENT_W ? w - u : CONTENT_W, h - v < CONTENT_H ? h - v : CONTENT_H);
			add_costs(&c, &drawn, &picture);
		}
	return drawn > picture;
}
