/* xpaint: paints on $DISPLAY what the lines of stdin say, answering "ok" to each once the
 * server has done it. Everything is deterministic, so two runs show the same screen.
 *
 *   window X Y W H            an override-redirect window that the next lines paint on (root: the root window)
 *   root
 *   fill X Y W H RRGGBB       a rectangle
 *   noise X Y W H SEED        pixels as random as they come
 *   photo X Y W H SEED        smooth colour, as in a photograph
 *   text X Y RRGGBB WORDS     a line of text with its baseline at Y
 *   page X Y W H SEED         text on white, line under line
 *   copy SX SY W H DX DY      XCopyArea
 *   move X Y                  the window
 *   nopointer                 a pointer of no pixels over the root window
 *   bell
 *   wait MS */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct painter {
	Display *d;
	Window on;
	GC gc;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

typedef uint32_t (*pixel_at)(int x, int y, uint32_t *state, uint32_t seed);

static uint32_t noise_at(int x, int y, uint32_t *state, uint32_t seed)
{
	(void)x, (void)y, (void)seed;
	return next_random(state) & 0xffffff;
}

static uint32_t photo_at(int x, int y, uint32_t *state, uint32_t seed)
{
	unsigned a = (unsigned)x, b = (unsigned)y, grain = next_random(state) & 3;
	unsigned r = (a * 3 / 4 + b / 3 + seed * 17) & 511;
	unsigned g = (a / 5 + b * 2 / 3 + seed * 31) & 511;
	unsigned blue = ((a + b) / 2 + seed * 53) & 511;

#define FOLD(v) (((v) > 255 ? 511 - (v) : (v)) / 4 * 4 + grain)
	return (uint32_t)(FOLD(r) << 16 | FOLD(g) << 8 | FOLD(blue));
#undef FOLD
}

static void paint_pixels(struct painter *p, const int *v, pixel_at at)
{
	int w = v[2], h = v[3];
	uint32_t seed = (uint32_t)v[4], state = seed * 2654435761u | 1;
	XImage *image = XCreateImage(p->d, DefaultVisual(p->d, DefaultScreen(p->d)), 24, ZPixmap, 0,
				     calloc((size_t)w * (size_t)h, 4), (unsigned)w, (unsigned)h, 32, 0);

	if (!image || !image->data)
		errx(111, "no memory");
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			XPutPixel(image, x, y, at(x, y, &state, seed));
	XPutImage(p->d, p->on, p->gc, image, 0, 0, v[0], v[1], (unsigned)w, (unsigned)h);
	XDestroyImage(image);
}

static void paint_fill(struct painter *p, const int *v, unsigned long colour)
{
	XSetForeground(p->d, p->gc, colour);
	XFillRectangle(p->d, p->on, p->gc, v[0], v[1], (unsigned)v[2], (unsigned)v[3]);
}

static void paint_text(struct painter *p, int x, int y, unsigned long colour, const char *text)
{
	XSetForeground(p->d, p->gc, colour);
	XDrawString(p->d, p->on, p->gc, x, y, text, (int)strlen(text));
}

static void paint_page(struct painter *p, const int *v)
{
	uint32_t state = (uint32_t)v[4] * 2654435761u | 1;
	XRectangle clip = { (short)v[0], (short)v[1], (unsigned short)v[2], (unsigned short)v[3] };
	char line[512];

	paint_fill(p, v, 0xffffff);
	XSetClipRectangles(p->d, p->gc, 0, 0, &clip, 1, Unsorted);
	for (int y = v[1] + 12; y < v[1] + v[3]; y += 14) {
		size_t n = 20 + next_random(&state) % 400;

		for (size_t i = 0; i < n; i++)
			line[i] = next_random(&state) % 6 ? (char)('a' + next_random(&state) % 26) : ' ';
		line[n] = 0;
		paint_text(p, v[0] + 4, y, next_random(&state) % 9 ? 0 : 0x2040c0, line);
	}
	XSetClipMask(p->d, p->gc, None);
}

static void hide_pointer(struct painter *p)
{
	static const char nothing[8];
	Pixmap blank = XCreateBitmapFromData(p->d, p->on, nothing, 8, 8);
	XColor black = { 0 };

	XDefineCursor(p->d, DefaultRootWindow(p->d), XCreatePixmapCursor(p->d, blank, blank, &black, &black, 0, 0));
	XFreePixmap(p->d, blank);
}

static void open_window(struct painter *p, const int *v)
{
	XSetWindowAttributes a = { .override_redirect = True, .background_pixel = 0x808080 };
	XEvent e;

	p->on = XCreateWindow(p->d, DefaultRootWindow(p->d), v[0], v[1], (unsigned)v[2], (unsigned)v[3], 0,
			      CopyFromParent, InputOutput, CopyFromParent, CWOverrideRedirect | CWBackPixel, &a);
	XSelectInput(p->d, p->on, ExposureMask);
	XMapRaised(p->d, p->on);
	XWindowEvent(p->d, p->on, ExposureMask, &e);
}

static int obey(struct painter *p, const char *line)
{
	char verb[16], rest[512] = "";
	int v[6] = { 0 }, n, x, y;
	unsigned colour;

	if (sscanf(line, "text %d %d %x %511[^\n]", &x, &y, &colour, rest) == 4) {
		paint_text(p, x, y, colour, rest);
		return 1;
	}
	if (sscanf(line, "fill %d %d %d %d %x", &v[0], &v[1], &v[2], &v[3], &colour) == 5) {
		paint_fill(p, v, colour);
		return 1;
	}
	n = sscanf(line, "%15s %d %d %d %d %d %d", verb, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]);
	if (n == 1 && !strcmp(verb, "root"))
		p->on = DefaultRootWindow(p->d);
	else if (n == 1 && !strcmp(verb, "nopointer"))
		hide_pointer(p);
	else if (n == 1 && !strcmp(verb, "bell"))
		XBell(p->d, 0);
	else if (n == 2 && !strcmp(verb, "wait"))
		usleep((useconds_t)v[0] * 1000);
	else if (n == 3 && !strcmp(verb, "move"))
		XMoveWindow(p->d, p->on, v[0], v[1]);
	else if (n == 5 && !strcmp(verb, "window"))
		open_window(p, v);
	else if (n == 6 && !strcmp(verb, "noise"))
		paint_pixels(p, v, noise_at);
	else if (n == 6 && !strcmp(verb, "photo"))
		paint_pixels(p, v, photo_at);
	else if (n == 6 && !strcmp(verb, "page"))
		paint_page(p, v);
	else if (n == 7 && !strcmp(verb, "copy"))
		XCopyArea(p->d, p->on, p->on, p->gc, v[0], v[1], (unsigned)v[2], (unsigned)v[3], v[4], v[5]);
	else
		return 0;
	return 1;
}

int main(void)
{
	struct painter p = { .d = XOpenDisplay(NULL) };
	char line[1024];

	if (!p.d)
		errx(111, "cannot open display");
	p.on = DefaultRootWindow(p.d);
	p.gc = XCreateGC(p.d, p.on, 0, NULL);
	XSetSubwindowMode(p.d, p.gc, ClipByChildren);
	XSetGraphicsExposures(p.d, p.gc, False);
	while (fgets(line, sizeof line, stdin)) {
		if (!obey(&p, line))
			errx(100, "cannot understand: %s", line);
		XSync(p.d, False);
		puts("ok");
		fflush(stdout);
	}
	XFreeGC(p.d, p.gc);
	XCloseDisplay(p.d);
	return 0;
}
