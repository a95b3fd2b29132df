/* workload SCENE [WxH RATE]: draws one scene on $DISPLAY at its rate until it is told to stop, a time stamp in every frame.
 *
 *   echo       each key press draws a counter           video      640 × 360, 30/s
 *   typing     a letter, 15/s                           fullvideo  the whole screen, 30/s
 *   scroll     a screen of text by one line, 30/s       pages      another full page, 13/s
 *   drag       a window of 800 × 600, 30/s              idle       nothing
 *   area WxH RATE   a video of any size and rate, in the corner
 *
 * Says "ready" when the first picture stands. SIGUSR1 freezes the picture. The stamp is the low 32 bits of
 * CLOCK_MONOTONIC in microseconds, taken before the frame's first request. */
#include <X11/Xlib.h>
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "picture.h"
#include "stamp.h"

enum { LINE = 15, FRAMES_MAX = 24, WINDOW_W = 800, WINDOW_H = 600, VIDEO_W = 640, VIDEO_H = 360 };

struct scene {
	const char *name;
	double rate;			/* frames per second; 0: draws only when events come */
	void (*setup)(struct canvas *c);
	void (*draw)(struct canvas *c, unsigned n, uint32_t stamp);
};

static volatile sig_atomic_t frozen;
static Pixmap frames[FRAMES_MAX];
static int stamp_x, stamp_y;
static int area_w, area_h;
static double area_rate;

