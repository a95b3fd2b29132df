/* What a filter must know about its neighbours: how much of its output nobody has read yet, and
 * whether anybody ever will. At most one frame is in flight between two stages, so a stage that
 * has work waits here until its reader has taken what it wrote before. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PIPE_SIZE = 1 << 20,
	FIRST_WAIT_US = 500,	/* emptiness has no event: retried, ever more slowly */
	LAST_WAIT_US = 2000,
	PATIENCE_US = 50000,	/* then it is watched instead */
	WATCH_MS = 500,
};

void io_pipe_enlarge(int fd)
{
	int saved = errno;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && fcntl(fd, F_GETPIPE_SZ) < PIPE_SIZE)
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
	errno = saved;
}

size_t io_pipe_unread(int fd)
{
	int saved = errno, n = 0;
	struct stat st;

	if (fstat(fd, &st) < 0)
		n = 0;
	else if (S_ISFIFO(st.st_mode))
		n = ioctl(fd, FIONREAD, &n) < 0 ? 0 : n;
	else if (S_ISSOCK(st.st_mode))
		n = ioctl(fd, SIOCOUTQ, &n) < 0 ? 0 : n;
	errno = saved;
	return n > 0 ? (size_t)n : 0;
}

bool io_pipe_broken(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Nobody will ever write to `in` again, though bytes may be left; never true of a file. */
static bool hung_up(int in)
{
	struct pollfd p = { .fd = in, .events = POLLRDHUP };

	return in >= 0 && poll(&p, 1, 0) > 0;
}

/* Sleeps until somebody reads from the pipe, or nobody ever will, or `in` hangs up. For when nobody has read for a while: a
 * watch costs more than a look, but next to nothing while it waits. 1 when something happened, 0 when
 * nothing did for long, -1 where there is no such watch. */
static int await_reader(int fd, int in)
{
	char path[64];
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), result = -1;

	if (watch < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (inotify_add_watch(watch, path, IN_ACCESS) >= 0) {
		struct pollfd p[3] = { { .fd = fd }, { .fd = watch, .events = POLLIN }, { .fd = in, .events = POLLRDHUP } };

		/* what was read before the watch began makes no event */
		result = io_pipe_unread(fd) == 0 || poll(p, 3, WATCH_MS) != 0;
	}
	close(watch);
	return result;
}

static int settle(int fd, int in, void (*drain)(void *arg), void *arg)
{
	long wait_us = FIRST_WAIT_US, waited_us = 0;
	bool watchable = !drain;

	while (io_pipe_unread(fd) > 0 && !hung_up(in)) {
		if (io_pipe_broken(fd)) {
			errno = EPIPE;
			return -1;
		}
		if (drain)
			drain(arg);
		if (watchable && waited_us >= PATIENCE_US) {
			int seen = await_reader(fd, in);

			watchable = seen >= 0;
			if (seen > 0)
				waited_us = 0, wait_us = FIRST_WAIT_US;
			continue;
		}
		nanosleep(&(struct timespec){ .tv_nsec = wait_us * 1000 }, NULL);
		waited_us += wait_us;
		wait_us = wait_us * 3 / 2 < LAST_WAIT_US ? wait_us * 3 / 2 : LAST_WAIT_US;
	}
	if (io_pipe_broken(fd)) {
		errno = EPIPE;
		return -1;
	}
	return 0;
}

int io_pipe_settle(int fd, void (*drain)(void *arg), void *arg)
{
	return settle(fd, -1, drain, arg);
}

int io_pipe_settle_between(int in, int fd)
{
	return settle(fd, in, NULL, NULL);
}
