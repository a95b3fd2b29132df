/* The cursor's shape (XFixes) and the pointer's position. A position costs a round trip, so it is
 * asked for when a raw motion said that it moved, and now and then with a frame for those
 * that make no raw motion (a warped pointer). */
#include "x11/capture_state.h"

#include <stdlib.h>

#include "io/io.h"

enum { ASK_AGAIN_US = 100000 };

void capture_cursor_listen(struct x11_capture *c, bool on)
{
	if (!c->cursor.have)
		return;
	XFixesSelectCursorInput(c->dpy, c->root, on ? XFixesDisplayCursorNotifyMask : 0);
	if (on)
		c->news |= X11_NEWS_CURSOR | X11_NEWS_POINTER;
}

void capture_cursor_init(struct x11_capture *c)
{
	c->cursor.have = c->have_fixes && !c->opt.no_cursor;
	capture_cursor_listen(c, true);
}

void capture_cursor_fini(struct x11_capture *c)
{
	if (c->cursor.image)
		XFree(c->cursor.image);
	free(c->cursor.argb);
	c->cursor = (struct capture_cursor){ 0 };
}

static unsigned bound(unsigned side)
{
	return side < FBS_CURSOR_SIDE_MAX ? side : FBS_CURSOR_SIDE_MAX;
}

static int16_t inside(int hot, unsigned side)
{
	return (int16_t)(hot < 0 || side == 0 ? 0 : hot < (int)side ? hot : (int)side - 1);
}

/* An X server with the Security extension gives nobody the shape of a cursor whose maker has left, as xsetroot does. A viewer
 * that is told of no shape shows no pointer at all: it gets an arrow instead. */
static bool arrow(struct capture_cursor *k, struct fbs_cursor *out)
{
	enum { W = 10, H = 16 };
	static const char rows[H][W + 1] = {
		"..        ", ".#.       ", ".##.      ", ".###.     ", ".####.    ", ".#####.   ", ".######.  ", ".#######. ",
		".########.", ".#####....", ".##.##.   ", ".#..##.   ", "..  .##.  ", "    .##.  ", "     .##. ", "      ..  ",
	};

	free(k->argb);
	k->argb = malloc(W * H * sizeof *k->argb);
	if (!k->argb)
		return false;
	for (unsigned i = 0; i < W * H; i++) {
		const char c = rows[i / W][i % W];
		k->argb[i] = c == '#' ? 0xff000000 : c == '.' ? 0xffffffff : 0;
	}
	*out = (struct fbs_cursor){ .w = W, .h = H, .argb = (const uint8_t *)k->argb };
	return true;
}

bool x11_capture_cursor(struct x11_capture *c, struct fbs_cursor *out)
{
	struct capture_cursor *k = &c->cursor;
	const XFixesCursorImage *i;
	unsigned w, h;

	c->news &= ~(unsigned)X11_NEWS_CURSOR;
	if (!k->have || c->lost.why[0])
		return false;
	if (k->image)
		XFree(k->image);
	i = k->image = XFixesGetCursorImage(c->dpy);
	if (!i)
		return !c->lost.why[0] && arrow(k, out);
	w = bound(i->width);
	h = bound(i->height);
	free(k->argb);
	k->argb = malloc((size_t)w * h * sizeof *k->argb + 1);
	if (!k->argb)
		return false;
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++)
			k->argb[y * w + x] = (uint32_t)i->pixels[(size_t)y * i->width + x];
	*out = (struct fbs_cursor){
		.w = (uint16_t)w, .h = (uint16_t)h, .hot_x = inside(i->xhot, w), .hot_y = inside(i->yhot, h),
		.argb = (const uint8_t *)k->argb,
	};
	return true;
}

bool x11_capture_pointer(struct x11_capture *c, bool always, struct fbs_pointer *out)
{
	struct capture_cursor *k = &c->cursor;
	const struct fbs_screen *s = &c->screen.now;
	Window root, child;
	int x, y, wx, wy;
	unsigned mask;
	const bool told = c->news & X11_NEWS_POINTER;
	bool moved;

	c->news &= ~(unsigned)X11_NEWS_POINTER;
	if (c->opt.no_cursor || c->lost.why[0] || (!always && !told && io_now() - k->asked_us < ASK_AGAIN_US))
		return false;
	k->asked_us = io_now();
	out->on_screen = XQueryPointer(c->dpy, c->root, &root, &child, &x, &y, &wx, &wy, &mask) != 0;
	out->x = x - s->origin_x;
	out->y = y - s->origin_y;
	if (c->lost.why[0])
		return false;
	out->on_screen = out->on_screen && out->x >= 0 && out->y >= 0 && out->x < (int)s->w && out->y < (int)s->h;
	moved = !k->have_last || k->last.x != out->x || k->last.y != out->y || k->last.on_screen != out->on_screen;
	k->last = *out;
	k->have_last = true;
	return moved || always;
}
