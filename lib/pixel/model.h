/* The picture before and after the frame at hand. `cur` always holds the newest pixels; `old` holds the
 * previous frame, but only in the tiles that changed or that somebody asked for: outside a frame it is
 * void, so that one frame's memory is enough while little changes. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_MODEL_H
#define RFBKIT_PIXEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"
#include "pixel/tile.h"

enum { MODEL_OLD = 1, MODEL_DIRTY = 2 };	/* tile states: `old` is valid here; `old` may differ from `cur` */

struct pixel_model {
	int w, h, tiles_x, tiles_y;
	size_t stride;			/* pixels from row to row, whole tiles: what is beyond w and h stays 0 */
	uint32_t *cur, *old;		/* top bytes 0 */
	uint8_t *tile;			/* MODEL_*, tiles_x × tiles_y */
	size_t dirty;			/* tiles with MODEL_DIRTY */
	/* private */
	size_t bytes;			/* of cur and of old */
	size_t saved;			/* tiles that old held in its fullest frame since model_relax */
	size_t valid;			/* tiles with MODEL_OLD */
	uint32_t *band;			/* a row of tiles as it arrives */
};

/* A black screen. 0, or -1 and ENOMEM. */
int model_init(struct pixel_model *m, int w, int h);
void model_fini(struct pixel_model *m);
/* New pixels of r (within the screen): each byte of src is read once. stride in bytes. */
void model_take(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride);
/* The screen itself copied one of its rectangles (both within the screen): cur changes. */
void model_move(struct pixel_model *m, struct pixel_copy c);
/* Makes old valid in r (clipped to the screen). */
void model_need(struct pixel_model *m, struct pixel_rect r);
/* The reader is told to copy: old changes. */
void model_copy(struct pixel_model *m, struct pixel_copy c);
/* Marks r as perhaps different, and old valid in it. */
void model_touch(struct pixel_model *m, struct pixel_rect r);
/* Ends the frame: the reader has what cur has. */
void model_commit(struct pixel_model *m);
/* Gives the memory of old back to the system (between frames). */
void model_relax(struct pixel_model *m);

static inline const uint32_t *model_at(const struct pixel_model *m, const uint32_t *px, int x, int y)
{
	return px + (size_t)y * m->stride + (size_t)x;
}
static inline struct pixel_rect model_tile_rect(int tx, int ty)
{
	return (struct pixel_rect){ tx * PIXEL_TILE_W, ty * PIXEL_TILE_H, PIXEL_TILE_W, PIXEL_TILE_H };
}

#endif
