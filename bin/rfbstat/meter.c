/* The meter copies what it reads before it looks at it, so a stream that is wrong reaches the
 * next program as it came. Between frames it keeps to the one-frame-in-flight rule. */
#include "meter.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "confine/rights.h"
#include "fbs/reader.h"
#include "io/io.h"

#define SECOND 1000000

struct counts {
	uint64_t frames, rectangles, bytes;
};

struct meter {
	struct fbs_reader reader;
	struct counts total, shown;	/* shown: at the last progress line */
	int64_t begun, last;
	bool frame_passed;		/* a FRAME was in the bytes just written */
	const char *failed;		/* what did, when errno says why */
};

static void show(struct meter *m, bool final)
{
	const int64_t now = io_now();
	const double s = (double)(now - (final ? m->begun : m->last)) * 1e-6;
	static const struct counts none;
	const struct counts from = final ? none : m->shown;
	if (s <= 0)
		return;
	dprintf(STDERR_FILENO, "%s%llu frames  %.1f frames/s  %.0f rectangles/s  %.1f kB/s  %.1f MB in all%s",
		isatty(STDERR_FILENO) ? "\r\033[K" : "", (unsigned long long)m->total.frames,
		(double)(m->total.frames - from.frames) / s, (double)(m->total.rectangles - from.rectangles) / s,
		(double)(m->total.bytes - from.bytes) / s / 1e3, (double)m->total.bytes / 1e6,
		final || !isatty(STDERR_FILENO) ? "\n" : "");
	m->shown = m->total;
	m->last = now;
}

/* Counts the records in the bytes fed so far. A negative fbs_error when they are wrong. */
static int count(struct meter *m)
{
	struct fbs_record r;
	int got;
	while ((got = fbs_next(&m->reader, &r)) > 0) {
		m->total.rectangles += r.type == FBS_PIXELS || r.type == FBS_COPY || r.type == FBS_DAMAGE;
		m->total.frames += r.type == FBS_FRAME;
		m->frame_passed |= r.type == FBS_FRAME;
	}
	return got;
}

/* Waits for input while watching the reader of our output and the clock of the progress line. */
static int wait_for_input(struct meter *m)
{
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	while (true) {
		const bool news = memcmp(&m->total, &m->shown, sizeof m->total) != 0;
		const int64_t left = m->last + SECOND - io_now();
		const int n = poll(p, 2, !news ? -1 : left > 0 ? (int)(left / 1000) + 1 : 0);
		if (n < 0 && errno != EINTR)
			return -1;
		if (p[1].revents & (POLLERR | POLLHUP)) {
			errno = EPIPE;
			return -1;
		}
		if (io_now() - m->last >= SECOND && news)
			show(m, false);
		if (n > 0 && p[0].revents)
			return 0;
	}
}

/* One turn: 1 went on, 0 end of input, -1 and errno, or a negative fbs_error below -100. */
static int turn(struct meter *m)
{
	size_t room;
	m->failed = "cannot wait";
	if (wait_for_input(m) != 0)
		return -1;
	uint8_t *at = fbs_feed(&m->reader, &room);
	if (!at)
		return -1;
	m->failed = "cannot read the stream from the stage before";
	const ssize_t n = read(STDIN_FILENO, at, room < 65536 ? room : 65536);
	if (n <= 0)
		return n < 0 && errno != EINTR ? -1 : n < 0;
	m->failed = "cannot write";
	if (io_write_full(STDOUT_FILENO, at, (size_t)n, IO_FOREVER) != 0)
		return -1;
	fbs_fed(&m->reader, (size_t)n);
	m->total.bytes += (uint64_t)n;
	m->frame_passed = false;
	const int wrong = count(m);
	if (wrong < 0)
		return wrong - 100;
	return m->frame_passed && io_pipe_settle(STDOUT_FILENO, NULL, NULL) != 0 ? -1 : 1;
}

int meter_run(void)
{
	struct meter m = { .begun = io_now(), .last = io_now() };
	char why[256];
	int got, code = CLI_OK;
	fbs_reader_init(&m.reader);
	io_pipe_enlarge(STDOUT_FILENO);
	confine_or_die(&(struct confine_settings){ .rights = CONFINE_OF_RFBSTAT_METER });
	while ((got = turn(&m)) > 0)
		;
	const int why_not = errno;
	if (got == 0)
		got = fbs_reader_finish(&m.reader) - 100;
	show(&m, true);
	if (got < -100) {
		cli_log(CLI_ERROR, "%s", fbs_reader_explain(&m.reader, got + 100, why, sizeof why));
		code = CLI_NO;
	} else if (got == -1 && why_not != EPIPE) {
		cli_log(CLI_ERROR, "%s: %s", m.failed, strerror(why_not));
		code = CLI_SYSTEM;
	}
	fbs_reader_fini(&m.reader);
	return code;
}
