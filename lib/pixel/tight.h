/* Few and tight rectangles around what differs between two pictures. */
#ifndef RFBKIT_PIXEL_TIGHT_H
#define RFBKIT_PIXEL_TIGHT_H

#include <stddef.h>

#include "pixel/rect.h"

/* Joins rectangles, in place, where one record more would cost more than the pixels that the joint one
 * covers in vain. They must be sorted by rows of tiles, from the left in each row: rects[i].y / 16
 * never decreases. Returns how many are left; together they cover all that was covered. */
size_t pixel_tight_join(struct pixel_rect *rects, size_t n);

#endif
