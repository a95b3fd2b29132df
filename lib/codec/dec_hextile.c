/* Hextile (RFC 6143, 7.7.4). The rectangle's end is found first, then it is painted. */
#include "codec/decode.h"

enum { TILE = 16, RAW = 1, BACKGROUND = 2, FOREGROUND = 4, SUBRECTS = 8, COLOURED = 16 };

struct tile { unsigned x, y, w, h; };

static struct tile tile_at(const struct rect *r, size_t i)
{
	size_t across = (r->w + TILE - 1) / TILE;
	unsigned x = (unsigned)(i % across) * TILE, y = (unsigned)(i / across) * TILE;

	return (struct tile){ x, y, r->w - x < TILE ? r->w - x : TILE, r->h - y < TILE ? r->h - y : TILE };
}

static size_t tile_count(const struct rect *r)
{
	return (size_t)((r->w + TILE - 1) / TILE) * ((r->h + TILE - 1) / TILE);
}

/* The tile's length; 0 when there are too few bytes to say or to hold it. */
static size_t tile_length(const struct tile *t, unsigned bytes, const uint8_t *p, size_t n)
{
	size_t need = 1;

	if (n < 1)
		return 0;
	if (*p & RAW) {
		need += (size_t)t->w * t->h * bytes;
		return n < need ? 0 : need;
	}
	need += (*p & BACKGROUND ? bytes : 0) + (*p & FOREGROUND ? bytes : 0);
	if (*p & SUBRECTS) {
		if (n <= need)
			return 0;
		need += 1 + p[need] * (*p & COLOURED ? bytes + 2u : 2u);
	}
	return n < need ? 0 : need;
}

/* True when the whole rectangle is there. */
static bool walk(struct dec *k, const uint8_t *bytes, size_t n)
{
	struct progress *g = &k->d->progress;

	while (g->tile < tile_count(&k->r)) {
		struct tile t = tile_at(&k->r, g->tile);
		size_t used = g->at > n ? 0 : tile_length(&t, pixel_bytes(k->f), bytes + g->at, n - g->at);
		if (used == 0)
			return false;
		g->at += used;
		g->tile++;
	}
	return true;
}

struct colours { uint32_t background, foreground; };

static bool paint_subrects(const struct dec *k, const struct tile *t, const struct unpack *u, const struct colours *c,
			   const uint8_t *p, bool coloured)
{
	unsigned count = *p++;

	for (unsigned i = 0; i < count; i++, p += 2) {
		uint32_t colour = c->foreground;
		if (coloured) {
			colour = unpack1(u, p);
			p += u->pack.bytes;
		}
		unsigned x = p[0] >> 4, y = p[0] & 15, w = (p[1] >> 4) + 1u, h = (p[1] & 15) + 1u;
		if (x + w > t->w || y + h > t->h)
			return false;
		dec_fill(k, t->x + x, t->y + y, w, h, colour);
	}
	return true;
}

static bool paint(const struct dec *k, const struct tile *t, const struct unpack *u, struct colours *c, const uint8_t *p)
{
	const uint8_t mask = *p++;

	if (mask & RAW) {
		for (unsigned y = 0; y < t->h; y++, p += t->w * u->pack.bytes)
			unpack(u, dec_row(k, t->x, t->y + y), p, t->w);
		return true;
	}
	if (mask & BACKGROUND) {
		c->background = unpack1(u, p);
		p += u->pack.bytes;
	}
	if (mask & FOREGROUND) {
		c->foreground = unpack1(u, p);
		p += u->pack.bytes;
	}
	dec_fill(k, t->x, t->y, t->w, t->h, c->background);
	return !(mask & SUBRECTS) || paint_subrects(k, t, u, c, p, mask & COLOURED);
}

long long dec_hextile(struct dec *k, const uint8_t *bytes, size_t n)
{
	const struct unpack u = unpack_pixel(k->f);
	struct colours c = { 0 };
	size_t at = 0;

	if (!walk(k, bytes, n))
		return 0;
	for (size_t i = 0; i < tile_count(&k->r); i++) {
		struct tile t = tile_at(&k->r, i);
		if (!paint(k, &t, &u, &c, bytes + at))
			return CODEC_E_BAD;
		at += tile_length(&t, u.pack.bytes, bytes + at, n - at);
	}
	return (long long)at;
}
