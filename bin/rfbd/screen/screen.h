/* The picture that viewers see: the current frame, and the next one being put together.
 *
 * Records of a frame are applied to `back` as they arrive; screen_commit makes them the
 * current frame at once, by exchanging the two. Encoding threads read `front` only, so
 * staging may go on beside them; a commit may not. */
#ifndef RFBD_SCREEN_H
#define RFBD_SCREEN_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"
#include "fbs/fbs.h"

#define SCREEN_TILE 64u		/* grid of the serials of last change */

struct screen_cursor {
	uint16_t w, h, hot_x, hot_y;	/* 0 × 0: hidden; the hot spot is inside */
	uint32_t *argb;			/* premultiplied */
	uint32_t serial;		/* grows with every change of shape */
};

/* What a commit changed, in order: a copy, or a region with new pixels. */
struct screen_op {
	bool is_copy;
	struct fbs_copy copy;
	pixman_region32_t damage;	/* when not a copy */
};

enum {
	SCREEN_RESIZED = 1, SCREEN_CURSOR = 2, SCREEN_POINTER = 4, SCREEN_NAME = 8, SCREEN_LEDS = 16,
	SCREEN_OUTPUTS = 32, SCREEN_PIXELS = 64,
};

struct screen_change {
	unsigned what;			/* SCREEN_* */
	unsigned bells;
	unsigned n_ops;
	struct screen_op *ops;
};

struct screen {
	bool ready;			/* a frame was committed */
	uint32_t w, h;			/* of the current frame */
	uint32_t *front;		/* XRGB8888, w pixels a row, top bytes 0 */
	uint64_t serial;		/* of the last commit */
	uint64_t *tiles;		/* serial of each tile's last change */
	uint32_t tiles_w, tiles_h;
	struct screen_cursor cursor;
	struct fbs_pointer pointer;
	uint32_t pointer_serial;
	uint32_t leds;
	bool has_leds;
	char name[FBS_TEXT_MAX + 1];
	struct fbs_screen layout;	/* display is NULL */

	/* private: the memory of front, the next frame */
	struct canvas shown;
	struct stage *stage;
};

int screen_init(struct screen *s);	/* -1: no memory */
void screen_fini(struct screen *s);

/* Applies one record (any type between two FRAMEs) to the next frame. 0; -1 and *why for pixels that
 * cannot be decoded or when memory is short. Records that are none of the screen's business do nothing. */
int screen_apply(struct screen *s, const struct fbs_record *r, const char **why);
/* Forgets what was applied since the last commit. */
void screen_abort(struct screen *s);
/* Makes what was applied the current frame; `keyframe`: compare it with the current one and
 * report only what differs. *change is valid until the next call on the screen. 0; -1: no memory
 * (the frame is lost, the current one stays). No thread may be reading front. */
int screen_commit(struct screen *s, bool keyframe, const struct screen_change **change);
/* The newest serial among the tiles that a rectangle touches. */
uint64_t screen_serial(const struct screen *s, const pixman_box32_t *box);
/* Where the cursor lies now, clipped to the screen; false when there is none to see. */
bool screen_cursor_box(const struct screen *s, pixman_box32_t *box);

#endif
