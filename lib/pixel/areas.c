/* Connected components of tiles by flood filling, then joining of overlapping boxes. */
#include "pixel/areas.h"

enum { REACH_X = 2, REACH_Y = 3 };	/* how far the next marked tile may be */

static struct pixel_area flood(uint8_t *mark, int w, int h, uint32_t *stack, uint32_t start)
{
	struct pixel_area a = { .tiles = 0 };
	size_t n = 0;

	mark[start] = 0;
	stack[n++] = start;
	while (n > 0) {
		int x = (int)(stack[--n] % (uint32_t)w), y = (int)(stack[n] / (uint32_t)w);
		a.box = pixel_rect_join(a.box, (struct pixel_rect){ x, y, 1, 1 });
		a.tiles++;
		for (int j = y > REACH_Y ? y - REACH_Y : 0; j <= y + REACH_Y && j < h; j++)
			for (int i = x > REACH_X ? x - REACH_X : 0; i <= x + REACH_X && i < w; i++) {
				uint32_t t = (uint32_t)j * (uint32_t)w + (uint32_t)i;
				if (mark[t] == 0)
					continue;
				mark[t] = 0;
				stack[n++] = t;
			}
	}
	return a;
}

/* Adds an area, joining all that its box (as it grows) meets; drops the smallest when there is no room. */
static size_t add(struct pixel_area *areas, size_t n, struct pixel_area a)
{
	for (size_t i = 0; i < n;) {
		if (!pixel_rects_touch(areas[i].box, a.box)) {
			i++;
			continue;
		}
		a.box = pixel_rect_join(a.box, areas[i].box);
		a.tiles += areas[i].tiles;
		areas[i] = areas[--n];
		i = 0;
	}
	if (n < AREAS_MAX) {
		areas[n] = a;
		return n + 1;
	}
	size_t least = 0;
	for (size_t i = 1; i < n; i++)
		if (areas[i].tiles < areas[least].tiles)
			least = i;
	if (areas[least].tiles < a.tiles)
		areas[least] = a;
	return n;
}

size_t pixel_areas_find(uint8_t *mark, int w, int h, uint32_t *stack, struct pixel_area *areas)
{
	size_t n = 0;

	for (uint32_t t = 0; t < (uint32_t)w * (uint32_t)h; t++)
		if (mark[t] != 0)
			n = add(areas, n, flood(mark, w, h, stack, t));
	return n;
}
