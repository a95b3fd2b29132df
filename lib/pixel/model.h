/* The picture before and after the frame at hand. `ref` is what the reader has; of the new picture, every tile knows
 * where it is: nowhere (it did not change), in `next`, or in memory that was lent, which others may write to. So a
 * pixel is copied when it is known to differ, and not before. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_MODEL_H
#define RFBKIT_PIXEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"
#include "pixel/tile.h"

/* A tile's state: where its new pixels are (MODEL_LENT + i: in lent[i]), and whether they were seen to differ. */
enum { MODEL_SAME, MODEL_NEXT, MODEL_LENT, MODEL_PLACE = 0x7f, MODEL_DIFFERS = 0x80 };
enum { MODEL_LENT_MAX = 64, MODEL_PENDING_MAX = 8, MODEL_BOXES_MAX = 64 };

struct pixel_lent {
	struct pixel_rect box;		/* a tile that reaches beyond it is as in ref there */
	const uint32_t *px;		/* of the box's corner; top bytes are anything */
	size_t stride;			/* pixels */
};

struct pixel_model {
	int w, h, tiles_x, tiles_y;
	size_t stride;			/* pixels from row to row, whole tiles: what is beyond w and h stays 0 */
	uint32_t *ref, *next;		/* top bytes 0 */
	uint8_t *tile;			/* states, tiles_x × tiles_y */
	size_t fresh;			/* tiles that are not MODEL_SAME */
	struct pixel_lent lent[MODEL_LENT_MAX];
	size_t n_lent;
	struct pixel_copy pending[MODEL_PENDING_MAX];
	size_t n_pending;
	struct pixel_rect box[MODEL_BOXES_MAX];	/* new pixels are within these */
	size_t n_boxes;
	/* private */
	uint32_t *band;			/* a row of tiles */
	size_t bytes;			/* of ref and of next */
	bool used;			/* next, since model_relax */
};

/* --- model.c ------------------------------------------------------------------------------------ */

/* A black screen. 0, or -1 and ENOMEM. */
int model_init(struct pixel_model *m, int w, int h);
void model_fini(struct pixel_model *m);
/* New pixels of r (within the screen), little-endian at any alignment: each byte of src is read once. stride in bytes. */
void model_take(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride);
/* The same without a copy, where that can be: src stays readable until model_commit or model_keep. */
void model_lend(struct pixel_model *m, struct pixel_rect r, const uint8_t *src, size_t stride);
/* Copies what is lent. */
void model_keep(struct pixel_model *m);
/* The screen itself copied one of its rectangles (both within the screen): the new picture changes. */
void model_move(struct pixel_model *m, struct pixel_copy c);
/* The smallest rectangle around all new pixels within r; empty when there are none. */
struct pixel_rect model_new_in(const struct pixel_model *m, struct pixel_rect r);
/* n pixels of the new picture's row y from x on: a pointer to where they are, or buf (n pixels) filled. Their top bytes
 * are anything, and if they were lent they may be others the next time. */
const uint32_t *model_new_row(const struct pixel_model *m, int x, int y, int n, uint32_t *buf);
/* The reader is told to copy. The copy is only noted while it reads and writes nothing that an earlier one wrote;
 * otherwise it is carried out on ref, with all before it. */
void model_copy(struct pixel_model *m, struct pixel_copy c);
/* Carries out the copies that were only noted. */
void model_flush(struct pixel_model *m);
/* Ends the frame: forgets the new picture. */
void model_commit(struct pixel_model *m);
/* Gives the memory of next back to the system, unless it holds a part of a frame. */
void model_relax(struct pixel_model *m);

/* Copies within one picture of the model. */
void model_rows_move(const struct pixel_model *m, uint32_t *px, struct pixel_copy c);

static inline uint32_t *model_at(const struct pixel_model *m, uint32_t *px, int x, int y)
{
	return px + (size_t)y * m->stride + (size_t)x;
}
static inline struct pixel_rect model_tile_rect(int tx, int ty)
{
	return (struct pixel_rect){ tx * PIXEL_TILE_W, ty * PIXEL_TILE_H, PIXEL_TILE_W, PIXEL_TILE_H };
}
static inline struct pixel_rect model_screen(const struct pixel_model *m)
{
	return (struct pixel_rect){ 0, 0, m->w, m->h };
}

/* --- follow.c ----------------------------------------------------------------------------------- */

/* Makes ref the new picture, noted copies included. Writes an exact box around what differed, in each tile that did
 * once the copies were done, row by row; returns how many (at most one per tile). */
size_t model_follow(struct pixel_model *m, struct pixel_rect *boxes);

#endif
