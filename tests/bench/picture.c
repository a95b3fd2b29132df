/* Deterministic pictures: pseudo-random words in a fixed font; sums of waves with edges and grain. */
#include "picture.h"

#include <X11/Xutil.h>
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stamp.h"

static uint32_t next_random(struct canvas *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 17;
	c->random ^= c->random << 5;
	return c->random;
}

void canvas_init(struct canvas *c)
{
	XSetWindowAttributes a = { .override_redirect = True, .background_pixel = 0xd8dce0, .event_mask = ExposureMask | KeyPressMask };
	XEvent e;

	if (!(c->d = XOpenDisplay(NULL)))
		errx(111, "cannot open display");
	c->random = 2463534242u;
	c->width = DisplayWidth(c->d, 0);
	c->height = DisplayHeight(c->d, 0);
	c->w = XCreateWindow(c->d, DefaultRootWindow(c->d), 0, 0, (unsigned)c->width, (unsigned)c->height, 0, CopyFromParent,
			     InputOutput, CopyFromParent, CWOverrideRedirect | CWBackPixel | CWEventMask, &a);
	XMapRaised(c->d, c->w);
	XWindowEvent(c->d, c->w, ExposureMask, &e);
	c->gc = XCreateGC(c->d, c->w, 0, NULL);
	XSetGraphicsExposures(c->d, c->gc, False);
	if (!(c->font = XLoadQueryFont(c->d, "7x13")) && !(c->font = XLoadQueryFont(c->d, "fixed")))
		errx(111, "the display has no fonts");
	XSetFont(c->d, c->gc, c->font->fid);
}

Pixmap canvas_pixmap(struct canvas *c, int w, int h)
{
	return XCreatePixmap(c->d, c->w, (unsigned)w, (unsigned)h, 24);
}

/* Waves that drift, a few hard edges, grain of one bit. */
static uint32_t photo_pixel(struct canvas *c, const int *wave, int x, int y, int t)
{
	int u = x + 2 * t, v = y + t;
	int a = wave[(u * 2 + v) & 1023] + wave[(v * 3 - u / 2 + t * 5) & 1023];
	int b = wave[(u + v * 2 + 300) & 1023] + wave[(u * 5 / 3 + 100) & 1023];
	int edge = ((u / 97 + v / 61) & 3) == 0 ? 40 : 0;
	uint32_t grain = next_random(c);
	int r = 128 + a / 2 + edge + (int)(grain & 1), g = 118 + b / 2 + edge / 2 + (int)(grain >> 1 & 1);
	int blue = 110 + (a - b) / 3 + (int)(grain >> 2 & 1);

#define BYTE(n) ((uint32_t)((n) < 0 ? 0 : (n) > 255 ? 255 : (n)))
	return BYTE(r) << 16 | BYTE(g) << 8 | BYTE(blue);
#undef BYTE
}

void paint_photo(struct canvas *c, Drawable on, int w, int h, int t)
{
	uint32_t *px = malloc(sizeof *px * (size_t)w * (size_t)h);
	XImage *image = XCreateImage(c->d, DefaultVisual(c->d, 0), 24, ZPixmap, 0, (char *)px, (unsigned)w, (unsigned)h, 32, 0);
	int wave[1024];

	if (!px || !image)
		errx(111, "no memory");
	for (int i = 0; i < 1024; i++)
		wave[i] = (int)(90 * sin(i * 2 * 3.14159265358979 / 1024) + 30 * sin(i * 14 * 3.14159265358979 / 1024));
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			px[(size_t)y * (size_t)w + (size_t)x] = photo_pixel(c, wave, x, y, t);
	XPutImage(c->d, on, c->gc, image, 0, 0, 0, 0, (unsigned)w, (unsigned)h);
	XDestroyImage(image);
}

void paint_line(struct canvas *c, Drawable on, int x, int y, int w, int h)
{
	char text[280];
	size_t n = 100 + next_random(c) % 172;
	int most = w / (c->font->max_bounds.width ? c->font->max_bounds.width : 7);

	for (size_t i = 0; i < n; i++)
		text[i] = next_random(c) % 6 ? (char)('a' + next_random(c) % 26) : ' ';
	XSetForeground(c->d, c->gc, 0xffffff);
	XFillRectangle(c->d, on, c->gc, x, y, (unsigned)w, (unsigned)h);
	XSetForeground(c->d, c->gc, next_random(c) % 8 ? 0x101010 : 0x2040c0);
	XDrawString(c->d, on, c->gc, x + 4, y + h - 4, text, (int)n < most ? (int)n : most);
}

void paint_page(struct canvas *c, Drawable on, int x, int y, int w, int h, int line)
{
	for (int at = 0; at < h; at += line)
		paint_line(c, on, x, y + at, w, at + line > h ? h - at : line);
}

void paint_stamp(struct canvas *c, Drawable on, int x, int y, uint32_t value)
{
	XRectangle white[STAMP_ROWS * STAMP_COLUMNS];
	int n = 0;

	for (int r = 0; r < STAMP_ROWS; r++)
		for (int k = 0; k < STAMP_COLUMNS; k++)
			if (stamp_bit(value, r, k))
				white[n++] = (XRectangle){ (short)(x + k * STAMP_BLOCK), (short)(y + r * STAMP_BLOCK), STAMP_BLOCK, STAMP_BLOCK };
	XSetForeground(c->d, c->gc, 0);
	XFillRectangle(c->d, on, c->gc, x, y, STAMP_W, STAMP_H);
	XSetForeground(c->d, c->gc, 0xffffff);
	XFillRectangles(c->d, on, c->gc, white, n);
}
