/* Moving and comparing rectangles of XRGB8888 frames. Boxes lie within the frames. */
#ifndef RFBD_PIXELS_H
#define RFBD_PIXELS_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "fbs/fbs.h"

/* Copies a box between two frames, both `w` pixels a row. */
void pixels_copy_box(uint32_t *to, const uint32_t *from, size_t w, const pixman_box32_t *box);
/* Stores raw bytes (little-endian 0xXXRRGGBB, rows without padding), clearing the top bytes. */
void pixels_put_raw(uint32_t *to, size_t w, const pixman_box32_t *box, const uint8_t *raw);
/* A copy from one frame to another, both `w` pixels a row. */
void pixels_copy_from(uint32_t *to, const uint32_t *from, size_t w, const struct fbs_copy *c);
/* A copy within one frame; source and destination may overlap. */
void pixels_move(uint32_t *px, size_t w, const struct fbs_copy *c);
/* Adds to *out the tight boxes, on a fine grid, in which a and b differ within `where`. False: no memory. */
bool pixels_differ(pixman_region32_t *out, const pixman_region32_t *where, const uint32_t *a, const uint32_t *b, size_t w);
/* Paints premultiplied ARGB (argb_w pixels a row, its top left at x, y, which may be outside) over a box of a
 * picture whose first pixel is `px` at (box->x1, box->y1), `stride` pixels a row. */
void pixels_blend(uint32_t *px, size_t stride, const pixman_box32_t *box, const uint32_t *argb, int argb_w, int argb_h, int x, int y);

#endif
