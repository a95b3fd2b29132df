/* A viewer's pending region and copies. Copies are queued before pixels in an update; where a
 * copy's source is pending, so is its destination then. A later change of the source does it no
 * harm, because the viewer reads it as it was when the screen copied it.
 *
 * A viewer that lags behind a scroll would get a copy for each step of it: two in a row become one where
 * what that leaves out is pending anyway. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

enum {
	PIECES_MAX = 96,	/* a copy cut into more pieces than this is not worth it */
	PIECE_LEAST = 96,	/* pixels that are cheaper sent than copied */
};

void picture_init(struct picture *p)
{
	memset(p, 0, sizeof *p);
	pixman_region32_init(&p->pending);
	pixman_region32_init(&p->lossy);
	pixman_region32_init(&p->fresh);
	pixman_region32_init(&p->due);
}

void picture_fini(struct picture *p)
{
	pixman_region32_fini(&p->pending);
	pixman_region32_fini(&p->lossy);
	pixman_region32_fini(&p->fresh);
	pixman_region32_fini(&p->due);
	free(p->copies);
	p->copies = NULL;
}

void picture_reset(struct picture *p, uint32_t w, uint32_t h)
{
	p->n_copies = 0;
	pixman_region32_clear(&p->lossy);
	pixman_region32_clear(&p->fresh);
	pixman_region32_clear(&p->due);
	pixman_region32_clear(&p->pending);
	pixman_region32_union_rect(&p->pending, &p->pending, 0, 0, w, h);
}

void picture_damage(struct picture *p, const pixman_region32_t *region)
{
	pixman_region32_union(&p->pending, &p->pending, (pixman_region32_t *)region);
}

void picture_damage_box(struct picture *p, const pixman_box32_t *b)
{
	pixman_region32_union_rect(&p->pending, &p->pending, b->x1, b->y1,
				   (unsigned)(b->x2 - b->x1), (unsigned)(b->y2 - b->y1));
}

static bool queue(struct picture *p, const struct fbs_copy *c)
{
	if (p->n_copies == p->cap_copies) {
		unsigned want = p->cap_copies ? p->cap_copies * 2 : 8;
		struct fbs_copy *q = want > PICTURE_COPIES_MAX ? NULL : realloc(p->copies, want * sizeof *q);
		if (!q)
			return false;
		p->copies = q;
		p->cap_copies = want;
	}
	p->copies[p->n_copies++] = *c;
	return true;
}

/* Queues a region's boxes, as destinations, so that none overwrites what another still reads. Those that are
 * not worth a copy are added to *small. */
static bool queue_region(struct picture *p, pixman_region32_t *dst, int dx, int dy, pixman_region32_t *small)
{
	int n;
	const pixman_box32_t *b = pixman_region32_rectangles(dst, &n);
	if (n > PIECES_MAX || p->n_copies + (unsigned)n > PICTURE_COPIES_MAX)
		return false;
	/* the boxes are in bands from top to bottom, each from left to right */
	int order[PIECES_MAX], m = 0;
	for (int band = 0; band < n;) {
		int end = band;
		while (end < n && b[end].y1 == b[band].y1)
			end++;
		for (int i = 0; i < end - band; i++)
			order[m++] = (dx > 0) != (dy > 0) ? end - 1 - i : band + i;
		band = end;
	}
	for (int i = 0; i < n; i++) {
		const pixman_box32_t *o = &b[order[dy > 0 ? n - 1 - i : i]];
		if ((o->x2 - o->x1) * (o->y2 - o->y1) < PIECE_LEAST) {
			pixman_region32_union_rect(small, small, o->x1, o->y1, (unsigned)(o->x2 - o->x1), (unsigned)(o->y2 - o->y1));
			continue;
		}
		struct fbs_copy c = { (uint16_t)o->x1, (uint16_t)o->y1, (uint16_t)(o->x2 - o->x1), (uint16_t)(o->y2 - o->y1),
				      (uint16_t)(o->x1 - dx), (uint16_t)(o->y1 - dy) };
		if (!queue(p, &c))
			return false;
	}
	return true;
}

/* `which` after the copy: what lay in the source lies in the destination too, and only that. */
static void move_along(pixman_region32_t *which, const struct fbs_copy *c)
{
	if (!pixman_region32_not_empty(which))
		return;
	pixman_region32_t moved, dst;
	pixman_region32_init(&moved);
	pixman_region32_init_rect(&dst, c->x, c->y, c->w, c->h);
	pixman_region32_intersect_rect(&moved, which, c->src_x, c->src_y, c->w, c->h);
	pixman_region32_translate(&moved, c->x - c->src_x, c->y - c->src_y);
	pixman_region32_subtract(which, which, &dst);
	pixman_region32_union(which, which, &moved);
	pixman_region32_fini(&moved);
	pixman_region32_fini(&dst);
}

static bool is_within(const pixman_region32_t *part, const pixman_region32_t *of)
{
	pixman_region32_t left;
	pixman_region32_init(&left);
	pixman_region32_subtract(&left, (pixman_region32_t *)part, (pixman_region32_t *)of);
	bool within = !pixman_region32_not_empty(&left);
	pixman_region32_fini(&left);
	return within;
}

