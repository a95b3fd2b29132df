/* One frame: the pixels are captured first, and only if the screen kept still meanwhile is
 * anything written. What is told beside a frame (offers and texts of selections) follows it. */
#include "grab.h"

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"

/* How many records a step wrote; -1 when the output failed. */
#define PUT(g, ...) (fbs_write(&(g)->writer, &(struct fbs_record){ __VA_ARGS__ }) ? -1 : 1)

static int put_screen(struct grab *g, bool key)
{
	struct fbs_record r = { .type = FBS_SCREEN };

	if (!key)
		return 0;
	x11_capture_screen(g->capture, &r.screen);
	cli_stat_set(STAT_FB_WIDTH, 0, r.screen.w);
	cli_stat_set(STAT_FB_HEIGHT, 0, r.screen.h);
	return fbs_write(&g->writer, &r) ? -1 : 1;
}

static int put_shared(struct grab *g, bool key)
{
	struct fbs_shared s;

	if (!x11_capture_shared(g->capture, &s)) {
		g->shared = (struct fbs_shared){ 0 };
		return 0;
	}
	if (!key && memcmp(s.nonce, g->shared.nonce, sizeof s.nonce) == 0)
		return 0;
	g->shared = s;
	return PUT(g, .type = FBS_SHARED, .shared = s);
}

static int put_name(struct grab *g, bool due)
{
	struct fbs_record r = { .type = FBS_NAME };

	if (!due)
		return 0;
	x11_capture_name(g->capture, &r.name);
	return fbs_write(&g->writer, &r) ? -1 : 1;
}

static int put_leds(struct grab *g, bool due)
{
	return due ? PUT(g, .type = FBS_LEDS, .leds = { x11_capture_leds(g->capture) }) : 0;
}

static int put_cursor(struct grab *g, bool due)
{
	struct fbs_record r = { .type = FBS_CURSOR };

	if (!due || !x11_capture_cursor(g->capture, &r.cursor))
		return 0;
	return fbs_write(&g->writer, &r) ? -1 : 1;
}

static int put_pointer(struct grab *g, bool key, bool due)
{
	struct fbs_record r = { .type = FBS_POINTER };

	if (!due || !x11_capture_pointer(g->capture, key, &r.pointer))
		return 0;
	return fbs_write(&g->writer, &r) ? -1 : 1;
}

static int put_bells(struct grab *g)
{
	unsigned n = x11_capture_bells(g->capture);

	for (unsigned i = 0; i < n; i++)
		if (PUT(g, .type = FBS_BELL) < 0)
			return -1;
	return (int)n;
}

static int put_boxes(struct grab *g, const struct x11_box *b, int n)
{
	uint64_t pixels = 0;

	for (int i = 0; i < n; i++, b++) {
		int error = g->shared.size
			? PUT(g, .type = FBS_DAMAGE, .damage = { b->x, b->y, b->w, b->h, b->offset, (uint32_t)b->stride }) < 0
			: fbs_write_raw(&g->writer, b->x, b->y, b->w, b->h, b->px, b->stride);

		if (error)
			return -1;
		pixels += (uint64_t)b->w * b->h;
	}
	cli_stat_add(STAT_DAMAGED_PIXELS, 0, pixels);
	return n;
}

/* Everything that a FRAME commits. How many records, -1 when the output failed. */
static int put_all(struct grab *g, unsigned news, const struct x11_box *boxes, int n)
{
	const bool key = news & X11_NEWS_SCREEN;
	int sum = 0;
	int steps[] = {
		put_screen(g, key),
		put_shared(g, key),
		put_name(g, key || news & X11_NEWS_NAME),
		put_leds(g, key || news & X11_NEWS_LEDS),
		put_cursor(g, key || news & X11_NEWS_CURSOR),
		put_pointer(g, key, key || n > 0 || news & X11_NEWS_POINTER),
		put_bells(g),
		put_boxes(g, boxes, n),
	};

	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (steps[i] < 0)
			return -1;
		sum += steps[i];
	}
	return sum;
}

static int put_clips(struct grab *g)
{
	struct fbs_record r = { .type = FBS_CLIP_OFFER };

	while (x11_capture_offer(g->capture, &r.clip_offer))
		if (fbs_write(&g->writer, &r))
			return -1;
	r = (struct fbs_record){ .type = FBS_CLIP, .flags = FBS_CLIP_LAST };
	while (x11_capture_clip(g->capture, &r.clip)) {
		if (fbs_write(&g->writer, &r))
			return -1;
		cli_stat_add(STAT_CLIPBOARD_BYTES, STAT_OUT, r.clip.text.len);
	}
	return fbs_flush(&g->writer);
}

/* Says once how pixels are had, and again when that changes. */
static void log_method(struct grab *g)
{
	const char *method = x11_capture_method(g->capture);

	if (strcmp(method, g->method) == 0)
		return;
	if (g->method[0])
		cli_log(CLI_WARN, "display %s: now captured by %s", x11_capture_display(g->capture), method);
	else
		cli_log(CLI_DEBUG, "display %s: captured by %s", x11_capture_display(g->capture), method);
	strncpy(g->method, method, sizeof g->method - 1);
}

static void tell_ready(struct grab *g)
{
	const int fd = g->options->notify_fd;

	if (fd < 0 || g->notified)
		return;
	g->notified = true;
	if (write(fd, "\n", 1) != 1)
		cli_log(CLI_WARN, "nobody listens on the notification descriptor %d", fd);
	close(fd);
}

int frame_write(struct grab *g)
{
	const struct x11_box *boxes = NULL;
	const int64_t start = io_now();
	int n = 0, put;
	unsigned news;

	if (x11_capture_pending(g->capture) & (X11_NEWS_PIXELS | X11_NEWS_SCREEN)) {
		n = x11_capture_fetch(g->capture, &boxes);
		log_method(g);
		if (n < 0)
			return 0;
		cli_stat_observe(STAT_CAPTURE_DURATION, 0, (uint64_t)(io_now() - start));
		tell_ready(g);
	}
	news = x11_capture_pending(g->capture);
	fbs_writer_stamp(&g->writer);
	put = put_all(g, news, boxes, n);
	if (put < 0)
		return -1;
	if (put > 0) {
		const int64_t at = start - g->writer.start_us;

		if (fbs_write_frame(&g->writer, news & X11_NEWS_SCREEN ? FBS_FRAME_KEY : 0, at, at))
			return -1;
		cli_stat_add(STAT_FRAMES, 0, 1);
		cli_stat_set(STAT_LAST_FRAME, 0, (uint64_t)io_wallclock());
	}
	return put_clips(g) ? -1 : put > 0;
}
