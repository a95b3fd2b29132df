/* One frame in flight: nothing is read and no record handed out while the output holds bytes that
 * nobody has read, unless the input has hung up. While there is nothing to read, both ends are watched in one poll without a timer. */
#include "fbs/flow.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "io/io.h"

enum { REST_AFTER_MS = 1000 };

void fbs_flow_init(struct fbs_flow *f, int in, int out)
{
	*f = (struct fbs_flow){ .in = in, .out = out };
	fbs_reader_init(&f->reader);
}

void fbs_flow_fini(struct fbs_flow *f)
{
	fbs_reader_fini(&f->reader);
}

/* Until there is input. 1, 0 when the output's reader is gone, -1 and errno. */
static int await_input(struct fbs_flow *f)
{
	struct pollfd p[2] = { { .fd = f->in, .events = POLLIN }, { .fd = f->out } };

	for (;;) {
		int n = poll(p, 2, f->rested || !f->rest ? -1 : REST_AFTER_MS);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 && f->rest) {
			f->rested = true;
			f->rest(f->arg);
		}
		if (n <= 0)
			continue;
		if (p[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			return 0;
		return 1;
	}
}

/* False when the output's reader is gone. */
static bool settle(struct fbs_flow *f)
{
	if (f->unread && f->out >= 0 && io_pipe_settle_between(f->in, f->out) != 0)
		return false;
	f->unread = false;
	return true;
}

/* False when the output's reader is gone. */
static bool tell_whole(struct fbs_flow *f)
{
	uint16_t flags;

	if (f->told || !f->whole || !fbs_reader_at_frame(&f->reader, &flags))
		return true;
	if (!settle(f))
		return false;
	f->told = true;
	f->whole(f->arg, flags);
	return true;
}

/* Bytes read into the reader; 0 at end of file, -1 and errno. */
static ssize_t feed(struct fbs_flow *f)
{
	size_t room;
	uint8_t *to = fbs_feed(&f->reader, &room);
	ssize_t n;

	if (!to)
		return -1;
	do
		n = read(f->in, to, room);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		fbs_fed(&f->reader, (size_t)n);
	return n;
}

int fbs_flow_next(struct fbs_flow *f, struct fbs_record *out)
{
	for (;;) {
		int n = fbs_next(&f->reader, out);
		if (n != 0) {
			f->rested = f->told = false;
			return settle(f) ? n : FBS_FLOW_GONE;
		}
		if (!tell_whole(f))
			return FBS_FLOW_GONE;
		int ready = await_input(f);
		if (ready == 0 || !settle(f))
			return FBS_FLOW_GONE;
		ssize_t got = ready > 0 ? feed(f) : -1;
		if (got == 0)
			return fbs_reader_finish(&f->reader);
		if (got < 0 && errno != EAGAIN)
			return FBS_E_SYSTEM;
	}
}
