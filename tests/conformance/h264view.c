/* h264view: a viewer that takes Open H.264, for tests. Does what the lines of stdin say, and goes on reading meanwhile:
 *
 *   h264view -p PORT -D DISPLAY [-q QUALITY] [-f rgb565] [-c] [-P] [-o X,Y]     -c: continuous updates, -P: the cursor is painted,
 *                                                                     -o: where on the display its picture begins
 *
 *   video N         waits for N more rectangles of video
 *   new CONTEXTS    waits until so many decoders have begun since the start
 *   settle [W H]    waits until its picture is that of DISPLAY, or that much of it from the corner
 *   psnr            how like the display the last picture of video is (for a display that stands still)
 *   exact X Y W H   compares a part of its picture with the display
 *   counts          what came so far
 *   origin X Y      its picture begins elsewhere now
 *
 * Answers each with a line; "failed" when it waited in vain for $PATIENCE seconds. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "pixel/format.h"

static const struct pixel_format rgb565 = { .bpp = 16, .depth = 16, .true_colour = true, .red_max = 31, .green_max = 63, .blue_max = 31,
					    .red_shift = 11, .green_shift = 5, .blue_shift = 0 };
static Display *display;
static int64_t patience = 30000;
static int origin_x, origin_y;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void read_some(struct conn *c, int ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	if (poll(&p, 1, ms) > 0 && !conn_read(c))
		errx(1, "the server dropped us or sent what cannot be decoded");
}

/* --- comparing ------------------------------------------------------------------------------------- */

/* The squared error of a row, in the colours that the viewer's format has. */
static double row_error(const struct pixel_format *f, const uint32_t *want, const uint32_t *got, unsigned n)
{
	double error = 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t a, b;
		pixel_to_values(f, &a, want + i, 1);
		pixel_to_values(f, &b, got + i, 1);
		for (unsigned s = 0; a != b && s < 24; s += 8) {
			double d = (double)(want[i] >> s & 255) - (double)(got[i] >> s & 255);
			error += d * d;
		}
	}
	return error;
}

/* PSNR in dB of w × h pixels against the display at x, y. */
static double likeness(const struct pixel_format *f, const uint32_t *px, size_t stride, int x, int y, unsigned w, unsigned h)
{
	XImage *image = XGetImage(display, DefaultRootWindow(display), origin_x + x, origin_y + y, w, h, AllPlanes, ZPixmap);
	double error = 0;

	if (!image)
		return 0;
	for (unsigned j = 0; j < h; j++)
		error += row_error(f, (const uint32_t *)(const void *)(image->data + j * (size_t)image->bytes_per_line), px + j * stride, w);
	XDestroyImage(image);
	return error == 0 ? INFINITY : 10 * log10(255.0 * 255 * 3 * w * h / error);
}

static double part(const struct conn *c, int x, int y, unsigned w, unsigned h)
{
	return likeness(&c->parser.format, c->frame.px + (size_t)y * c->frame.stride + (size_t)x, c->frame.stride, x, y, w, h);
}

/* --- commands -------------------------------------------------------------------------------------------- */

static void print_counts(const struct conn *c)
{
	const struct h264dec_counts *n = h264dec_count(c->video);
	uint16_t b[4];

	h264dec_last(c->video, b);
	printf("rects %lu begun %lu resets %lu resets_all %lu broken %lu decoders %u most %u bytes %lu box %ux%u+%u+%u\n", n->rects, n->keys,
	       n->resets, n->resets_all, n->broken, n->decoders, n->most, n->bytes, b[2], b[3], b[0], b[1]);
}

static void await_video(struct conn *c, unsigned long more, unsigned long begun)
{
	const struct h264dec_counts *n = h264dec_count(c->video);
	const int64_t end = now_ms() + patience;
	const unsigned long rects = n->rects + more;

	while (now_ms() < end && (n->rects < rects || n->keys < begun))
		read_some(c, 50);
	if (n->rects < rects || n->keys < begun)
		printf("failed ");
	print_counts(c);
}

static void settle(struct conn *c, unsigned w, unsigned h)
{
	const int64_t start = now_ms();
	double like = 0;

	do {
		read_some(c, 50);
		if (c->updated || now_ms() - start > patience)
			like = part(c, 0, 0, w ? w : c->frame.w, h ? h : c->frame.h);
		c->updated = like == 0;
	} while (!isinf(like) && now_ms() - start <= patience);
	if (isinf(like))
		printf("exact after %" PRId64 " ms\n", now_ms() - start);
	else
		printf("failed psnr %.1f\n", like);
}

static void print_psnr(const struct conn *c)
{
	uint16_t b[4];
	const uint32_t *px = h264dec_last(c->video, b);

	if (px)
		printf("psnr %.1f\n", likeness(&pixel_format_native, px, b[2], b[0], b[1], b[2], b[3]));
	else
		printf("failed: no video came\n");
}

static void obey(struct conn *c, const char *line)
{
	unsigned long n;
	unsigned x, y, w, h;

	if (sscanf(line, "video %lu", &n) == 1)
		await_video(c, n, 0);
	else if (sscanf(line, "new %lu", &n) == 1)
		await_video(c, 0, n);
	else if (sscanf(line, "exact %u %u %u %u", &x, &y, &w, &h) == 4)
		printf(isinf(part(c, (int)x, (int)y, w, h)) ? "exact\n" : "different\n");
	else if (sscanf(line, "settle %u %u", &w, &h) == 2 || (w = h = 0, !strncmp(line, "settle", 6)))
		settle(c, w, h);
	else if (sscanf(line, "origin %d %d", &origin_x, &origin_y) == 2)
		printf("ok\n");
	else if (!strncmp(line, "psnr", 4))
		print_psnr(c);
	else
		print_counts(c);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct conn_options o = { .host = "127.0.0.1", .encoding = CODEC_H264, .quality = -1 };
	const char *name = NULL, *seconds = getenv("PATIENCE");
	struct conn c;
	char line[80];
	size_t len = 0;
	int opt;

	while ((opt = getopt(argc, argv, "p:D:q:f:cPo:")) != -1)
		switch (opt) {
		case 'p': o.port = optarg; break;
		case 'D': name = optarg; break;
		case 'q': o.quality = atoi(optarg); break;
		case 'f': o.format = &rgb565; break;
		case 'c': o.continuous = true; break;
		case 'P': o.painted = true; break;
		case 'o': sscanf(optarg, "%d,%d", &origin_x, &origin_y); break;
		default: exit(100);
		}
	if (!o.port || !(display = XOpenDisplay(name)))
		errx(100, "usage: h264view -p PORT -D DISPLAY [-q QUALITY] [-f rgb565] [-c] [-P] [-o X,Y]");
	if (seconds)
		patience = atoi(seconds) * 1000;
	conn_open(&c, &o, true);
	h264dec_keep(c.video);
	for (;;) {
		struct pollfd p[2] = { { .fd = 0, .events = POLLIN }, { .fd = c.fd, .events = POLLIN } };
		poll(p, 2, -1);
		if (p[1].revents)
			read_some(&c, 0);
		if (!p[0].revents)
			continue;
		if (len == sizeof line - 1 || read(0, line + len, 1) != 1)
			break;
		if (line[len++] != '\n')
			continue;
		line[len] = '\0';
		len = 0;
		obey(&c, line);
	}
	conn_close(&c);
	return 0;
}
