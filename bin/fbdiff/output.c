/* The reference frame's own pages go into the pipe (lend.c). They must not change before they have been read: and
 * nothing is taken from the input before the pipe is empty (flow.c). That is no guarantee where the reader passes
 * pages on without copying them, as pv(1) does, so it is done only for those who ask for shared memory. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/io.h"

void output_init(struct output *o, const struct filter *filter, bool lend)
{
	struct stat st;

	*o = (struct output){ filter, lend && fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode) };
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
		size_t size;
		const uint8_t *px = o->lend ? filter_pixels(o->filter, &size) : NULL;
		bool lent;
		int some = io_lend_pieces(iov, n, px, px ? size : 0, &lent);

		if (!lent && io_writev_full(STDOUT_FILENO, iov, some, IO_FOREVER) != 0)
			return -1;
		if (lent && lend(iov, some) != 0) {
			if (!io_lend_refused(errno))
				return -1;
			o->lend = false;	/* nothing went out */
			continue;
		}
		iov += some;
		n -= some;
	}
	return 0;
}