/* Makes the last copy and this one, which reads what that has written, into one. False: that would lose something. */
static bool merge(struct picture *p, const struct fbs_copy *c)
{
	if (!p->n_copies)
		return false;
	struct fbs_copy *last = &p->copies[p->n_copies - 1];
	pixman_region32_t first, both, source, dst;
	pixman_region32_init_rect(&first, last->x, last->y, last->w, last->h);
	pixman_region32_init_rect(&source, c->src_x, c->src_y, c->w, c->h);
	pixman_region32_init_rect(&dst, c->x, c->y, c->w, c->h);
	pixman_region32_init(&both);
	pixman_region32_intersect(&both, &first, &source);
	/* neither what only the last wrote, nor what this one reads from elsewhere, may be of use */
	pixman_region32_subtract(&first, &first, &dst);
	pixman_region32_subtract(&source, &source, &both);
	bool good = pixman_region32_not_empty(&both) && is_within(&first, &p->pending) && is_within(&source, &p->pending);
	if (good) {
		const pixman_box32_t *b = pixman_region32_extents(&both);	/* of two rectangles: one */
		*last = (struct fbs_copy){
			(uint16_t)(b->x1 + c->x - c->src_x), (uint16_t)(b->y1 + c->y - c->src_y), (uint16_t)(b->x2 - b->x1), (uint16_t)(b->y2 - b->y1),
			(uint16_t)(b->x1 + last->src_x - last->x), (uint16_t)(b->y1 + last->src_y - last->y),
		};
	}
	pixman_region32_fini(&first);
	pixman_region32_fini(&source);
	pixman_region32_fini(&dst);
	pixman_region32_fini(&both);
	return good;
}

static uint64_t region_area(pixman_region32_t *r)
{
	int n;
	uint64_t sum = 0;
	const pixman_box32_t *b = pixman_region32_rectangles(r, &n);
	for (int i = 0; i < n; i++)
		sum += (uint64_t)(b[i].x2 - b[i].x1) * (uint64_t)(b[i].y2 - b[i].y1);
	return sum;
}

/* Queues a copy of which the part `valid` (as destination) is good: whole if that is most of it. */
static bool queue_copy(struct picture *p, const struct fbs_copy *c, pixman_region32_t *valid, pixman_region32_t *small)
{
	unsigned before = p->n_copies;
	if (!pixman_region32_not_empty(valid))
		return true;
	if (merge(p, c))
		return true;
	if (2 * region_area(valid) >= (uint64_t)c->w * c->h)
		return queue(p, c);
	if (queue_region(p, valid, c->x - c->src_x, c->y - c->src_y, small))
		return true;
	p->n_copies = before;
	return false;
}

void picture_copy(struct picture *p, const struct fbs_copy *c)
{
	pixman_region32_t valid, small;
	bool queued = false;
	pixman_region32_init(&small);
	if (p->copies_ok) {
		pixman_region32_init_rect(&valid, c->src_x, c->src_y, c->w, c->h);
		pixman_region32_subtract(&valid, &valid, &p->pending);
		pixman_region32_translate(&valid, c->x - c->src_x, c->y - c->src_y);
		queued = queue_copy(p, c, &valid, &small);
		pixman_region32_fini(&valid);
	}
	if (queued) {
		move_along(&p->pending, c);
		pixman_region32_union(&p->pending, &p->pending, &small);
		move_along(&p->lossy, c);
		move_along(&p->fresh, c);
		move_along(&p->due, c);
	} else {
		pixman_region32_union_rect(&p->pending, &p->pending, c->x, c->y, c->w, c->h);
	}
	pixman_region32_fini(&small);
}

void picture_give_up_copies(struct picture *p)
{
	for (unsigned i = 0; i < p->n_copies; i++)
		pixman_region32_union_rect(&p->pending, &p->pending, p->copies[i].x, p->copies[i].y,
					   p->copies[i].w, p->copies[i].h);
	p->n_copies = 0;
}

static void take_out(pixman_region32_t *which, const pixman_box32_t *box)
{
	pixman_region32_t r;
	if (!pixman_region32_not_empty(which))
		return;
	pixman_region32_init_with_extents(&r, (pixman_box32_t *)(uintptr_t)box);
	pixman_region32_subtract(which, which, &r);
	pixman_region32_fini(&r);
}

void picture_sent(struct picture *p, const pixman_box32_t *b, bool lossy)
{
	take_out(&p->due, b);
	if (lossy) {
		unsigned w = (unsigned)(b->x2 - b->x1), h = (unsigned)(b->y2 - b->y1);
		pixman_region32_union_rect(&p->lossy, &p->lossy, b->x1, b->y1, w, h);
		pixman_region32_union_rect(&p->fresh, &p->fresh, b->x1, b->y1, w, h);
	} else {
		take_out(&p->lossy, b);
		take_out(&p->fresh, b);
	}
}

bool picture_age(struct picture *p)
{
	bool all = !pixman_region32_not_empty(&p->fresh);
	pixman_region32_subtract(&p->due, &p->lossy, &p->fresh);
	pixman_region32_clear(&p->fresh);
	return all;
}

static bool within(const pixman_box32_t *b, int x, int y, int w, int h)
{
	return x >= b->x1 && y >= b->y1 && x + w <= b->x2 && y + h <= b->y2;
}

bool picture_copies_within(const struct picture *p, const pixman_box32_t *b)
{
	for (unsigned i = 0; i < p->n_copies; i++) {
		const struct fbs_copy *c = &p->copies[i];
		if (!within(b, c->x, c->y, c->w, c->h) || !within(b, c->src_x, c->src_y, c->w, c->h))
			return false;
	}
	return true;
}
