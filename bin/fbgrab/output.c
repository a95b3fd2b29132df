/* Writing to stdout without ever being stuck in it: the X connection is drained while a pipe is
 * full. And noticing that the reader reads again: a pipe has no event for that, but inotify does.
 *
 * Pixels are lent to the pipe, page by page (lend.c), if fbdiff reads it: that one copies what it
 * reads. The memory is not captured into again before the pipe is empty (loop.c). */
#include "grab.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"

enum {
	LAST_WORDS_US = 1000000,
	ASK_MAX = 3,		/* a shell may have yet to start the reader */
	ASK_PAUSE_US = 1000000,
};

/* A pipe is opened anew, so that only this description of it does not block: the old one may be
 * shared with others. */
static void own_pipe(struct output *o)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", o->fd);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		io_set_nonblock(o->fd, true);
		return;
	}
	dup2(fd, o->fd);
	close(fd);
}

void output_init(struct output *o, int stop_fd)
{
	struct stat st;

	*o = (struct output){ .fd = STDOUT_FILENO, .kind = OUTPUT_FILE, .watch = -1, .watched = -1,
			      .stop_fd = stop_fd, .busy_fd = -1 };
	if (fstat(o->fd, &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode)) {
		o->kind = OUTPUT_SOCKET;
	} else if (S_ISFIFO(st.st_mode)) {
		o->kind = OUTPUT_PIPE;
		io_pipe_enlarge(o->fd);
		own_pipe(o);
	}
}

void output_fini(struct output *o)
{
	if (o->watch >= 0)
		close(o->watch);
	o->watch = o->watched = -1;
}

static bool may_lend(struct output *o)
{
	if (o->lend != LEND_UNKNOWN || o->kind != OUTPUT_PIPE || io_now() < o->ask_us)
		return o->lend == LEND_YES;
	o->ask_us = io_now() + ASK_PAUSE_US;
	if (io_lend_to(o->fd, "fbdiff"))
		o->lend = LEND_YES;
	else if (++o->asked == ASK_MAX)
		o->lend = LEND_NO;
	if (o->lend == LEND_YES)
		cli_log(CLI_DEBUG, "fbdiff reads: pixels are lent to the pipe");
	return o->lend == LEND_YES;
}

static ssize_t put(struct output *o, struct iovec *iov, int n)
{
	const int most = n < IOV_MAX ? n : IOV_MAX;
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)most };
	size_t size = 0;
	bool lent;

	if (o->kind == OUTPUT_SOCKET)
		return sendmsg(o->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	const uint8_t *px = o->memory && o->lend != LEND_NO ? o->memory(o->busy_arg, &size) : NULL;
	int some = io_lend_pieces(iov, most, px, size, &lent);
	if (!lent || !may_lend(o))
		return writev(o->fd, iov, lent ? most : some);
	ssize_t done = vmsplice(o->fd, iov, (size_t)some, SPLICE_F_NONBLOCK);
	if (done >= 0 || !io_lend_refused(errno))
		return done;
	o->lend = LEND_NO;
	return writev(o->fd, iov, most);
}

void output_last_words(struct output *o)
{
	if (!o->give_up_us)
		o->give_up_us = io_now() + LAST_WORDS_US;
}

/* What poll may take, in milliseconds; 0 when it is time to give up. */
static int patience(const struct output *o)
{
	int64_t left;

	if (!o->give_up_us)
		return -1;
	left = o->give_up_us - io_now();
	return left > 0 ? (int)(left / 1000) + 1 : 0;
}

/* Until there is room. 0, or -1 and errno. */
static int wait_room(struct output *o)
{
	struct pollfd p[3] = { { .fd = o->fd, .events = POLLOUT }, { .fd = o->stop_fd, .events = POLLIN },
			       { .fd = o->busy_fd, .events = POLLIN } };

	for (;;) {
		const int n = poll(p, 3, patience(o));

		if (n < 0 && errno != EINTR)
			return -1;
		if (signals_stop()) {
			errno = EINTR;
			return -1;
		}
		if (p[2].revents && o->busy)
			o->busy(o->busy_arg);
		if (p[2].revents & (POLLHUP | POLLERR | POLLNVAL))
			p[2].fd = -1;
		if (p[0].revents & (POLLERR | POLLNVAL)) {
			errno = EPIPE;
			return -1;
		}
		if (p[0].revents & POLLOUT)
			return 0;
		if (patience(o) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

int output_send(void *arg, struct iovec *iov, int n)
{
	struct output *o = arg;

	io_advance(&iov, &n, 0);
	while (n > 0) {
		ssize_t done = put(o, iov, n);

		if (done < 0 && errno == EAGAIN) {
			if (wait_room(o))
				return -1;
			continue;
		}
		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0)
			io_advance(&iov, &n, (size_t)done);
	}
	return 0;
}

int output_watch(struct output *o)
{
	char path[64];

	if (o->kind != OUTPUT_PIPE)
		return -1;
	if (o->watch < 0)
		o->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (o->watch < 0)
		return -1;
	if (o->watched < 0) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", o->fd);
		o->watched = inotify_add_watch(o->watch, path, IN_ACCESS);
	}
	return o->watched < 0 ? -1 : o->watch;
}

void output_unwatch(struct output *o)
{
	char events[4096];

	if (o->watched < 0)
		return;
	inotify_rm_watch(o->watch, o->watched);
	o->watched = -1;
	while (read(o->watch, events, sizeof events) > 0)
		;
}
