/* Without XDamage: the whole part is captured at a rate that adapts, and tiles whose hash differs
 * are what changed. The rate doubles down while nothing changes and snaps back when something
 * does or somebody touches the pointer or the keyboard; it never takes more than a quarter
 * of a processor. */
#include "x11/capture_state.h"

#include <stdlib.h>
#include <string.h>

#include "io/io.h"
#include "pixel/tile.h"

enum {
	SLOWEST_US = 500000,
	LOAD = 4,	/* pause at least this many times what a look cost */
};

void capture_hash_start(struct x11_capture *c)
{
	c->damage.have = false;
	c->hash.valid = false;
	c->hash.interval_us = c->opt.period_us;
	c->hash.due_us = io_now();
}

void capture_hash_fini(struct x11_capture *c)
{
	free(c->hash.tile);
	free(c->hash.changed);
	c->hash.tile = NULL;
	c->hash.changed = NULL;
}

void capture_hash_activity(struct x11_capture *c)
{
	const int64_t soon = io_now() + c->opt.period_us;

	c->hash.interval_us = c->opt.period_us;
	if (c->hash.due_us > soon)
		c->hash.due_us = soon;
}

static bool fit(struct x11_capture *c)
{
	struct capture_hash *h = &c->hash;
	const unsigned columns = (c->screen.now.w + PIXEL_TILE_W - 1) / PIXEL_TILE_W;
	const unsigned rows = (c->screen.now.h + PIXEL_TILE_H - 1) / PIXEL_TILE_H;

	if (h->tile && h->columns == columns && h->rows == rows)
		return true;
	capture_hash_fini(c);
	h->tile = calloc((size_t)columns * rows, sizeof *h->tile);
	h->changed = calloc((size_t)columns * rows, 1);
	h->columns = columns;
	h->rows = rows;
	h->valid = false;
	return h->tile && h->changed;
}

/* The tiles that changed, row by row in runs. */
static void add_changed(const struct capture_hash *h, pixman_region32_t *region)
{
	for (unsigned row = 0; row < h->rows; row++)
		for (unsigned from = 0, to; from < h->columns; from = to + 1) {
			const uint8_t *changed = h->changed + (size_t)row * h->columns;

			for (to = from; to < h->columns && changed[to]; to++)
				;
			if (to > from)
				pixman_region32_union_rect(region, region, (int)from * PIXEL_TILE_W, (int)row * PIXEL_TILE_H,
							   (to - from) * PIXEL_TILE_W, PIXEL_TILE_H);
		}
}

bool capture_hash_look(struct x11_capture *c, pixman_region32_t *region)
{
	struct capture_hash *h = &c->hash;
	const unsigned w = c->screen.now.w, height = c->screen.now.h;
	const int64_t start = io_now();
	int64_t now, cost;

	if (!fit(c) || !capture_fetch_rect(c, 0, 0, w, height, 0))
		return false;
	memset(h->changed, 0, (size_t)h->columns * h->rows);
	pixel_tile_update((const uint32_t *)c->pixels.out.p, w, (int)w, (int)height,
			  (struct pixel_rect){ 0, 0, (int)w, (int)height }, h->tile, h->changed);
	if (h->valid)
		add_changed(h, region);
	else
		pixman_region32_union_rect(region, region, 0, 0, w, height);
	pixman_region32_intersect_rect(region, region, 0, 0, w, height);
	h->valid = true;
	now = io_now();
	cost = now - start;
	h->interval_us = pixman_region32_not_empty(region) ? c->opt.period_us
			 : h->interval_us * 3 / 2 < SLOWEST_US ? h->interval_us * 3 / 2 : SLOWEST_US;
	h->due_us = now + (h->interval_us > cost * (LOAD - 1) ? h->interval_us : cost * (LOAD - 1));
	return true;
}
