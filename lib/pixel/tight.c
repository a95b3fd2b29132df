/* Joining: along each row of tiles first, then downwards into rectangles that end in the row above.
 * A record costs about as much as SLACK pixels, more when there are very many of them. */
#include "pixel/tight.h"

#include "pixel/tile.h"

enum { SLACK = 192, MANY = 160 };

static long waste(struct pixel_rect a, struct pixel_rect b)
{
	return pixel_rect_area(pixel_rect_join(a, b)) - pixel_rect_area(a) - pixel_rect_area(b);
}

/* Runs of one row of tiles: rects[from..to) become rects[from..from + returned). */
static size_t join_row(struct pixel_rect *rects, size_t from, size_t to, long slack)
{
	size_t last = from;

	for (size_t i = from + 1; i < to; i++)
		if (waste(rects[last], rects[i]) <= slack)
			rects[last] = pixel_rect_join(rects[last], rects[i]);
		else
			rects[++last] = rects[i];
	return last + 1 - from;
}

/* The finished rectangle that reaches this row of tiles and takes r in at the least waste; or n. */
static size_t best_above(const struct pixel_rect *rects, size_t from, size_t n, struct pixel_rect r, long slack)
{
	int row = r.y / PIXEL_TILE_H;
	size_t best = n;
	long least = slack + 1;

	for (size_t i = from; i < n; i++) {
		int bottom = (rects[i].y + rects[i].h - 1) / PIXEL_TILE_H;
		if (bottom + 1 < row)
			continue;
		long w = waste(rects[i], r);
		if (w < least) {
			least = w;
			best = i;
		}
	}
	return best;
}

static size_t join_pass(struct pixel_rect *rects, size_t n, long slack)
{
	size_t out = 0, open = 0;	/* rects[open..out) may still reach the row at hand */

	for (size_t i = 0; i < n;) {
		size_t end = i;
		int row = rects[i].y / PIXEL_TILE_H;
		while (end < n && rects[end].y / PIXEL_TILE_H == row)
			end++;
		size_t runs = join_row(rects, i, end, slack), limit = out;
		while (open < out && (rects[open].y + rects[open].h - 1) / PIXEL_TILE_H + 1 < row)
			open++;
		for (size_t k = i; k < i + runs; k++) {
			struct pixel_rect r = rects[k];
			size_t best = best_above(rects, open, limit, r, slack);
			if (best < limit)
				rects[best] = pixel_rect_join(rects[best], r);
			else
				rects[out++] = r;
		}
		i = end;
	}
	return out;
}

static void sort_by_row(struct pixel_rect *rects, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct pixel_rect r = rects[i];
		size_t k = i;
		for (; k > 0 && rects[k - 1].y > r.y; k--)
			rects[k] = rects[k - 1];
		rects[k] = r;
	}
}

size_t pixel_tight_join(struct pixel_rect *rects, size_t n)
{
	for (long slack = SLACK, last = slack << 6; n > 1; slack <<= 2) {
		size_t left = join_pass(rects, n, slack);
		bool done = left <= MANY || left == n || slack >= last;
		n = left;
		if (done)
			break;
		sort_by_row(rects, n);
	}
	return n;
}