static void on_usr1(int s)
{
	(void)s;
	frozen = 1;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- the scenes ------------------------------------------------------------------------------------ */

static void setup_desk(struct canvas *c)
{
	paint_page(c, c->w, 0, 0, c->width / 2, c->height, LINE);
	paint_photo(c, frames[0] = canvas_pixmap(c, c->width / 2, c->height), c->width / 2, c->height, 7);
	XCopyArea(c->d, frames[0], c->w, c->gc, 0, 0, (unsigned)c->width / 2, (unsigned)c->height, c->width / 2, 0);
	paint_stamp(c, c->w, stamp_x, stamp_y, 0);
}

static void draw_typing(struct canvas *c, unsigned n, uint32_t stamp)
{
	char letter = (char)('a' + n * 7 % 26);
	int x = 96 + (int)(n % 80) * 7, y = 16 + (int)(n / 80 % 20) * LINE;

	paint_stamp(c, c->w, stamp_x, stamp_y, stamp);
	XSetForeground(c->d, c->gc, 0xffffff);
	XFillRectangle(c->d, c->w, c->gc, x, y, 7, LINE);
	XSetForeground(c->d, c->gc, 0);
	XDrawString(c->d, c->w, c->gc, x, y + 12, &letter, 1);
}

static void draw_echo(struct canvas *c, unsigned n, uint32_t stamp)
{
	(void)stamp;
	draw_typing(c, n, n);
}

static void setup_scroll(struct canvas *c)
{
	paint_page(c, c->w, 0, 0, c->width, c->height, LINE);
}

static void draw_scroll(struct canvas *c, unsigned n, uint32_t stamp)
{
	int h = c->height - c->height % LINE - LINE;

	(void)n;
	XCopyArea(c->d, c->w, c->w, c->gc, 0, LINE, (unsigned)c->width, (unsigned)(h - LINE), 0, 0);
	paint_line(c, c->w, 0, h - LINE, c->width, LINE);
	paint_stamp(c, c->w, stamp_x, stamp_y, stamp);
}

/* The window is a child, so that the server moves its pixels. */
static Window dragged;

static void setup_drag(struct canvas *c)
{
	XSetWindowAttributes a = { .override_redirect = True };

	setup_desk(c);
	a.background_pixmap = canvas_pixmap(c, WINDOW_W, WINDOW_H);
	paint_photo(c, a.background_pixmap, WINDOW_W, WINDOW_H, 3);
	paint_page(c, a.background_pixmap, 20, 40, WINDOW_W / 2, WINDOW_H - 60, LINE);
	/* the desk is the parent's background, so that uncovering it is the server's work too */
	frames[1] = canvas_pixmap(c, c->width, c->height);
	XCopyArea(c->d, c->w, frames[1], c->gc, 0, 0, (unsigned)c->width, (unsigned)c->height, 0, 0);
	XSetWindowBackgroundPixmap(c->d, c->w, frames[1]);
	dragged = XCreateWindow(c->d, c->w, 200, 150, WINDOW_W, WINDOW_H, 0, CopyFromParent, InputOutput, CopyFromParent,
				CWOverrideRedirect | CWBackPixmap, &a);
	XMapRaised(c->d, dragged);
}

static void draw_drag(struct canvas *c, unsigned n, uint32_t stamp)
{
	int phase = (int)(n % 120), x = 200 + (phase < 60 ? phase : 120 - phase) * 13;
	int y = 150 + (phase < 30 ? phase : phase < 90 ? 60 - phase : phase - 120) * 4;

	XMoveWindow(c->d, dragged, x, y);
	paint_stamp(c, c->w, stamp_x, stamp_y, stamp);
}

static void setup_frames(struct canvas *c, int w, int h)
{
	for (int i = 0; i < FRAMES_MAX; i++)
		paint_photo(c, frames[i] = canvas_pixmap(c, w, h), w, h, i * 3);
}

static void setup_video(struct canvas *c)
{
	setup_desk(c);
	setup_frames(c, VIDEO_W, VIDEO_H);
}

/* Forth and back, so that there is no jump. */
static Pixmap video_frame(unsigned n)
{
	unsigned phase = n % (2 * FRAMES_MAX - 2);

	return frames[phase < FRAMES_MAX ? phase : 2 * FRAMES_MAX - 2 - phase];
}

static void draw_video(struct canvas *c, unsigned n, uint32_t stamp)
{
	paint_stamp(c, video_frame(n), 0, 0, stamp);
	XCopyArea(c->d, video_frame(n), c->w, c->gc, 0, 0, VIDEO_W, VIDEO_H, stamp_x, stamp_y);
}

static void setup_fullvideo(struct canvas *c)
{
	setup_frames(c, c->width, c->height);
}

static void draw_fullvideo(struct canvas *c, unsigned n, uint32_t stamp)
{
	paint_stamp(c, video_frame(n), 0, 0, stamp);
	XCopyArea(c->d, video_frame(n), c->w, c->gc, 0, 0, (unsigned)c->width, (unsigned)c->height, 0, 0);
}

static void setup_area(struct canvas *c)
{
	setup_desk(c);
	setup_frames(c, area_w, area_h);
}

static void draw_area(struct canvas *c, unsigned n, uint32_t stamp)
{
	paint_stamp(c, video_frame(n), 0, 0, stamp);
	XCopyArea(c->d, video_frame(n), c->w, c->gc, 0, 0, (unsigned)area_w, (unsigned)area_h, 0, 0);
}

/* Pages as a person leafs through them: mostly text, with a picture on every other one. */
static void setup_pages(struct canvas *c)
{
	Pixmap photo = canvas_pixmap(c, 900, 500);

	paint_photo(c, photo, 900, 500, 5);
	for (int i = 0; i < 8; i++) {
		frames[i] = canvas_pixmap(c, c->width, c->height);
		paint_page(c, frames[i], 0, 0, c->width, c->height, LINE);
		if (i % 2)
			XCopyArea(c->d, photo, frames[i], c->gc, 0, 0, 900, 500, 100 + 90 * i, 120 + 40 * i);
	}
}

static void draw_pages(struct canvas *c, unsigned n, uint32_t stamp)
{
	Pixmap page = frames[n % 8];

	paint_stamp(c, page, stamp_x, stamp_y, stamp);
	XCopyArea(c->d, page, c->w, c->gc, 0, 0, (unsigned)c->width, (unsigned)c->height, 0, 0);
}

static const struct scene scenes[] = {
	{ "echo", 0, setup_desk, draw_echo },
	{ "typing", 15, setup_desk, draw_typing },
	{ "scroll", 30, setup_scroll, draw_scroll },
	{ "drag", 30, setup_drag, draw_drag },
	{ "video", 30, setup_video, draw_video },
	{ "fullvideo", 30, setup_fullvideo, draw_fullvideo },
	{ "pages", 13, setup_pages, draw_pages },
	{ "idle", 0, setup_desk, NULL },
	{ "area", 30, setup_area, draw_area },
};

/* --- running one ------------------------------------------------------------------------------------- */

static void run_clock(struct canvas *c, const struct scene *s)
{
	int64_t period = (int64_t)(1000000 / (area_rate > 0 ? area_rate : s->rate)), next = now_us();

	for (unsigned n = 0; !frozen; n++) {
		struct timespec until = { next / 1000000, next % 1000000 * 1000 };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		if (frozen)
			break;
		s->draw(c, n, (uint32_t)now_us());
		XSync(c->d, False);
		next += period;
		if (next < now_us() - period)
			next = now_us();
	}
}

static void run_events(struct canvas *c, const struct scene *s)
{
	XEvent e;

	for (unsigned n = 1; !frozen;) {
		if (!XPending(c->d)) {
			struct pollfd p = { .fd = ConnectionNumber(c->d), .events = POLLIN };
			poll(&p, 1, 200);
			continue;
		}
		XNextEvent(c->d, &e);
		if (e.type == KeyPress && s->draw) {
			s->draw(c, n++, 0);
			XFlush(c->d);
		}
	}
}

int main(int argc, char **argv)
{
	struct canvas c;
	const struct scene *s = NULL;

	for (size_t i = 0; argc >= 2 && i < sizeof scenes / sizeof *scenes; i++)
		if (!strcmp(scenes[i].name, argv[1]))
			s = &scenes[i];
	if (s && s->draw == draw_area &&
	    (argc != 4 || sscanf(argv[2], "%dx%d", &area_w, &area_h) != 2 || (area_rate = atof(argv[3])) <= 0 || area_w < STAMP_W || area_h < STAMP_H))
		s = NULL;
	if (!s)
		errx(100, "usage: workload echo|typing|scroll|drag|video|fullvideo|pages|idle | area WxH RATE");
	signal(SIGUSR1, on_usr1);
	canvas_init(&c);
	stamp_place(s->name, c.width, c.height, &stamp_x, &stamp_y);
	s->setup(&c);
	XSetInputFocus(c.d, c.w, RevertToPointerRoot, CurrentTime);
	XSync(c.d, False);
	puts("ready");
	fflush(stdout);
	if (s->rate > 0)
		run_clock(&c, s);
	else
		run_events(&c, s);
	/* the picture stays until we are killed */
	for (;;)
		poll(NULL, 0, 1000);
}
