/* Changed tiles grouped into separate areas, each with its bounding box. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_AREAS_H
#define RFBKIT_PIXEL_AREAS_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"

enum { AREAS_MAX = 16 };

struct pixel_area {
	struct pixel_rect box;	/* in tiles */
	size_t tiles;		/* marked ones within */
};

/* Groups the tiles that are marked (mark[i] != 0, in a grid of w × h) and no further than two rows or one
 * column of tiles apart; boxes that overlap become one. The largest AREAS_MAX areas are written; returns how
 * many. `stack` has room for w × h. The marks of all tiles are cleared. */
size_t pixel_areas_find(uint8_t *mark, int w, int h, uint32_t *stack, struct pixel_area *areas);

#endif
