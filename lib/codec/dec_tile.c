/* One tile of TRLE, ZRLE (RFC 6143, 7.7.5 and 7.7.6) or ZYWRLE. */
#include "codec/decode.h"
#include "codec/wavelet.h"

#include <string.h>

enum { RAW = 0, SOLID = 1, PACKED_MAX = 16, REUSE_PACKED = 127, PLAIN_RLE = 128, REUSE_RLE = 129 };

struct tile {
	uint32_t *px;		/* NULL: only find the end */
	unsigned w, h, n;
};

static void fill(const struct tile *a, size_t from, size_t count, uint32_t colour)
{
	if (a->px)
		for (size_t i = 0; i < count; i++)
			a->px[from + i] = colour;
}

/* A run's length at *p; 0 when it is cut off, more than `most` when it is too long. */
static size_t run_length(const uint8_t **p, const uint8_t *end, size_t most)
{
	size_t length = 1;

	while (*p < end) {
		uint8_t b = *(*p)++;
		length += b;
		if (b != 255 || length > most)
			return length;
	}
	return 0;
}

static long long get_raw(const struct tile_reader *t, const struct tile *a, const uint8_t *p, size_t n)
{
	size_t need = (size_t)a->n * t->unpack.pack.bytes;

	if (n < need)
		return 0;
	if (a->px)
		unpack(&t->unpack, a->px, p, a->n);
	return (long long)need + 1;
}

static long long get_plain_rle(const struct tile_reader *t, const struct tile *a, const uint8_t *bytes, size_t n)
{
	const uint8_t *p = bytes, *end = bytes + n;
	size_t at = 0;

	while (at < a->n) {
		const uint8_t *colour = p;
		if ((size_t)(end - p) < t->unpack.pack.bytes)
			return 0;
		p += t->unpack.pack.bytes;
		size_t length = run_length(&p, end, a->n - at);
		if (length == 0)
			return 0;
		if (length > a->n - at)
			return CODEC_E_BAD;
		if (a->px)
			fill(a, at, length, unpack1(&t->unpack, colour));
		at += length;
	}
	return 1 + (p - bytes);
}

/* As in get_plain_rle, after the palette; `skip` bytes came before. */
static long long get_palette_rle(const struct tile_reader *t, const struct tile *a, const uint8_t *bytes, size_t n, size_t skip)
{
	const uint8_t *p = bytes, *end = bytes + n;
	size_t at = 0;

	while (at < a->n) {
		if (p == end)
			return 0;
		uint8_t index = *p++;
		size_t length = index & 128 ? run_length(&p, end, a->n - at) : 1;
		if (length == 0)
			return 0;
		if (length > a->n - at || (index & 127u) >= t->n)
			return CODEC_E_BAD;
		fill(a, at, length, t->colour[index & 127]);
		at += length;
	}
	return (long long)skip + (p - bytes);
}

static long long get_packed(const struct tile_reader *t, const struct tile *a, const uint8_t *p, size_t n, size_t skip)
{
	const unsigned bits = t->n <= 2 ? 1 : t->n <= 4 ? 2 : 4;
	const size_t row = (size_t)(a->w * bits + 7) / 8;

	if (n < row * a->h)
		return 0;
	for (unsigned y = 0; a->px && y < a->h; y++, p += row)
		for (unsigned x = 0; x < a->w; x++) {
			unsigned i = p[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1u << bits) - 1);
			if (i >= t->n)
				return CODEC_E_BAD;
			a->px[y * a->w + x] = t->colour[i];
		}
	return (long long)(skip + row * a->h);
}

/* The palette of a tile that brings its own. False when it is cut off. */
static bool get_palette(struct tile_reader *t, unsigned count, const uint8_t *p, size_t n, bool keep)
{
	if (n < (size_t)count * t->unpack.pack.bytes)
		return false;
	t->n = count;
	if (keep)
		unpack(&t->unpack, t->colour, p, count);
	return true;
}

static long long get_with_palette(struct tile_reader *t, const struct tile *a, uint8_t type, const uint8_t *p, size_t n)
{
	const bool rle = type >= PLAIN_RLE, reuse = type == REUSE_PACKED || type == REUSE_RLE;
	size_t skip = 0;

	if (reuse) {
		if (!t->reuse || t->n == 0 || (!rle && t->n > PACKED_MAX))
			return CODEC_E_BAD;
	} else {
		unsigned count = rle ? type - 128u : type;
		if (!get_palette(t, count, p, n, a->px != NULL))
			return 0;
		skip = (size_t)count * t->unpack.pack.bytes;
	}
	return rle ? get_palette_rle(t, a, p + skip, n - skip, 1 + skip) : get_packed(t, a, p + skip, n - skip, 1 + skip);
}

/* A tile of coefficients inside a raw tile. */
static long long get_wavelet(const struct tile_reader *t, const struct tile *a, const uint8_t *bytes, size_t n)
{
	struct tile_reader plain = { .unpack = t->unpack };
	uint32_t coefficients[TILE_AREA_MAX];
	long long used = tile_get(&plain, coefficients, a->w, a->h, bytes, n);

	if (used <= 0)
		return used;
	if (a->px)
		wavelet_synthesise(t->unpack.f, a->px, coefficients, a->w, a->h, t->levels);
	return used + 1;
}

long long tile_get(struct tile_reader *t, uint32_t *px, unsigned w, unsigned h, const uint8_t *bytes, size_t n)
{
	const struct tile a = { px, w, h, w * h };

	if (n < 1)
		return 0;
	const uint8_t type = *bytes++;
	n--;
	switch (type) {
	case RAW:
		return t->levels ? get_wavelet(t, &a, bytes, n) : get_raw(t, &a, bytes, n);
	case SOLID:
		if (n < t->unpack.pack.bytes)
			return 0;
		t->n = 1;
		t->colour[0] = unpack1(&t->unpack, bytes);
		fill(&a, 0, a.n, t->colour[0]);
		return 1 + t->unpack.pack.bytes;
	case PLAIN_RLE:
		return get_plain_rle(t, &a, bytes, n);
	default:
		if (type > PACKED_MAX && type < REUSE_PACKED)
			return CODEC_E_BAD;
		return get_with_palette(t, &a, type, bytes, n);
	}
}
