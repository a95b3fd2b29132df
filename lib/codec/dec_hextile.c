/* Hextile (RFC 6143, 7.7.4) and ZlibHex (rfbproto). The rectangle's end is found first, then it is painted. */
#include "codec/decode.h"
#include "codec/hextile.h"

/* The longest that a tile's body can be: two colours and 255 coloured subrectangles. */
enum { BODY_MAX = 4 + 4 + 1 + 255 * 6 };

struct tile { unsigned x, y, w, h; };

static struct tile tile_at(const struct rect *r, size_t i)
{
	size_t across = (r->w + HEX_TILE - 1) / HEX_TILE;
	unsigned x = (unsigned)(i % across) * HEX_TILE, y = (unsigned)(i / across) * HEX_TILE;

	return (struct tile){ x, y, r->w - x < HEX_TILE ? r->w - x : HEX_TILE, r->h - y < HEX_TILE ? r->h - y : HEX_TILE };
}

static size_t tile_count(const struct rect *r)
{
	return (size_t)((r->w + HEX_TILE - 1) / HEX_TILE) * ((r->h + HEX_TILE - 1) / HEX_TILE);
}

/* The length of what follows the subencoding byte; SIZE_MAX when it is cut off. */
static size_t body_length(const struct tile *t, uint8_t mask, unsigned bytes, const uint8_t *p, size_t n)
{
	size_t need = 0;

	if (mask & HEX_RAW) {
		need = (size_t)t->w * t->h * bytes;
		return n < need ? SIZE_MAX : need;
	}
	need += (mask & HEX_BACKGROUND ? bytes : 0) + (mask & HEX_FOREGROUND ? bytes : 0);
	if (mask & HEX_SUBRECTS) {
		if (n <= need)
			return SIZE_MAX;
		need += 1 + p[need] * (mask & HEX_COLOURED ? bytes + 2u : 2u);
	}
	return n < need ? SIZE_MAX : need;
}

/* The tile's length with its subencoding byte; 0 when it is cut off. */
static size_t tile_length(const struct tile *t, bool zlib, unsigned bytes, const uint8_t *p, size_t n)
{
	if (n < 1)
		return 0;
	if (zlib && *p & (HEX_ZLIB_RAW | HEX_ZLIB)) {
		size_t need = n < 3 ? SIZE_MAX : 3u + wire_ld16be(p + 1);
		return n < need ? 0 : need;
	}
	size_t body = body_length(t, *p, bytes, p + 1, n - 1);
	return body == SIZE_MAX ? 0 : 1 + body;
}

/* True when the whole rectangle is there. */
static bool walk(struct dec *k, bool zlib, const uint8_t *bytes, size_t n)
{
	struct progress *g = &k->d->progress;

	while (g->tile < tile_count(&k->r)) {
		struct tile t = tile_at(&k->r, g->tile);
		size_t used = g->at > n ? 0 : tile_length(&t, zlib, pixel_bytes(k->f), bytes + g->at, n - g->at);
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

static bool paint(const struct dec *k, const struct tile *t, const struct unpack *u, struct colours *c, uint8_t mask, const uint8_t *p)
{
	if (mask & HEX_RAW) {
		for (unsigned y = 0; y < t->h; y++, p += t->w * u->pack.bytes)
			unpack(u, dec_row(k, t->x, t->y + y), p, t->w);
		return true;
	}
	if (mask & HEX_BACKGROUND) {
		c->background = unpack1(u, p);
		p += u->pack.bytes;
	}
	if (mask & HEX_FOREGROUND) {
		c->foreground = unpack1(u, p);
		p += u->pack.bytes;
	}
	dec_fill(k, t->x, t->y, t->w, t->h, c->background);
	return !(mask & HEX_SUBRECTS) || paint_subrects(k, t, u, c, p, mask & HEX_COLOURED);
}

/* A tile whose body is deflated. */
static bool paint_deflated(struct dec *k, const struct tile *t, const struct unpack *u, struct colours *c, const uint8_t *p)
{
	const uint8_t mask = *p & HEX_ZLIB_RAW ? HEX_RAW : *p & 31;
	struct inflate *z = &k->d->hex[*p & HEX_ZLIB_RAW ? 0 : 1];
	uint8_t body[BODY_MAX];

	if (!inflate_feed(z, p + 3, wire_ld16be(p + 1)))
		return false;
	size_t n = inflate_some(z, body, sizeof body);
	if (n == SIZE_MAX || body_length(t, mask, u->pack.bytes, body, n) != n)
		return false;
	return paint(k, t, u, c, mask, body) && inflate_finish(z);
}

static long long decode(struct dec *k, bool zlib, const uint8_t *bytes, size_t n)
{
	const struct unpack u = unpack_pixel(k->f);
	struct colours c = { 0 };
	size_t at = 0;

	if (!walk(k, zlib, bytes, n))
		return 0;
	for (size_t i = 0; i < tile_count(&k->r); i++) {
		struct tile t = tile_at(&k->r, i);
		const uint8_t *p = bytes + at;
		bool deflated = zlib && *p & (HEX_ZLIB_RAW | HEX_ZLIB);
		if (deflated ? !paint_deflated(k, &t, &u, &c, p) : !paint(k, &t, &u, &c, *p, p + 1))
			return CODEC_E_BAD;
		at += tile_length(&t, zlib, u.pack.bytes, p, n - at);
	}
	return (long long)at;
}

long long dec_hextile(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, false, bytes, n);
}

long long dec_zlibhex(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, true, bytes, n);
}
