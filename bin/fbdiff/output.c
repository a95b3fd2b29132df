/* vmsplice puts the reference frame's own pages into the pipe, which costs a fifth of a copy and is cheaper for the
 * reader as well. They must not change before they have been read: and nothing is taken from the input before the
 * pipe is empty (flow.c). That is no guarantee where the reader passes pages on without copying them, as pv(1)
 * does, so it is done only for those who ask for shared memory. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/io.h"

enum {
	LEND_FROM = 64 * 1024,	/* bytes in one go that are worth it */
	PIECE_MIN = 2048,	/* of each row */
};

void output_init(struct output *o, const struct filter *filter, bool lend)
{
	struct stat st;

	*o = (struct output){ filter, lend && fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode) };
}

/* How many pieces from the first on may be lent; none when they are small altogether. */
static int lendable(const struct output *o, const struct iovec *iov, int n)
{
	size_t size, total = 0;
	const uint8_t *px = filter_pixels(o->filter, &size);
	int i = 0;

	for (; i < n && px; i++) {
		const uint8_t *at = iov[i].iov_base;
		if (iov[i].iov_len < PIECE_MIN || at < px || at >= px + size)
			break;
		total += iov[i].iov_len;
	}
	return total >= LEND_FROM ? i : 0;
}

/* Pieces up to the next that may be lent, or all. */
static int others(const struct output *o, const struct iovec *iov, int n)
{
	int i = 1;

	while (i < n && (!o->lend || lendable(o, iov + i, n - i) == 0))
		i++;
	return i;
}

/* 0; -1 and errno, EINVAL when this pipe cannot borrow and nothing went out. */
static int lend(struct iovec *iov, int n)
{
	while (n > 0) {
		ssize_t done = vmsplice(STDOUT_FILENO, iov, (size_t)n, 0);
		if (done < 0 && errno == EAGAIN && io_wait(STDOUT_FILENO, POLLOUT, IO_FOREVER) >= 0)
			continue;
		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0)
			io_advance(&iov, &n, (size_t)done);
	}
	return 0;
}

int output_send(void *arg, struct iovec *iov, int n)
{
	struct output *o = arg;

	while (n > 0) {
		int some = o->lend ? lendable(o, iov, n) : 0;
		if (some > 0 && lend(iov, some) != 0) {
			if (errno != EINVAL && errno != ENOSYS && errno != EPERM)
				return -1;
			o->lend = false;
			some = 0;
		}
		if (some == 0) {
			some = others(o, iov, n);
			if (io_writev_full(STDOUT_FILENO, iov, some, IO_FOREVER) != 0)
				return -1;
		}
		iov += some;
		n -= some;
	}
	return 0;
}
