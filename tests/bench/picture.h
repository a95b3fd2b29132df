/* What the scenes are painted from: text pages and photograph-like pictures, the same in every run. */
#ifndef RFBKIT_BENCH_PICTURE_H
#define RFBKIT_BENCH_PICTURE_H

#include <X11/Xlib.h>
#include <stdint.h>

struct canvas {
	Display *d;
	Window w;
	GC gc;
	XFontStruct *font;
	int width, height;
	uint32_t random;
};

void canvas_init(struct canvas *c);
Pixmap canvas_pixmap(struct canvas *c, int w, int h);
/* Fills `on` with a picture as a camera would see it, at time t (frames). */
void paint_photo(struct canvas *c, Drawable on, int w, int h, int t);
/* Lines of words on white, in `line` pixels each. */
void paint_page(struct canvas *c, Drawable on, int x, int y, int w, int h, int line);
void paint_line(struct canvas *c, Drawable on, int x, int y, int w, int h);
void paint_stamp(struct canvas *c, Drawable on, int x, int y, uint32_t value);

#endif
