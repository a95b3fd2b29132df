/* Within a cell, rectangles are joined while that costs fewer extra pixels than another
 * rectangle costs bytes. */
#include "cut.h"

#include <stdlib.h>

enum { RECTANGLE_COST = 256 };	/* pixels that may as well be sent again as start another rectangle */

static long area(const pixman_box32_t *b)
{
	return (long)(b->x2 - b->x1) * (b->y2 - b->y1);
}

static pixman_box32_t join(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return (pixman_box32_t){ a->x1 < b->x1 ? a->x1 : b->x1, a->y1 < b->y1 ? a->y1 : b->y1,
				 a->x2 > b->x2 ? a->x2 : b->x2, a->y2 > b->y2 ? a->y2 : b->y2 };
}

static bool overlap(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return a->x1 < b->x2 && b->x1 < a->x2 && a->y1 < b->y2 && b->y1 < a->y2;
}

/* Joins boxes that a joined one has come to overlap, until none does. */
static int settle(pixman_box32_t *boxes, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			if (i != j && overlap(&boxes[i], &boxes[j])) {
				boxes[i] = join(&boxes[i], &boxes[j]);
				boxes[j] = boxes[--n];
				i = -1;
				break;
			}
	return n;
}

/* The best of the boxes to join `b` with, and what it costs in pixels. */
static int cheapest(const pixman_box32_t *boxes, int n, const pixman_box32_t *b, long *cost)
{
	int best = -1;
	for (int i = 0; i < n; i++) {
		pixman_box32_t j = join(&boxes[i], b);
		long extra = area(&j) - area(&boxes[i]) - area(b);
		if (best < 0 || extra < *cost) {
			best = i;
			*cost = extra;
		}
	}
	return best;
}

static bool add(struct cut *c, const pixman_box32_t *boxes, int n)
{
	if (c->n + (unsigned)n > c->cap) {
		unsigned want = c->cap * 2 > c->n + (unsigned)n ? c->cap * 2 : c->n + (unsigned)n + 16;
		pixman_box32_t *p = realloc(c->boxes, want * sizeof *p);
		if (!p)
			return false;
		c->boxes = p;
		c->cap = want;
	}
	for (int i = 0; i < n; i++)
		c->boxes[c->n++] = boxes[i];
	return true;
}

static bool cut_cell(struct cut *c, const pixman_region32_t *region)
{
	pixman_box32_t boxes[CUT_BOXES_PER_CELL];
	int n_rects, n = 0;
	const pixman_box32_t *r = pixman_region32_rectangles((pixman_region32_t *)region, &n_rects);
	for (; n_rects > 0; n_rects--, r++) {
		long cost = 0;
		int i = cheapest(boxes, n, r, &cost);
		if (i >= 0 && (n == CUT_BOXES_PER_CELL || cost <= RECTANGLE_COST)) {
			boxes[i] = join(&boxes[i], r);
			n = settle(boxes, n);
		} else {
			boxes[n++] = *r;
			n = settle(boxes, n);
		}
	}
	return add(c, boxes, n);
}

bool cut_region(struct cut *c, const pixman_region32_t *region)
{
	c->n = 0;
	return cut_more(c, region);
}

/* Whether a region fills seven eighths of its extents. */
static bool is_solid(pixman_region32_t *region)
{
	const pixman_box32_t *e = pixman_region32_extents(region), *r;
	long sum = 0;
	int n;
	r = pixman_region32_rectangles(region, &n);
	for (int i = 0; i < n; i++)
		sum += area(&r[i]);
	return sum * 8 >= area(e) * 7;
}

static bool cut_group(struct cut *c, pixman_region32_t *region)
{
	return pixman_region32_not_empty(region) && is_solid(region) ? add(c, pixman_region32_extents(region), 1) : cut_more(c, region);
}

bool cut_region_large(struct cut *c, const pixman_region32_t *region)
{
	enum { W = CUT_GROUP * CUT_CELL_W };
	pixman_region32_t part;
	bool ok = true;
	c->n = 0;
	pixman_region32_init(&part);
	pixman_region32_copy(&part, (pixman_region32_t *)region);
	const pixman_box32_t e = *pixman_region32_extents(&part);
	if (e.x2 - e.x1 <= W && e.y2 - e.y1 <= 2 * CUT_CELL_H) {
		ok = cut_group(c, &part);
		pixman_region32_fini(&part);
		return ok;
	}
	for (int32_t y = e.y1 / CUT_CELL_H * CUT_CELL_H; y < e.y2 && ok; y += CUT_CELL_H)
		for (int32_t x = e.x1 / W * W; x < e.x2 && ok; x += W)
			ok = pixman_region32_intersect_rect(&part, (pixman_region32_t *)region, x, y, W, CUT_CELL_H) && cut_group(c, &part);
	pixman_region32_fini(&part);
	return ok;
}

bool cut_more(struct cut *c, const pixman_region32_t *region)
{
	const pixman_box32_t *e = pixman_region32_extents((pixman_region32_t *)region);
	bool ok = true;
	if (!pixman_region32_not_empty((pixman_region32_t *)region))
		return true;
	if (e->x2 - e->x1 <= CUT_CELL_W && e->y2 - e->y1 <= CUT_CELL_H)
		return cut_cell(c, region);
	for (int32_t y = e->y1 / CUT_CELL_H * CUT_CELL_H; y < e->y2 && ok; y += CUT_CELL_H)
		for (int32_t x = e->x1 / CUT_CELL_W * CUT_CELL_W; x < e->x2 && ok; x += CUT_CELL_W) {
			pixman_region32_t cell;
			pixman_region32_init(&cell);
			ok = pixman_region32_intersect_rect(&cell, (pixman_region32_t *)region, x, y, CUT_CELL_W, CUT_CELL_H) &&
				cut_cell(c, &cell);
			pixman_region32_fini(&cell);
		}
	return ok;
}

void cut_fini(struct cut *c)
{
	free(c->boxes);
	c->boxes = NULL;
	c->n = c->cap = 0;
}
