/* Measuring and cutting content. Everything is counted for tiles of 16 × 16, a row of the piece at a time. Two
 * estimates per tile are compared: the bytes that a palette and deflate would need, and the bytes of a picture; both are linear in
 * what was counted, with factors fitted to text (plain and smoothed), drawings and photographs. */
#include "codec/content.h"

#include <string.h>

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

/* Row y of the values: which pixels differ from the left, and from above. */
static void count_changes(struct content *c, const uint32_t *row, unsigned y)
{
	uint32_t *changes = c->changes[y / CONTENT_TILE], *novel = c->novel[y / CONTENT_TILE];

	for (unsigned x = 0; x < c->w; x += 64) {
		unsigned n = c->w - x < 64 ? c->w - x : 64;
		uint64_t left = scan_changes(row, x, n);
		uint64_t above = y ? ~scan_equal(row + x, row + x - c->w, n) : UINT64_MAX;
		for (unsigned i = 0; i < n; i += CONTENT_TILE) {
			uint64_t bits = left >> i & 0xffff;
			changes[(x + i) / CONTENT_TILE] += (uint32_t)__builtin_popcountll(bits);
			novel[(x + i) / CONTENT_TILE] += (uint32_t)__builtin_popcountll(bits & above >> i);
		}
	}
}

static void add_contrast(struct content *c, const uint32_t *row, size_t stride, unsigned y)
{
	uint32_t *contrast = c->contrast[y / CONTENT_TILE];

	for (unsigned x = 0; x < c->w; x += CONTENT_TILE) {
		unsigned n = c->w - x < CONTENT_TILE ? c->w - x : CONTENT_TILE;
		contrast[x / CONTENT_TILE] += differences(row + x + 1, row + x, n - 1);
		if (y)
			contrast[x / CONTENT_TILE] += differences(row + x, row + x - stride, n);
	}
}

void content_measure(struct content *c, const uint32_t *values, const uint32_t *px, size_t stride, unsigned w, unsigned h)
{
	memset(c, 0, sizeof *c);
	c->w = w;
	c->h = h;
	c->across = (w + CONTENT_TILE - 1) / CONTENT_TILE;
	c->down = (h + CONTENT_TILE - 1) / CONTENT_TILE;
	for (unsigned y = 0; y < h; y++) {
		count_changes(c, values + (size_t)y * w, y);
		add_contrast(c, px + y * stride, stride, y);
	}
}

/* A tile's bytes as drawing: what deflate makes of its indices, and its share of the palette. */
static uint32_t drawn_bytes(const struct content *c, unsigned x, unsigned y)
{
	return c->novel[y][x] * 5 / 4 + c->changes[y][x] / 4;
}

static bool is_picture(const struct content *c, unsigned x, unsigned y, bool lossy)
{
	uint32_t drawn = drawn_bytes(c, x, y);

	if (lossy)
		return drawn > 30 + c->contrast[y][x] / 300;
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
	uint32_t classes[CONTENT_TILES * CONTENT_TILES];
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
