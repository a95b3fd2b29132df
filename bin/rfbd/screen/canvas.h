/* A picture in memory with room before and after it: when nearly all of it scrolls, its corner moves, not its pixels. */
#ifndef RFBD_CANVAS_H
#define RFBD_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct canvas {
	uint32_t *px;			/* w pixels a row; NULL when there is no picture */
	uint32_t *mem;			/* private, like the rest: px - before */
	size_t before, after;		/* pixels of room */
};

/* A black picture. 0; -1: no memory. */
int canvas_make(struct canvas *c, uint32_t w, uint32_t h);
/* Leaves it without a picture. */
void canvas_free(struct canvas *c);
/* Whether there is room for a shift by so many pixels. */
bool canvas_has_room(const struct canvas *c, ptrdiff_t by);
/* Lets each pixel become what lies `by` pixels after it (before it: negative); what comes from outside the picture is
 * anything then. There is room. */
void canvas_shift(struct canvas *c, ptrdiff_t by);
/* Makes all the room there can be for shifts of by's sign; the pixels are anything then. False: even so there is too
 * little for `by`, and nothing was done. */
bool canvas_rewind(struct canvas *c, ptrdiff_t by);

#endif
