/* Cutting a region into boxes to be encoded: on a fixed grid, so that viewers share them, and so that they
 * can be encoded side by side. */
#ifndef RFBD_CUT_H
#define RFBD_CUT_H

#include <pixman.h>
#include <stdbool.h>

#define CUT_CELL_W 320
#define CUT_CELL_H 272
#define CUT_BOXES_PER_CELL 8	/* most */
#define CUT_GROUP 2		/* cells side by side that may go as one */

struct cut {
	pixman_box32_t *boxes;
	unsigned n, cap;
};

/* Boxes that cover the region, each within one cell (or all of the region within one box of a cell's size), from
 * top to bottom; they may cover a little more, but nothing outside the region's extents, and nothing twice.
 * False: no memory. */
bool cut_region(struct cut *c, const pixman_region32_t *region);
/* The same for what may become JPEG, where a box costs half a kilobyte of tables: a group of cells that changed nearly
 * all over is one box, as is all of the region when it fills a box of two groups' size. */
bool cut_region_large(struct cut *c, const pixman_region32_t *region);
/* Appends the boxes of another region, which does not overlap the first. */
bool cut_more(struct cut *c, const pixman_region32_t *region);
void cut_fini(struct cut *c);

#endif
