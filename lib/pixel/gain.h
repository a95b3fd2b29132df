/* The rectangle of an area that a shift explains best. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_GAIN_H
#define RFBKIT_PIXEL_GAIN_H

#include <stdint.h>

#include "pixel/model.h"

struct pixel_gain {
	struct pixel_copy copy;
	long gain;	/* wrong pixels that the copy makes right, less the right ones that it spoils; about */
	long wrong;	/* wrong pixels in its rectangle before it; about */
};

struct pixel_gain_work;
/* Scratch for screens of this width; NULL when there is no memory. */
struct pixel_gain_work *pixel_gain_work_new(int width);
void pixel_gain_work_free(struct pixel_gain_work *g);

/* Finds the rectangle within `box` whose pixels are best explained
 * by the reader's content moved by (dx, dy), to the pixel. No copy may be pending. gain is 0 when there is none. */
struct pixel_gain pixel_gain_find(struct pixel_gain_work *g, const struct pixel_model *m, struct pixel_rect box, int dx, int dy);

#endif
