/* Rectangles of a screen, in pixels; and copies within one. */
#ifndef RFBKIT_PIXEL_RECT_H
#define RFBKIT_PIXEL_RECT_H

#include <stdbool.h>

struct pixel_rect { int x, y, w, h; };		/* empty when w or h is zero or less */
struct pixel_copy { struct pixel_rect dst; int src_x, src_y; };

static inline bool pixel_rect_empty(struct pixel_rect r)
{
	return r.w <= 0 || r.h <= 0;
}

static inline long pixel_rect_area(struct pixel_rect r)
{
	return pixel_rect_empty(r) ? 0 : (long)r.w * r.h;
}

static inline struct pixel_rect pixel_rect_meet(struct pixel_rect a, struct pixel_rect b)
{
	int x = a.x > b.x ? a.x : b.x, y = a.y > b.y ? a.y : b.y;
	int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
	int y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
	return (struct pixel_rect){ x, y, x1 - x, y1 - y };
}

/* The smallest rectangle around both. */
static inline struct pixel_rect pixel_rect_join(struct pixel_rect a, struct pixel_rect b)
{
	if (pixel_rect_empty(a))
		return b;
	if (pixel_rect_empty(b))
		return a;
	int x = a.x < b.x ? a.x : b.x, y = a.y < b.y ? a.y : b.y;
	int x1 = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w;
	int y1 = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;
	return (struct pixel_rect){ x, y, x1 - x, y1 - y };
}

static inline struct pixel_rect pixel_rect_shift(struct pixel_rect r, int dx, int dy)
{
	return (struct pixel_rect){ r.x + dx, r.y + dy, r.w, r.h };
}

static inline bool pixel_rects_touch(struct pixel_rect a, struct pixel_rect b)
{
	return !pixel_rect_empty(pixel_rect_meet(a, b));
}

#endif
