/* Hextile (RFC 6143, 7.7.4): tiles of 16 × 16 as background and subrectangles, or raw where that is smaller. */
#include "codec/encode.h"
#include "codec/hextile.h"

/* What the viewer remembers from the tile before. Zero at a rectangle's beginning. */
struct hex_carry {
	bool has_background, has_foreground;
	uint32_t background, foreground;
};

static size_t cost(const struct hex_plan *p, unsigned bytes)
{
	return 1 + (p->mask & HEX_BACKGROUND ? bytes : 0) + (p->mask & HEX_FOREGROUND ? bytes : 0) +
	       (p->mask & HEX_SUBRECTS ? 1 + p->n * (p->mask & HEX_COLOURED ? bytes + 2u : 2u) : 0);
}

/* A pixel unlike those on its left and above is the corner of its rectangle: where most are, subrectangles cannot pay. */
static bool mostly_corners(const uint32_t *px, unsigned w, unsigned h)
{
	unsigned corners = 0;

	for (unsigned y = 0; y < h; y++, px += w) {
		uint64_t bits = scan_changes(px, 0, w);
		corners += (unsigned)__builtin_popcountll(y ? bits & ~scan_equal(px, px - w, w) : bits);
	}
	return corners * 4 > w * h * 3;
}

static void make_plan(struct hex_plan *p, struct palette *colours, const struct hex_carry *c, const uint32_t *px,
	      unsigned w, unsigned h, unsigned bytes)
{
	enum { FEW = 16 };
	const size_t raw = 1 + (size_t)w * h * bytes, area = (size_t)w * h;

	p->mask = HEX_RAW;
	if (!palette_scan(colours, px, area, FEW) &&
	    (mostly_corners(px, w, h) || !palette_scan(colours, px, area, HEX_SUBRECTS_MAX)))
		return;
	p->background = colours->colour[palette_commonest(colours)];
	p->n = 0;
	uint8_t mask = c->has_background && c->background == p->background ? 0 : HEX_BACKGROUND;
	if (colours->n > 1) {
		p->n = subrects_find(p->found, HEX_SUBRECTS_MAX, px, w, h, p->background);
		if (p->n > HEX_SUBRECTS_MAX)
			return;
		mask |= HEX_SUBRECTS | (colours->n > 2 ? HEX_COLOURED : 0);
		p->foreground = p->found[0].colour;
		if (colours->n == 2 && !(c->has_foreground && c->foreground == p->foreground))
			mask |= HEX_FOREGROUND;
	}
	p->mask = mask;
	if (cost(p, bytes) >= raw)
		p->mask = HEX_RAW;
}

static void put_colour(struct wire_buf *out, const struct pack *k, uint32_t colour)
{
	uint8_t *p = wire_buf_grow(out, k->bytes);

	if (p)
		pack_put1(k, p, colour);
}

void hex_put_body(struct wire_buf *out, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n)
{
	if (p->mask & HEX_RAW) {
		uint8_t *to = wire_buf_grow(out, n * k->bytes);
		if (to)
			pack_put(k, to, px, n);
		return;
	}
	if (p->mask & HEX_BACKGROUND)
		put_colour(out, k, p->background);
	if (p->mask & HEX_FOREGROUND)
		put_colour(out, k, p->foreground);
	if (!(p->mask & HEX_SUBRECTS))
		return;
	wire_put_u8(out, (uint8_t)p->n);
	for (unsigned i = 0; i < p->n; i++) {
		const struct subrect *s = &p->found[i];
		if (p->mask & HEX_COLOURED)
			put_colour(out, k, s->colour);
		wire_put_u8(out, (uint8_t)(s->x << 4 | s->y));
		wire_put_u8(out, (uint8_t)((s->w - 1) << 4 | (s->h - 1)));
	}
}

static void carry_on(struct hex_carry *c, const struct hex_plan *p)
{
	if (p->mask & HEX_RAW) {
		*c = (struct hex_carry){ 0 };
		return;
	}
	c->has_background = true;
	c->background = p->background;
	if (p->mask & HEX_COLOURED) {
		c->has_foreground = false;
	} else if (p->mask & HEX_SUBRECTS) {
		c->has_foreground = true;
		c->foreground = p->foreground;
	}
}

void hex_tiles(struct job *j, struct rect r, int32_t encoding,
	       void (*put)(struct job *j, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n))
{
	const struct pack k = pack_pixel(&j->p->format);
	struct hex_carry c = { 0 };
	struct hex_plan plan;
	uint32_t px[HEX_TILE * HEX_TILE];

	job_header(j, r, encoding);
	for (unsigned y = 0; y < r.h; y += HEX_TILE) {
		unsigned h = r.h - y < HEX_TILE ? r.h - y : HEX_TILE;
		const uint32_t *strip = job_values(j, (struct rect){ r.x, r.y + y, r.w, h });
		for (unsigned x = 0; strip && x < r.w; x += HEX_TILE) {
			unsigned w = r.w - x < HEX_TILE ? r.w - x : HEX_TILE;
			tile_copy(px, strip + x, r.w, w, h);
			make_plan(&plan, &j->e->palette, &c, px, w, h, k.bytes);
			put(j, &k, &plan, px, (size_t)w * h);
			carry_on(&c, &plan);
		}
	}
}

static void put_tile(struct job *j, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n)
{
	wire_put_u8(job_out(j), p->mask);
	hex_put_body(job_out(j), k, p, px, n);
}

void enc_hextile(struct job *j, struct rect r)
{
	hex_tiles(j, r, CODEC_HEXTILE, put_tile);
}
