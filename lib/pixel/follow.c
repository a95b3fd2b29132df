/* The one pass over all new pixels: each is read, compared with what the reader has, and put into the reference. One
 * of the noted copies is carried out on the way, since comparing with its source costs no more than comparing with
 * its destination: the tiles go in the order that memmove would take, so that a source is read before it is written. */
#include "pixel/compare.h"
#include "pixel/model.h"

#include <string.h>

struct follower {
	struct pixel_model *m;
	struct pixel_copy copy;		/* dst is empty when there is none */
	int dx, dy;			/* from a pixel to its source */
	bool staged;			/* the sources of a row of tiles are in m->band, at their destinations */
};

/* The noted copy that saves most and may be the last one; n_pending when there is none. */
static size_t choose_last(const struct pixel_model *m)
{
	size_t best = m->n_pending;

	for (size_t i = 0; i < m->n_pending; i++) {
		const struct pixel_copy *c = &m->pending[i];
		const struct pixel_rect src = { c->src_x, c->src_y, c->dst.w, c->dst.h };
		bool free = true;
		for (size_t k = i + 1; k < m->n_pending; k++)
			free &= !pixel_rects_touch(m->pending[k].dst, src);
		if (free && (best == m->n_pending || pixel_rect_area(c->dst) > pixel_rect_area(m->pending[best].dst)))
			best = i;
	}
	return best;
}

static struct follower start(struct pixel_model *m)
{
	struct follower f = { .m = m };
	size_t last = choose_last(m);

	if (last < m->n_pending) {
		f.copy = m->pending[last];
		memmove(m->pending + last, m->pending + last + 1, (--m->n_pending - last) * sizeof *m->pending);
	}
	model_flush(m);
	f.dx = f.copy.src_x - f.copy.dst.x;
	f.dy = f.copy.src_y - f.copy.dst.y;
	/* a tile's rows come one after the other; those beside it must not be overwritten either */
	f.staged = f.dx != 0 && f.dy > -PIXEL_TILE_H && f.dy < PIXEL_TILE_H;
	return f;
}

static void stage_band(const struct follower *f, int ty)
{
	const struct pixel_model *m = f->m;
	struct pixel_rect r = pixel_rect_meet(f->copy.dst, (struct pixel_rect){ 0, ty * PIXEL_TILE_H, m->w, PIXEL_TILE_H });

	for (int y = r.y; y < r.y + r.h; y++)
		memcpy(model_at(m, m->band, r.x, y - ty * PIXEL_TILE_H), model_at(m, m->ref, r.x + f->dx, y + f->dy),
		       (size_t)r.w * sizeof *m->band);
}

/* Where the copy's source of (x, y) is. */
static const uint32_t *source_at(const struct follower *f, int x, int y)
{
	const struct pixel_model *m = f->m;

	return f->staged ? model_at(m, m->band, x, y % PIXEL_TILE_H) : model_at(m, m->ref, x + f->dx, y + f->dy);
}

/* What the reader has in a tile of which the copy covers `part`, in buf. */
static void compose(const struct follower *f, struct pixel_rect r, struct pixel_rect part, uint32_t *buf)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		uint32_t *to = buf + (y - r.y) * PIXEL_TILE_W;
		memcpy(to, model_at(f->m, f->m->ref, r.x, y), (size_t)r.w * sizeof *to);
		if (y >= part.y && y < part.y + part.h)
			memcpy(to + (part.x - r.x), source_at(f, part.x, y), (size_t)part.w * sizeof *to);
	}
}

/* Rows from the last to the first. */
static void turn_over(struct pixel_block *b)
{
	b->dst += (b->h - 1) * b->dst_stride;
	b->src += (b->h - 1) * b->src_stride;
	b->was += (b->h - 1) * b->was_stride;
	b->dst_stride = -b->dst_stride;
	b->src_stride = -b->src_stride;
	b->was_stride = -b->was_stride;
}

/* One tile that is not MODEL_SAME. */
static bool follow_tile(const struct follower *f, struct pixel_rect tile, int place, struct pixel_rect *box)
{
	struct pixel_model *m = f->m;
	const ptrdiff_t stride = (ptrdiff_t)m->stride;
	const struct pixel_lent *l = place >= MODEL_LENT ? &m->lent[place - MODEL_LENT] : NULL;
	struct pixel_rect r = pixel_rect_meet(tile, l ? l->box : model_screen(m)), part = pixel_rect_meet(f->copy.dst, r);
	uint32_t buf[PIXEL_TILE_W * PIXEL_TILE_H];
	uint32_t *ref = model_at(m, m->ref, r.x, r.y);
	struct pixel_block b = { .w = r.w, .h = r.h, .dst = ref, .dst_stride = stride, .was = ref, .was_stride = stride,
		.src = model_at(m, m->next, r.x, r.y), .src_stride = stride };

	if (l) {
		b.src = l->px + (size_t)(r.y - l->box.y) * l->stride + (size_t)(r.x - l->box.x);
		b.src_stride = (ptrdiff_t)l->stride;
	}
	if (pixel_rect_area(part) == pixel_rect_area(r)) {
		b.was = source_at(f, r.x, r.y);
	} else if (!pixel_rect_empty(part)) {
		compose(f, r, part, buf);
		b.was = buf;
		b.was_stride = PIXEL_TILE_W;
	}
	const bool upwards = f->dy < 0;
	if (upwards)
		turn_over(&b);
	if (!pixel_block_follow(&b, box))
		return false;
	if (upwards)
		box->y = r.h - box->y - box->h;
	*box = pixel_rect_shift(*box, r.x, r.y);
	return true;
}

static size_t follow_band(const struct follower *f, int ty, struct pixel_rect *boxes)
{
	const uint8_t *state = f->m->tile + (size_t)ty * (size_t)f->m->tiles_x;
	size_t n = 0;

	if (f->staged)
		stage_band(f, ty);
	for (int tx = 0; tx < f->m->tiles_x; tx++)
		if (state[tx] != MODEL_SAME)
			n += follow_tile(f, model_tile_rect(tx, ty), state[tx] & MODEL_PLACE, &boxes[n]);
	return n;
}

size_t model_follow(struct pixel_model *m, struct pixel_rect *boxes)
{
	const struct follower f = start(m);
	const size_t room = (size_t)m->tiles_x * (size_t)m->tiles_y;
	size_t n = 0;

	if (f.dy >= 0) {
		for (int ty = 0; ty < m->tiles_y; ty++)
			n += follow_band(&f, ty, boxes + n);
		return n;
	}
	/* from below: the boxes are gathered at the end, to be in order all the same */
	for (int ty = m->tiles_y - 1; ty >= 0; ty--) {
		size_t some = follow_band(&f, ty, boxes);
		n += some;
		memmove(boxes + room - n, boxes, some * sizeof *boxes);
	}
	memmove(boxes, boxes + room - n, n * sizeof *boxes);
	return n;
}
