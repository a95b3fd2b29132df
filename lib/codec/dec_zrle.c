/* TRLE, ZRLE (RFC 6143, 7.7.5 and 7.7.6) and ZYWRLE. TRLE's end is found first, tile by tile; ZRLE says its length, and
 * is inflated through a small window that always holds the largest possible tile. */
#include "codec/decode.h"
#include "codec/wavelet.h"

#include <string.h>

/* The longest that a legal tile can be: every pixel a run, and 16 bytes of 255 more. */
enum { TILE_LONGEST = 2 + 127 * 4 + 64 * 64 * 5 + 64 };
_Static_assert(TILE_LONGEST < DECODE_CHUNK / 2, "the window holds two tiles");

struct tiles { unsigned size; size_t across, count; };

static struct tiles tiles_of(const struct rect *r, unsigned size)
{
	size_t across = (r->w + size - 1) / size;

	return (struct tiles){ size, across, across * ((r->h + size - 1) / size) };
}

static struct rect tile_at(const struct tiles *t, const struct rect *r, size_t i)
{
	unsigned x = (unsigned)(i % t->across) * t->size, y = (unsigned)(i / t->across) * t->size;

	return (struct rect){ x, y, r->w - x < t->size ? r->w - x : t->size, r->h - y < t->size ? r->h - y : t->size };
}

/* 1 when the whole rectangle is there, 0 when not yet, CODEC_E_BAD. */
static long long walk(struct dec *k, const struct tiles *t, const uint8_t *bytes, size_t n)
{
	struct progress *g = &k->d->progress;
	struct tile_reader reader = { .unpack = unpack_cpixel(k->f), .reuse = true, .n = g->palette };

	while (g->tile < t->count) {
		struct rect at = tile_at(t, &k->r, g->tile);
		long long used = g->at > n ? 0 : tile_get(&reader, NULL, at.w, at.h, bytes + g->at, n - g->at);
		if (used <= 0)
			return used;
		g->at += (size_t)used;
		g->palette = reader.n;
		g->tile++;
	}
	return 1;
}

long long dec_trle(struct dec *k, const uint8_t *bytes, size_t n)
{
	const struct tiles t = tiles_of(&k->r, 16);
	struct tile_reader reader = { .unpack = unpack_cpixel(k->f), .reuse = true };
	uint32_t px[16 * 16];
	size_t at = 0;

	long long whole = walk(k, &t, bytes, n);
	if (whole <= 0)
		return whole;
	for (size_t i = 0; i < t.count; i++) {
		struct rect r = tile_at(&t, &k->r, i);
		long long used = tile_get(&reader, px, r.w, r.h, bytes + at, n - at);
		if (used <= 0)
			return CODEC_E_BAD;
		dec_paint(k, r.x, r.y, r.w, r.h, px);
		at += (size_t)used;
	}
	return (long long)at;
}

struct window { uint8_t *bytes; size_t at, end; };

/* Tops the window up so that it holds a whole tile, if there is as much. */
static bool window_fill(struct window *w, struct inflate *z)
{
	if (w->end - w->at >= TILE_LONGEST)
		return true;
	memmove(w->bytes, w->bytes + w->at, w->end - w->at);
	w->end -= w->at;
	w->at = 0;
	size_t got = inflate_some(z, w->bytes + w->end, DECODE_CHUNK - w->end);
	if (got == SIZE_MAX)
		return false;
	w->end += got;
	return true;
}

/* levels: of ZYWRLE's wavelet; -1 for ZRLE, whose tiles are colours at once. */
static bool paint_tiles(struct dec *k, struct inflate *z, int levels)
{
	const struct tiles t = tiles_of(&k->r, 64);
	struct tile_reader reader = { .unpack = levels < 0 ? unpack_cpixel(k->f) : unpack_cpixel_values(k->f),
		.levels = levels < 0 ? 0 : (unsigned)levels };
	struct window w = { .bytes = k->d->chunk };
	uint32_t px[TILE_AREA_MAX], colours[TILE_AREA_MAX];

	for (size_t i = 0; i < t.count; i++) {
		struct rect r = tile_at(&t, &k->r, i);
		if (!window_fill(&w, z))
			return false;
		long long used = tile_get(&reader, px, r.w, r.h, w.bytes + w.at, w.end - w.at);
		if (used <= 0)
			return false;
		if (levels >= 0)
			pixel_from_values(k->f, colours, px, (size_t)r.w * r.h);
		dec_paint(k, r.x, r.y, r.w, r.h, levels < 0 ? px : colours);
		w.at += (size_t)used;
	}
	return w.at == w.end;
}

static long long decode(struct dec *k, int levels, const uint8_t *bytes, size_t n)
{
	struct inflate *z = &k->d->zrle;

	if (n < 4 || n - 4 < wire_ld32be(bytes))
		return 0;
	size_t length = wire_ld32be(bytes);
	if (!inflate_feed(z, bytes + 4, length))
		return CODEC_E_SYSTEM;
	if (!paint_tiles(k, z, levels) || !inflate_finish(z))
		return CODEC_E_BAD;
	return 4 + (long long)length;
}

long long dec_zrle(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, -1, bytes, n);
}

long long dec_zywrle(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, wavelet_can(k->f) ? wavelet_level(k->d->quality) : -1, bytes, n);
}
