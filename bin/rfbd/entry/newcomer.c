/* Reads the first record of a connection to the -S socket, and hands it to whom it concerns. */
#include "newcomer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "worker/worker.h"

static const double patience = 10;

static void leave(struct newcomer *n)
{
	ev_io_stop(n->w->loop, &n->io);
	ev_timer_stop(n->w->loop, &n->deadline);
	n->fd = -1;
}

static void refuse(struct newcomer *n, const char *why)
{
	int fd = n->fd;
	cli_log(CLI_WARN, "source socket: closed a connection: %s", why);
	leave(n);
	fbs_reader_fini(&n->reader);
	close(fd);
}

static void place(struct newcomer *n, const struct fbs_record *first)
{
	struct fbs_reader reader = n->reader;
	int fd = n->fd;
	bool says_source = first->type == FBS_HELLO && first->hello.role == FBS_ROLE_SOURCE;
	leave(n);
	if (first->type == FBS_HELLO && !says_source)
		input_adopt(&n->w->input, fd, &reader, &first->hello);
	else
		source_adopt(&n->w->source, fd, SOURCE_SOCKET, &reader, says_source ? NULL : first);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct newcomer *n = io->data;
	struct fbs_record r;
	char line[256];
	size_t room;
	(void)loop;
	(void)events;
	uint8_t *p = fbs_feed(&n->reader, &room);
	ssize_t got = p ? read(n->fd, p, room) : -1;
	if (got < 0 && p && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		refuse(n, got == 0 ? "it ended before it said what it is" : strerror(errno));
		return;
	}
	fbs_fed(&n->reader, (size_t)got);
	int rc = fbs_next(&n->reader, &r);
	if (rc < 0)
		refuse(n, fbs_reader_explain(&n->reader, rc, line, sizeof line));
	else if (rc > 0)
		place(n, &r);
}

static void on_deadline(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	refuse(t->data, "it does not say what it is");
}

void newcomers_init(struct worker *w)
{
	for (unsigned i = 0; i < NEWCOMERS_MAX; i++) {
		struct newcomer *n = &w->newcomers[i];
		n->w = w;
		n->fd = -1;
		ev_init(&n->io, on_readable);
		ev_timer_init(&n->deadline, on_deadline, patience, 0);
		n->io.data = n->deadline.data = n;
	}
}

void newcomers_fini(struct worker *w)
{
	for (unsigned i = 0; i < NEWCOMERS_MAX; i++)
		if (w->newcomers[i].fd >= 0)
			refuse(&w->newcomers[i], "the server ends");
}

void newcomer_open(struct worker *w, int fd)
{
	struct newcomer *n = NULL;
	for (unsigned i = 0; i < NEWCOMERS_MAX && !n; i++)
		if (w->newcomers[i].fd < 0)
			n = &w->newcomers[i];
	if (!n) {
		cli_log(CLI_WARN, "source socket: too many connections that do not say what they are");
		close(fd);
		return;
	}
	n->fd = fd;
	fbs_reader_init(&n->reader);
	io_set_nonblock(fd, true);
	ev_io_set(&n->io, fd, EV_READ);
	ev_io_start(w->loop, &n->io);
	ev_timer_set(&n->deadline, patience, 0);
	ev_timer_start(w->loop, &n->deadline);
}
