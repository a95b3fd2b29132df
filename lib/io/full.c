/* Reads and writes that are done when they return: short counts, EINTR, EAGAIN of non-blocking
 * descriptors and deadlines are dealt with here and nowhere else. */
#include "io/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* The time left as poll's milliseconds, rounded up. */
static int poll_timeout(int64_t deadline)
{
	int64_t left, ms;

	if (deadline == IO_FOREVER)
		return -1;
	left = deadline - io_now();
	if (left <= 0)
		return 0;
	ms = left / 1000 + (left % 1000 != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

int io_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int n = poll(&p, 1, poll_timeout(deadline));

		if (n > 0) {
			if (p.revents & POLLNVAL) {
				errno = EBADF;
				return -1;
			}
			return 1;
		}
		if (n < 0 && errno != EINTR)
			return -1;
		if (deadline != IO_FOREVER && io_now() >= deadline)
			return 0;
	}
}

/* Waits before an operation that would otherwise block beyond the deadline. */
static int ready(int fd, short events, int64_t deadline)
{
	int r;

	if (deadline == IO_FOREVER)
		return 0;
	r = io_wait(fd, events, deadline);
	if (r == 0)
		errno = ETIMEDOUT;
	return r > 0 ? 0 : -1;
}

/* After a failed system call: 0 to try again, -1 to give up. */
static int again(int fd, short events, int64_t deadline)
{
	int r;

	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return -1;
	r = io_wait(fd, events, deadline);
	if (r == 0)
		errno = ETIMEDOUT;
	return r > 0 ? 0 : -1;
}

ssize_t io_read_full(int fd, void *buf, size_t n, int64_t deadline)
{
	uint8_t *p = buf;
	size_t done = 0;

	while (done < n) {
		ssize_t got;

		if (ready(fd, POLLIN, deadline))
			return -1;
		got = read(fd, p + done, n - done);
		if (got == 0)
			break;
		if (got > 0)
			done += (size_t)got;
		else if (again(fd, POLLIN, deadline))
			return -1;
	}
	return (ssize_t)done;
}

int io_write_full(int fd, const void *buf, size_t n, int64_t deadline)
{
	struct iovec v = { .iov_base = (void *)(uintptr_t)buf, .iov_len = n };

	return io_writev_full(fd, &v, 1, deadline);
}

void io_advance(struct iovec **iov, int *n, size_t done)
{
	while (*n > 0 && done >= (*iov)->iov_len) {
		done -= (*iov)->iov_len;
		(*iov)++;
		(*n)--;
	}
	if (*n > 0) {
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + done;
		(*iov)->iov_len -= done;
	}
}

int io_writev_full(int fd, struct iovec *iov, int n, int64_t deadline)
{
	io_advance(&iov, &n, 0);
	while (n > 0) {
		ssize_t put;

		if (ready(fd, POLLOUT, deadline))
			return -1;
		put = writev(fd, iov, n < IOV_MAX ? n : IOV_MAX);
		if (put >= 0)
			io_advance(&iov, &n, (size_t)put);
		else if (again(fd, POLLOUT, deadline))
			return -1;
	}
	return 0;
}

int io_writev_idle(int fd, struct iovec *iov, int n, void (*idle)(void *arg), void *arg)
{
	enum { PATIENCE_US = 5000 };

	io_advance(&iov, &n, 0);
	while (n > 0) {
		ssize_t put = writev(fd, iov, n < IOV_MAX ? n : IOV_MAX);

		if (put >= 0) {
			io_advance(&iov, &n, (size_t)put);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			int r = io_wait(fd, POLLOUT, io_now() + PATIENCE_US);

			if (r < 0)
				return -1;
			if (r == 0)
				idle(arg);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}
