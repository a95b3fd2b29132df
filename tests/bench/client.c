/* client: measures a server. Connects, decodes everything, reads the stamps that the workload drew.
 *
 *   client -p PORT [-h HOST] [-e ENCODING] [-q QUALITY] [-c] [-n VIEWERS] [-w WARMUP] [-s SECONDS] [-D DISPLAY] SCENE
 *
 * Prints "start" and "stop" around the measured time, so that the driver can sample CPU, waits for a line on
 * stdin (the workload is frozen by then), waits until the picture is that of DISPLAY (at most 5 s), and prints one
 * line of JSON. With -n, VIEWERS - 1 more are connected that follow their updates; one of them is checked too. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "crowd.h"
#include "stamp.h"

enum { SAMPLES_MAX = 1 << 16, SETTLE_US = 20000000, QUIET_US = 2000000 };

struct results {
	unsigned n;			/* new stamps seen */
	uint32_t us[SAMPLES_MAX];	/* their latencies */
	uint64_t bytes;
	unsigned long updates, rects, copies;
	double seconds;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- the picture at the end ------------------------------------------------------------------------ */

static XImage *grab(Display *d)
{
	return XGetImage(d, DefaultRootWindow(d), 0, 0, (unsigned)DisplayWidth(d, 0), (unsigned)DisplayHeight(d, 0), AllPlanes, ZPixmap);
}

/* PSNR in dB against the display; INFINITY when equal. */
static double likeness(const struct codec_frame *f, const XImage *image)
{
	double error = 0;

	if (image->width != f->w || image->height != f->h)
		return 0;
	for (int y = 0; y < f->h; y++) {
		const uint32_t *want = (const uint32_t *)(const void *)(image->data + (size_t)y * (size_t)image->bytes_per_line);
		const uint32_t *got = f->px + (size_t)y * f->stride;

		for (int x = 0; x < f->w; x++) {
			uint32_t a = want[x] & 0xffffff, b = got[x] & 0xffffff;
			int r = (int)(a >> 16) - (int)(b >> 16), g = (int)(a >> 8 & 255) - (int)(b >> 8 & 255), l = (int)(a & 255) - (int)(b & 255);

			error += r * r + g * g + l * l;
		}
	}
	return error == 0 ? INFINITY : 10 * log10(255.0 * 255 * 3 * f->w * f->h / error);
}

/* Reads on until the picture is that of the display, or nothing has come for QUIET_US. Returns the likeness; *us: how long it took. */
static double settle(struct conn *c, const char *display, int64_t *us)
{
	Display *d = XOpenDisplay(display);
	int64_t start = now_us(), changed = start, heard = start;
	XImage *image;
	double found;

	if (!d || !(image = grab(d)))
		errx(111, "cannot look at display %s", display);
	found = likeness(&c->frame, image);
	while (!isinf(found) && now_us() < start + SETTLE_US && now_us() < heard + QUIET_US) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };

		if (poll(&p, 1, 50) > 0) {
			if (!conn_read(c))
				break;
			heard = now_us();
		}
		if (!c->updated)
			continue;
		c->updated = false;
		changed = now_us();
		found = likeness(&c->frame, image);
	}
	*us = changed - start;
	XDestroyImage(image);
	XCloseDisplay(d);
	return found;
}

/* --- measuring ----------------------------------------------------------------------------------------- */

struct watch {
	unsigned x, y;			/* where the stamp is; the screen may have become smaller since */
	uint32_t last;
	bool echo;
	int64_t pressed;		/* echo: when the key went out; 0: none is under way */
	int64_t next_key;		/* when the next one may, if none is */
};

enum { LOST_US = 1000000 };		/* an echo that takes longer than this will not come */

static void press(struct watch *w, struct conn *c)
{
	const int64_t now = now_us();

	if (!w->echo || now < (w->pressed ? w->pressed + LOST_US : w->next_key))
		return;
	w->pressed = now;
	conn_key(c, 'a');
}

static void look(struct watch *w, const struct codec_frame *f, struct results *r)
{
	uint32_t stamp;
	int64_t now = now_us();

	if (w->x + STAMP_W > f->w || w->y + STAMP_H > f->h ||
	    !stamp_read(f->px + (size_t)w->y * f->stride + w->x, f->stride, &stamp) || stamp == w->last)
		return;
	w->last = stamp;
	if (w->echo && !w->pressed)
		return;
	if (r->n < SAMPLES_MAX)
		r->us[r->n++] = w->echo ? (uint32_t)(now - w->pressed) : (uint32_t)now - stamp;
	w->pressed = 0;
	w->next_key = now + 60000 + rand() % 60000;	/* at random, so that no server's clock is met in step */
}

