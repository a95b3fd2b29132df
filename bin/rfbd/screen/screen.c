/* The current frame, and the next one. `front` is shown; `back` takes the records of
 * the next frame. After a commit the two are exchanged, and the new back catches up
 * with what the frame changed when the next record comes: off the path to the viewers. */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "stage.h"

int screen_init(struct screen *s)
{
	memset(s, 0, sizeof *s);
	s->stage = stage_new();
	return s->stage ? 0 : -1;
}

void screen_fini(struct screen *s)
{
	if (s->stage)
		stage_free(s->stage);
	canvas_free(&s->shown);
	free(s->tiles);
	free(s->cursor.argb);
	memset(s, 0, sizeof *s);
}

int screen_apply(struct screen *s, const struct fbs_record *r, const char **why)
{
	return stage_apply(s->stage, s, r, why);
}

void screen_abort(struct screen *s)
{
	stage_abort(s->stage, s);
}

static void touch_tiles(struct screen *s, const pixman_box32_t *b)
{
	uint32_t tx1 = (uint32_t)(b->x2 - 1) / SCREEN_TILE, ty1 = (uint32_t)(b->y2 - 1) / SCREEN_TILE;
	for (uint32_t ty = (uint32_t)b->y1 / SCREEN_TILE; ty <= ty1; ty++)
		for (uint32_t tx = (uint32_t)b->x1 / SCREEN_TILE; tx <= tx1; tx++)
			s->tiles[(size_t)ty * s->tiles_w + tx] = s->serial;
}

static void touch_ops(struct screen *s, const struct screen_change *c)
{
	for (unsigned i = 0; i < c->n_ops; i++) {
		const struct screen_op *op = &c->ops[i];
		if (op->is_copy) {
			pixman_box32_t b = { op->copy.x, op->copy.y, op->copy.x + op->copy.w, op->copy.y + op->copy.h };
			touch_tiles(s, &b);
			continue;
		}
		int n;
		const pixman_box32_t *b = pixman_region32_rectangles((pixman_region32_t *)&op->damage, &n);
		while (n-- > 0)
			touch_tiles(s, b++);
	}
}

/* Takes over the size of a frame that was staged at another one. */
static int adopt_size(struct screen *s, uint32_t w, uint32_t h)
{
	uint32_t tw = (w + SCREEN_TILE - 1) / SCREEN_TILE, th = (h + SCREEN_TILE - 1) / SCREEN_TILE;
	uint64_t *tiles = calloc((size_t)tw * th, sizeof *tiles);
	if (!tiles)
		return -1;
	free(s->tiles);
	s->tiles = tiles;
	s->tiles_w = tw;
	s->tiles_h = th;
	s->w = w;
	s->h = h;
	return 0;
}

int screen_commit(struct screen *s, bool keyframe, const struct screen_change **change)
{
	struct stage *st = s->stage;
	bool resized = !s->ready || st->w != s->w || st->h != s->h;
	if (!st->w || stage_prepare(st, s, keyframe && !resized, resized) < 0 ||
	    (resized && adopt_size(s, st->w, st->h) < 0)) {
		stage_abort(st, s);
		return -1;
	}
	s->serial++;
	touch_ops(s, &st->change);
	stage_exchange(st, s, resized);
	s->ready = true;
	*change = &st->change;
	return 0;
}

uint64_t screen_serial(const struct screen *s, const pixman_box32_t *b)
{
	uint64_t newest = 0;
	uint32_t tx1 = (uint32_t)(b->x2 - 1) / SCREEN_TILE, ty1 = (uint32_t)(b->y2 - 1) / SCREEN_TILE;
	for (uint32_t ty = (uint32_t)b->y1 / SCREEN_TILE; ty <= ty1; ty++)
		for (uint32_t tx = (uint32_t)b->x1 / SCREEN_TILE; tx <= tx1; tx++)
			if (s->tiles[(size_t)ty * s->tiles_w + tx] > newest)
				newest = s->tiles[(size_t)ty * s->tiles_w + tx];
	return newest;
}

bool screen_cursor_box(const struct screen *s, pixman_box32_t *b)
{
	if (!s->ready || !s->cursor.argb || !s->pointer.on_screen)
		return false;
	int64_t x = (int64_t)s->pointer.x - s->cursor.hot_x, y = (int64_t)s->pointer.y - s->cursor.hot_y;
	int64_t x2 = x + s->cursor.w, y2 = y + s->cursor.h;
	b->x1 = (int32_t)(x < 0 ? 0 : x);
	b->y1 = (int32_t)(y < 0 ? 0 : y);
	b->x2 = (int32_t)(x2 > s->w ? s->w : x2);
	b->y2 = (int32_t)(y2 > s->h ? s->h : y2);
	return b->x1 < b->x2 && b->y1 < b->y2;
}
