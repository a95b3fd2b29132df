/* The picture before and after the frame at hand. `cur` always holds the newest pixels; `old` holds the
 * previous frame, but only in the tiles that changed or that somebody asked for: outside a frame it is
 * void, so that one frame's memory is enough while little changes. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_MODEL_H
#define RFBKIT_PIXEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"
#include "pixel/tile.h"

/* Tile states: `old` is valid here (where it is not, the tile did not change); the reader's picture may differ from
 * `cur`; a pending copy covers it, in part at least. */
enum { MODEL_OLD = 1, MODEL_DIRTY = 2, MODEL_PENDING = 4 };
enum { MODEL_PENDING_MAX = 8 };

struct pixel_model {
	int w, h, tiles_x, tiles_y;
	size_t stride;			/* pixels from row to row, whole tiles: what is beyond w and h stays 0 */
	uint32_t *cur, *old;		/* top bytes 0 */
	uint8_t *tile;			/* MODEL_*, tiles_x × tiles_y */
	size_t dirty;			/* tiles with MODEL_DIRTY */
	struct pixel_copy pending[MODEL_PENDING_MAX];
	size_t n_pending;
	/* private */
	size_t bytes;			/* of cur and of old */
	size_t saved;			/* tiles that old held in its fullest frame since model_relax */
	size_t valid;			/* tiles with MODEL_OLD */
};

/* A black screen. 0, or -1 and ENOMEM. */
int model_init(struct pixel_model *m, int w, int h);
void model_fini(struct pixel_model *m);
/* New pixels of r (within the screen): each byte of src is read once. stride in bytes. */
void model_take(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride);
/* The screen itself copied one of its rectangles (both within the screen): cur changes. */
void model_move(struct pixel_model *m, struct pixel_copy c);
/* n pixels of row y from x on as they were before the frame, whether old is valid there or not: a pointer into the
 * model, or buf (n pixels) filled. */
const uint32_t *model_old_row(const struct pixel_model *m, int x, int y, int n, uint32_t *buf);
/* The reader is told to copy. The copy is only noted while it reads and writes nothing that an earlier one wrote;
 * otherwise it is carried out on old, with all before it. */
void model_copy(struct pixel_model *m, struct pixel_copy c);
/* Carries out the copies that were only noted: model_old_row shows the reader's picture from then on. */
void model_flush(struct pixel_model *m);
/* True when a pending copy covers a tile and makes it right: a quick look. */
bool model_reader_same(const struct pixel_model *m, int tx, int ty);
/* A tile of the reader's picture, after all copies: a pointer into the model or buf (a tile), *stride in pixels. */
const uint32_t *model_reader_tile(const struct pixel_model *m, int tx, int ty, uint32_t *buf, size_t *stride);
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
