/* When to capture. Damage is captured at once unless the ceiling of the rate or an unread frame is
 * in the way; without work it sleeps in poll without a timer.
 *
 * An unread frame: emptiness of a pipe has no event, so it is asked for every 0.5 to 2 ms. When
 * nobody has read for a while the display's chatter is turned off as well, and where inotify
 * can tell of the next read nothing is asked any more. */
#include "grab.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "io/io.h"

enum {
	BURST = 3,		/* frames that may follow one another at once after a pause */
	FIRST_RETRY_US = 500,
	LAST_RETRY_US = 2000,
	PARK_AFTER_US = 50000,
	LONG_US = 1000000,	/* nobody has read for so long: */
	LONG_RETRY_US = 20000,
	FIRST_OPEN_US = 20000,
	LAST_OPEN_US = 1000000,
};

/* poll, for at most `us` (IO_FOREVER: no timer). `display` and `watch` are looked at unless -1. False when the
 * reader is gone. */
static bool sleep_for(struct grab *g, int64_t us, int display, int watch)
{
	struct pollfd p[4] = { { .fd = g->output.fd }, { .fd = g->output.stop_fd, .events = POLLIN },
			       { .fd = display, .events = POLLIN }, { .fd = watch, .events = POLLIN } };
	struct timespec t = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	if (g->output.kind == OUTPUT_FILE)
		p[0].fd = -1;
	if (ppoll(p, 4, us == IO_FOREVER ? NULL : &t, NULL) < 0)
		return true;
	return !(p[0].revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* The ceiling of the rate as a bucket that holds BURST frames. Frames without pixels have one of
 * their own: a pointer that moves must not delay the picture. */
static int64_t pace_wait(const struct grab *g, bool pixels, int64_t now)
{
	const int64_t period = g->options->capture.period_us, from = g->next_us[pixels] - (BURST - 1) * period;

	return from > now ? from - now : 0;
}

static void pace_count(struct grab *g, bool pixels, int64_t now)
{
	int64_t *next = &g->next_us[pixels];

	*next = (*next > now ? *next : now) + g->options->capture.period_us;
}

/* Work waits for the reader. */
static bool wait_reader(struct grab *g)
{
	const int64_t now = io_now();
	int64_t waited, us;
	int watch;

	if (!g->unread_since_us)
		g->unread_since_us = now;
	waited = now - g->unread_since_us;
	us = waited / 2 > FIRST_RETRY_US ? waited / 2 : FIRST_RETRY_US;
	us = waited > LONG_US ? LONG_RETRY_US : us < LAST_RETRY_US ? us : LAST_RETRY_US;
	if (waited < PARK_AFTER_US)
		return sleep_for(g, us, -1, -1);
	x11_capture_park(g->capture, true);
	watch = output_watch(&g->output);
	if (watch < 0)
		return sleep_for(g, us, -1, -1);
	/* what was read before the watch began makes no event */
	if (io_pipe_unread(g->output.fd) == 0)
		return true;
	if (!sleep_for(g, IO_FOREVER, x11_capture_fd(g->capture), watch))
		return false;
	if (io_pipe_unread(g->output.fd) == 0)
		return true;
	/* read in part, or the display spoke: the former goes on soon */
	output_unwatch(&g->output);
	g->unread_since_us = io_now() - PARK_AFTER_US + LAST_RETRY_US * 5;
	return true;
}

static void reader_took_all(struct grab *g)
{
	if (!g->unread_since_us)
		return;
	g->unread_since_us = 0;
	output_unwatch(&g->output);
	x11_capture_park(g->capture, false);
}

static bool sleep_until_due(struct grab *g)
{
	const int64_t due = x11_capture_due(g->capture), now = io_now();

	return sleep_for(g, due == IO_FOREVER ? IO_FOREVER : due > now ? due - now : 0,
			 x11_capture_fd(g->capture), -1);
}

/* Writes a frame. -1: go on; otherwise why not. */
static int write_frame(struct grab *g, bool pixels)
{
	int written = frame_write(g);

	if (written < 0)
		return errno == EINTR ? LOOP_STOPPED : errno == ETIMEDOUT ? LOOP_LOST : LOOP_ABANDONED;
	if (written > 0)
		pace_count(g, pixels, io_now());
	return written > 0 && g->options->once ? LOOP_ONCE : -1;
}

/* One turn. -1: go on; otherwise why not. */
static int turn(struct grab *g)
{
	const unsigned news = x11_capture_news(g->capture);
	const bool pixels = news & (X11_NEWS_PIXELS | X11_NEWS_SCREEN);
	bool reader = true;
	int64_t wait;

	if (signals_stop())
		return LOOP_STOPPED;
	if (x11_capture_lost(g->capture, NULL))
		return LOOP_LOST;
	if (!news) {
		reader = sleep_until_due(g);
	} else if (io_pipe_unread(g->output.fd) > 0) {
		reader = wait_reader(g);
	} else if ((wait = pace_wait(g, pixels, io_now())) > 0) {
		reader_took_all(g);
		/* damage need not wait for the pointer's turn */
		reader = sleep_for(g, wait, pixels ? -1 : x11_capture_fd(g->capture), -1);
	} else {
		reader_took_all(g);
		return write_frame(g, pixels);
	}
	return reader ? -1 : LOOP_ABANDONED;
}

static void drain(void *arg)
{
	struct grab *g = arg;

	x11_capture_news(g->capture);
	if (x11_capture_lost(g->capture, NULL))
		output_last_words(&g->output);
}

static const uint8_t *memory(void *arg, size_t *size)
{
	const struct grab *g = arg;

	return x11_capture_memory(g->capture, size);
}

enum loop_end loop_run(struct grab *g)
{
	int end;

	g->output.busy_fd = x11_capture_fd(g->capture);
	g->output.busy = drain;
	g->output.busy_arg = g;
	g->output.memory = memory;
	do
		end = turn(g);
	while (end < 0);
	g->output.busy_fd = -1;
	g->output.memory = NULL;
	return (enum loop_end)end;
}

enum loop_end loop_open(struct grab *g, char *why, size_t size, bool *part)
{
	int64_t pause = FIRST_OPEN_US;
	bool said = false;

	for (;;) {
		enum x11_open r = x11_capture_open(&g->capture, &g->options->capture, why, size);

		*part = r == X11_OPEN_PART;
		if (r == X11_OPEN_OK)
			return LOOP_ONCE;
		if (r != X11_OPEN_WAIT)
			return LOOP_LOST;
		if (!said)
			cli_log(CLI_INFO, "%s; waiting for it", why);
		said = true;
		if (!sleep_for(g, pause, -1, -1))
			return LOOP_ABANDONED;
		if (signals_stop())
			return LOOP_STOPPED;
		pause = pause * 3 / 2 < LAST_OPEN_US ? pause * 3 / 2 : LAST_OPEN_US;
	}
}