static void run_for(struct conn *c, struct watch *w, struct results *r, double seconds)
{
	int64_t start = now_us(), end = start + (int64_t)(seconds * 1e6);
	uint64_t bytes = c->received;
	unsigned long updates = c->updates, rects = c->rects, copies = c->copies;

	r->n = 0;
	while (now_us() < end) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };

		press(w, c);
		if (poll(&p, 1, w->echo ? 1 : 20) <= 0)
			continue;
		if (!conn_read(c))
			errx(1, "the server dropped us or sent what cannot be decoded");
		if (c->updated)
			look(w, &c->frame, r);
		c->updated = false;
	}
	r->seconds = (double)(now_us() - start) / 1e6;
	r->bytes = c->received - bytes;
	r->updates = c->updates - updates;
	r->rects = c->rects - rects;
	r->copies = c->copies - copies;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double percentile(const struct results *r, double p)
{
	return r->n ? r->us[(unsigned)(p * (r->n - 1))] / 1000.0 : NAN;
}

static void put_number(const char *name, double v)
{
	if (isfinite(v))
		printf("\"%s\": %.6g, ", name, v);
	else
		printf("\"%s\": null, ", name);
}

static void print_results(struct results *r)
{
	qsort(r->us, r->n, sizeof *r->us, by_value);
	put_number("seconds", r->seconds);
	put_number("frames", r->n);
	put_number("fps", r->n / r->seconds);
	put_number("p50_ms", percentile(r, 0.5));
	put_number("p90_ms", percentile(r, 0.9));
	put_number("p99_ms", percentile(r, 0.99));
	put_number("bytes", (double)r->bytes);
	put_number("kb_per_frame", r->n ? (double)r->bytes / 1000 / r->n : NAN);
	put_number("updates", (double)r->updates);
	put_number("rects", (double)r->rects);
	put_number("copies", (double)r->copies);
}

static void print_crowd(struct crowd *crowd, unsigned n)
{
	const unsigned long *counts = crowd_counts(crowd);

	put_number("others_least", (double)counts[0]);
	put_number("others_median", (double)counts[n / 2]);
	put_number("others_lost", crowd_lost(crowd));
}

static double check_crowd(struct crowd *crowd, const char *display)
{
	Display *d = XOpenDisplay(display);
	const struct conn *one = crowd_finish(crowd);

	if (!d)
		errx(111, "cannot look at display %s", display);
	return likeness(&one->frame, grab(d));
}

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct conn_options o = { .host = "127.0.0.1", .encoding = CODEC_TIGHT, .quality = -1 };
	double warmup = 1.5, seconds = 5, like;
	const char *display = NULL;
	unsigned viewers = 1;
	struct watch w = { 0 };
	struct crowd *crowd = NULL;
	static struct results r;
	struct conn c;
	char line[16];
	int opt, x, y;
	int64_t took;

	while ((opt = getopt(argc, argv, "p:h:e:q:cn:w:s:D:")) != -1)
		switch (opt) {
		case 'p': o.port = optarg; break;
		case 'h': o.host = optarg; break;
		case 'e': o.encoding = codec_by_name(optarg); break;
		case 'q': o.quality = atoi(optarg); break;
		case 'c': o.continuous = true; break;
		case 'n': viewers = (unsigned)atoi(optarg); break;
		case 'w': warmup = atof(optarg); break;
		case 's': seconds = atof(optarg); break;
		case 'D': display = optarg; break;
		default: exit(100);
		}
	if (optind + 1 != argc || !o.port || !display || o.encoding == -1000)
		errx(100, "usage: client -p PORT -D DISPLAY [-e ENCODING] [-q QUALITY] [-c] [-n VIEWERS] [-w WARMUP] [-s SECONDS] SCENE");
	conn_open(&c, &o, true);
	if (viewers > 1)
		crowd = crowd_start(&o, viewers - 1);
	if (!stamp_place(argv[optind], c.frame.w, c.frame.h, &x, &y) || x + STAMP_W > c.frame.w || y + STAMP_H > c.frame.h)
		errx(100, "no scene %s", argv[optind]);
	w = (struct watch){ .x = (unsigned)x, .y = (unsigned)y, .echo = !strcmp(argv[optind], "echo") };
	run_for(&c, &w, &r, warmup);
	if (crowd)
		crowd_mark(crowd);
	say("start");
	run_for(&c, &w, &r, seconds);
	say("stop");
	printf("{");
	if (crowd)
		print_crowd(crowd, viewers - 1);
	print_results(&r);
	fflush(stdout);
	/* the workload freezes now; keep reading meanwhile */
	for (struct pollfd p[2] = { { .fd = 0, .events = POLLIN }, { .fd = c.fd, .events = POLLIN } };;) {
		poll(p, 2, 100);
		if (p[1].revents && !conn_read(&c))
			errx(1, "the server dropped us");
		if (p[0].revents && (read(0, line, sizeof line) >= 0))
			break;
	}
	like = settle(&c, display, &took);
	put_number("settle_ms", (double)took / 1000);
	put_number("psnr", like);
	if (crowd)
		printf("\"other_exact\": %s, ", isinf(check_crowd(crowd, display)) ? "true" : "false");
	printf("\"exact\": %s}\n", isinf(like) ? "true" : "false");
	conn_close(&c);
	return 0;
}
