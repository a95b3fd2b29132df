/* A region into few boxes. A box costs a round trip to the X server, a needless pixel next to
 * nothing (the next stage compares exactly), so boxes are joined while that wastes little, and
 * whenever they overlap: what comes out is disjoint and covers the region. */
#include "x11/capture_state.h"

#include <string.h>

enum {
	WASTE = 16384,		/* pixels that may be captured in vain to save a round trip */
	JOIN_AT_ONCE = 128,	/* more rectangles are first joined in bands */
	BAND = 64,
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

/* Many rectangles: those that begin in the same band of rows become one. They are sorted by y. */
static unsigned join_bands(const pixman_box32_t *in, int n, pixman_box32_t *out, unsigned room)
{
	unsigned used = 0;
	int height = in[n - 1].y1 - in[0].y1 + 1;
	int band = height / (int)(room - 1) + 1 > BAND ? height / (int)(room - 1) + 1 : BAND;

	for (int i = 0; i < n; i++) {
		if (used > 0 && in[i].y1 / band == out[used - 1].y1 / band)
			out[used - 1] = join(&out[used - 1], &in[i]);
		else
			out[used++] = in[i];
	}
	return used;
}

unsigned capture_boxes(pixman_region32_t *region, pixman_box32_t *out)
{
	int n = 0;
	pixman_box32_t *in = pixman_region32_rectangles(region, &n);
	pixman_box32_t box[JOIN_AT_ONCE];
	unsigned used, before;

	if (n == 0)
		return 0;
	if (n <= JOIN_AT_ONCE) {
		memcpy(box, in, (size_t)n * sizeof *in);
		used = (unsigned)n;
	} else {
		used = join_bands(in, n, box, JOIN_AT_ONCE);
	}
	do {
		before = used;
		used = join_cheapest(box, used);
	} while (used < before);
	memcpy(out, box, used * sizeof *out);
	return used;
}
