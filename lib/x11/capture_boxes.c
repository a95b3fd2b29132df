/* A region into few boxes. A box costs a round trip to the X server, a needless pixel next to
 * nothing (the next stage compares exactly), so boxes are joined while that wastes little, and
 * whenever they overlap: what comes out is disjoint and covers the region. */
#include "x11/capture_state.h"

#include <string.h>

enum {
	WASTE = 16384,		/* pixels that may be captured in vain to save a round trip */
	COLUMNS = 8, ROWS = 6,	/* more rectangles than these cells are first joined cell by cell */
	CELLS = COLUMNS * ROWS,
};

static int64_t area(const pixman_box32_t *b)
{
	return (int64_t)(b->x2 - b->x1) * (b->y2 - b->y1);
}

static pixman_box32_t join(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return (pixman_box32_t){
		.x1 = a->x1 < b->x1 ? a->x1 : b->x1,
		.y1 = a->y1 < b->y1 ? a->y1 : b->y1,
		.x2 = a->x2 > b->x2 ? a->x2 : b->x2,
		.y2 = a->y2 > b->y2 ? a->y2 : b->y2,
	};
}

static bool overlap(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return a->x1 < b->x2 && b->x1 < a->x2 && a->y1 < b->y2 && b->y1 < a->y2;
}

/* What joining costs: negative when the two overlap, which must not stay. */
static int64_t waste(const pixman_box32_t *a, const pixman_box32_t *b)
{
	pixman_box32_t both = join(a, b);

	return overlap(a, b) ? INT64_MIN : area(&both) - area(a) - area(b);
}

/* Joins the cheapest pair if that is worth it; n afterwards. */
static unsigned join_cheapest(pixman_box32_t *box, unsigned n)
{
	unsigned bi = 0, bj = 0;
	int64_t best = INT64_MAX;

	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++) {
			int64_t w = waste(&box[i], &box[j]);

			if (w < best) {
				best = w;
				bi = i;
				bj = j;
			}
		}
	if (n < 2 || (best > WASTE && n <= CAPTURE_BOXES_MAX))
		return n;
	box[bi] = join(&box[bi], &box[bj]);
	box[bj] = box[n - 1];
	return n - 1;
}

static void add_to_cells(pixman_box32_t *cell, const pixman_box32_t *outer, int w, int h, const pixman_box32_t *b)
{
	for (int row = (b->y1 - outer->y1) / h; row <= (b->y2 - 1 - outer->y1) / h; row++)
		for (int column = (b->x1 - outer->x1) / w; column <= (b->x2 - 1 - outer->x1) / w; column++) {
			pixman_box32_t *at = &cell[row * COLUMNS + column];
			const int x = outer->x1 + column * w, y = outer->y1 + row * h;
			const pixman_box32_t part = {
				.x1 = b->x1 > x ? b->x1 : x,
				.y1 = b->y1 > y ? b->y1 : y,
				.x2 = b->x2 < x + w ? b->x2 : x + w,
				.y2 = b->y2 < y + h ? b->y2 : y + h,
			};

			*at = at->x1 < at->x2 ? join(at, &part) : part;
		}
}

/* Many rectangles: those within a cell of a grid become one. */
static unsigned join_cells(const pixman_box32_t *in, int n, const pixman_box32_t *outer, pixman_box32_t *out)
{
	const int w = (outer->x2 - outer->x1 + COLUMNS - 1) / COLUMNS, h = (outer->y2 - outer->y1 + ROWS - 1) / ROWS;
	pixman_box32_t cell[CELLS] = { 0 };
	unsigned used = 0;

	for (int i = 0; i < n; i++)
		add_to_cells(cell, outer, w, h, &in[i]);
	for (unsigned i = 0; i < CELLS; i++)
		if (cell[i].x1 < cell[i].x2)
			out[used++] = cell[i];
	return used;
}

unsigned capture_boxes(pixman_region32_t *region, pixman_box32_t *out)
{
	int n = 0;
	pixman_box32_t *in = pixman_region32_rectangles(region, &n);
	pixman_box32_t box[CELLS];
	unsigned used, before;

	if (n == 0)
		return 0;
	if (n <= CELLS) {
		memcpy(box, in, (size_t)n * sizeof *in);
		used = (unsigned)n;
	} else {
		used = join_cells(in, n, pixman_region32_extents(region), box);
	}
	do {
		before = used;
		used = join_cheapest(box, used);
	} while (used < before);
	memcpy(out, box, used * sizeof *out);
	return used;
}
