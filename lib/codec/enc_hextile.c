/* Hextile (RFC 6143, 7.7.4): tiles of 16 × 16 as background and subrectangles, or raw where that is smaller. */
#include "codec/encode.h"

enum { TILE = 16, RAW = 1, BACKGROUND = 2, FOREGROUND = 4, SUBRECTS = 8, COLOURED = 16, MOST = 255 };

/* What the viewer remembers from the tile before. */
struct carry {
	bool has_background, has_foreground;
	uint32_t background, foreground;
};

/* What a tile will be sent as. */
struct plan {
	uint8_t mask;
	uint32_t background, foreground;
	unsigned n;
	struct subrect found[MOST];
};

static size_t cost(const struct plan *p, unsigned bytes)
{
	return 1 + (p->mask & BACKGROUND ? bytes : 0) + (p->mask & FOREGROUND ? bytes : 0) +
	       (p->mask & SUBRECTS ? 1 + p->n * (p->mask & COLOURED ? bytes + 2u : 2u) : 0);
}

static void plan_tile(struct plan *p, struct palette *colours, const struct carry *c, const uint32_t *px,
		      unsigned w, unsigned h, unsigned bytes)
{
	const size_t raw = 1 + (size_t)w * h * bytes;

	p->mask = RAW;
	if (!palette_scan(colours, px, (size_t)w * h, MOST))
		return;
	p->background = colours->colour[palette_commonest(colours)];
	p->n = 0;
	uint8_t mask = c->has_background && c->background == p->background ? 0 : BACKGROUND;
	if (colours->n > 1) {
		p->n = subrects_find(p->found, MOST, px, w, h, p->background);
		if (p->n > MOST)
			return;
		mask |= SUBRECTS | (colours->n > 2 ? COLOURED : 0);
		p->foreground = p->found[0].colour;
		if (colours->n == 2 && !(c->has_foreground && c->foreground == p->foreground))
			mask |= FOREGROUND;
	}
	p->mask = mask;
	if (cost(p, bytes) >= raw)
		p->mask = RAW;
}

static void put_colour(struct wire_buf *out, const struct pack *k, uint32_t colour)
{
	uint8_t *p = wire_buf_grow(out, k->bytes);

	if (p)
		pack_put1(k, p, colour);
}

static void put_tile(struct wire_buf *out, const struct pack *k, const struct plan *p, const uint32_t *px, size_t n)
{
	wire_put_u8(out, p->mask);
	if (p->mask & RAW) {
		uint8_t *to = wire_buf_grow(out, n * k->bytes);
		if (to)
			pack_put(k, to, px, n);
		return;
	}
	if (p->mask & BACKGROUND)
		put_colour(out, k, p->background);
	if (p->mask & FOREGROUND)
		put_colour(out, k, p->foreground);
	if (!(p->mask & SUBRECTS))
		return;
	wire_put_u8(out, (uint8_t)p->n);
	for (unsigned i = 0; i < p->n; i++) {
		const struct subrect *s = &p->found[i];
		if (p->mask & COLOURED)
			put_colour(out, k, s->colour);
		wire_put_u8(out, (uint8_t)(s->x << 4 | s->y));
		wire_put_u8(out, (uint8_t)((s->w - 1) << 4 | (s->h - 1)));
	}
}

static void carry_on(struct carry *c, const struct plan *p)
{
	if (p->mask & RAW) {
		*c = (struct carry){ 0 };
		return;
	}
	c->has_background = true;
	c->background = p->background;
	if (p->mask & COLOURED) {
		c->has_foreground = false;
	} else if (p->mask & SUBRECTS) {
		c->has_foreground = true;
		c->foreground = p->foreground;
	}
}

void enc_hextile(struct job *j, struct rect r)
{
	const struct pack k = pack_pixel(&j->p->format);
	struct carry c = { 0 };
	struct plan plan;
	uint32_t px[TILE * TILE];

	job_header(j, r, CODEC_HEXTILE);
	for (unsigned y = 0; y < r.h; y += TILE) {
		unsigned h = r.h - y < TILE ? r.h - y : TILE;
		const uint32_t *strip = job_values(j, (struct rect){ r.x, r.y + y, r.w, h });
		for (unsigned x = 0; strip && x < r.w; x += TILE) {
			unsigned w = r.w - x < TILE ? r.w - x : TILE;
			tile_copy(px, strip + x, r.w, w, h);
			plan_tile(&plan, &j->e->palette, &c, px, w, h, k.bytes);
			put_tile(job_out(j), &k, &plan, px, (size_t)w * h);
			carry_on(&c, &plan);
		}
	}
}
