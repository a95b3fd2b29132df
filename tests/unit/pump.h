/* Two ends of a connection in one process, for tests of stream layers: moves bytes until a condition holds. */
#ifndef RFBKIT_TESTS_PUMP_H
#define RFBKIT_TESTS_PUMP_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/stream.h"
#include "wire/wire.h"

struct end {
	struct net_stream *s;
	struct wire_buf out, in;	/* to be written; what was read */
	bool eof;
	int error;			/* errno of a failure */
};

/* A connected pair of plain streams with small socket buffers, so that partial writes happen. */
static inline void pump_pair(struct end *a, struct end *b)
{
	int fd[2], size = 4096;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
		abort();
	for (int i = 0; i < 2; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	*a = (struct end){ .s = net_stream_plain(fd[0]) };
	*b = (struct end){ .s = net_stream_plain(fd[1]) };
}

static inline bool pump_over(const struct end *e)
{
	return e->error || e->eof;
}

/* One turn of one end: writes what it can, reads what there is. True when something moved. */
static inline bool pump_turn(struct end *e)
{
	bool moved = false;
	uint8_t buf[5000];
	ssize_t n;

	if (pump_over(e))
		return false;
	if (e->out.len > 0) {
		/* two pieces, so that gathering is tested */
		size_t half = e->out.len / 3;
		struct iovec v[2] = { { e->out.data, half }, { e->out.data + half, e->out.len - half } };

		n = net_stream_writev(e->s, v, 2);
		if (n < 0 && errno != EAGAIN)
			e->error = errno;
		if (n > 0) {
			wire_buf_drop(&e->out, (size_t)n);
			moved = true;
		}
	}
	n = net_stream_flush(e->s);
	if (n < 0)
		e->error = errno;
	n = net_stream_read(e->s, buf, sizeof buf);
	if (n > 0) {
		wire_put(&e->in, buf, (size_t)n);
		moved = true;
	} else if (n == 0) {
		e->eof = true;
	} else if (errno != EAGAIN) {
		e->error = errno;
	}
	return moved;
}

/* Waits as an event loop would, by the events that the streams name. False after twenty seconds without any. */
static inline bool pump_wait(struct end *a, struct end *b)
{
	struct end *ends[2] = { a, b };
	struct pollfd p[2];

	for (int i = 0; i < 2; i++) {
		bool dead = pump_over(ends[i]);

		p[i].fd = dead ? -1 : net_stream_fd(ends[i]->s);
		p[i].events = dead ? 0 : net_stream_events(ends[i]->s, true, ends[i]->out.len > 0);
		if (!dead && net_stream_pending(ends[i]->s))
			return true;
	}
	return poll(p, 2, 20000) > 0;
}

/* A turn of each, also when the first has moved. */
static inline bool pump_both(struct end *a, struct end *b)
{
	bool moved = pump_turn(a);

	return pump_turn(b) || moved;
}

/* Until each has read what it should, has failed or ended. */
static inline void pump(struct end *a, size_t a_wants, struct end *b, size_t b_wants)
{
	for (;;) {
		bool moved = pump_both(a, b);

		if ((pump_over(a) || a->in.len >= a_wants) && (pump_over(b) || b->in.len >= b_wants))
			return;
		if (!moved && !pump_wait(a, b))
			return;
	}
}

static inline void pump_close(struct end *e)
{
	if (e->s)
		net_stream_close(e->s);
	wire_buf_fini(&e->out);
	wire_buf_fini(&e->in);
	*e = (struct end){ 0 };
}

#endif
