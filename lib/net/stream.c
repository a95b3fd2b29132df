/* The common part of all streams (bytes put back, asking the layers in turn), and the plain socket. */
#include "net/stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/layer.h"

enum { UNREAD_MAX = 65536 };

int net_fail(struct net_stream *s, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!s->error[0])
		vsnprintf(s->error, sizeof s->error, fmt, ap);
	va_end(ap);
	errno = error;
	return -1;
}

/* --- plain ---------------------------------------------------------------------------------- */

static ssize_t plain_read(struct net_stream *s, void *buf, size_t n)
{
	ssize_t got;

	do
		got = read(s->in, buf, n);
	while (got < 0 && errno == EINTR);
	return got;
}

/* sendmsg for its MSG_NOSIGNAL; --inetd's descriptors need not be sockets. */
static ssize_t plain_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)(n < IOV_MAX ? n : IOV_MAX) };
	ssize_t put;

	do {
		put = sendmsg(s->out, &m, MSG_NOSIGNAL);
		if (put < 0 && errno == ENOTSOCK)
			put = writev(s->out, iov, (int)m.msg_iovlen);
	} while (put < 0 && errno == EINTR);
	return put;
}

static void plain_close(struct net_stream *s)
{
	close(s->in);
	if (s->out != s->in)
		close(s->out);
}

static const struct net_ops plain_ops = { .name = "tcp", .read = plain_read, .writev = plain_writev, .close = plain_close };

struct net_stream *net_stream_pair(int in, int out)
{
	struct net_stream *s = calloc(1, sizeof *s);
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;

	if (!s)
		return NULL;
	s->ops = &plain_ops;
	s->in = in;
	s->out = out;
	s->unread.max = UNREAD_MAX;
	s->secret = getsockname(in, (struct sockaddr *)&sa, &len) == 0 && sa.ss_family == AF_UNIX;
	return s;
}

struct net_stream *net_stream_plain(int fd)
{
	return net_stream_pair(fd, fd);
}

/* --- every stream ------------------------------------------------------------------------------ */

static ssize_t read_again(struct net_stream *s, void *buf, size_t n)
{
	size_t left = s->unread.len - s->unread_at;

	if (n > left)
		n = left;
	memcpy(buf, s->unread.data + s->unread_at, n);
	s->unread_at += n;
	if (s->unread_at == s->unread.len) {
		wire_buf_fini(&s->unread);
		s->unread_at = 0;
	}
	return (ssize_t)n;
}

ssize_t net_stream_read(struct net_stream *s, void *buf, size_t n)
{
	return s->unread.len ? read_again(s, buf, n) : s->ops->read(s, buf, n);
}

ssize_t net_stream_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	return s->ops->writev(s, iov, n);
}

ssize_t net_stream_write(struct net_stream *s, const void *buf, size_t n)
{
	const struct iovec v = { .iov_base = (void *)(uintptr_t)buf, .iov_len = n };

	return net_stream_writev(s, &v, 1);
}

int net_stream_flush(struct net_stream *s)
{
	for (; s; s = s->below) {
		int r = s->ops->flush ? s->ops->flush(s) : 1;

		if (r <= 0)
			return r;
	}
	return 1;
}

bool net_stream_pending(const struct net_stream *s)
{
	for (; s; s = s->below)
		if (s->unread.len || (s->ops->pending && s->ops->pending(s)))
			return true;
	return false;
}

short net_stream_events(const struct net_stream *s, bool read, bool write)
{
	short events = 0;

	for (; s; s = s->below) {
		if (s->ops->held && s->ops->held(s))
			write = true;
		if (s->ops->needs) {
			short need = s->ops->needs(s, read, write);

			read = (need & POLLIN) != 0;
			write = (need & POLLOUT) != 0;
		}
	}
	if (read)
		events |= POLLIN;
	if (write)
		events |= POLLOUT;
	return events;
}

int net_stream_unread(struct net_stream *s, const void *bytes, size_t n)
{
	struct wire_buf all = { .max = UNREAD_MAX };

	if (n == 0)
		return 0;
	wire_put(&all, bytes, n);
	wire_put(&all, s->unread.len ? s->unread.data + s->unread_at : NULL, s->unread.len - s->unread_at);
	if (all.bad) {
		bool large = n + s->unread.len - s->unread_at > UNREAD_MAX;

		wire_buf_fini(&all);
		errno = large ? EMSGSIZE : ENOMEM;
		return -1;
	}
	wire_buf_fini(&s->unread);
	s->unread = all;
	s->unread_at = 0;
	return 0;
}

size_t net_stream_held(const struct net_stream *s)
{
	size_t n = 0;

	for (; s; s = s->below)
		n += s->ops->held ? s->ops->held(s) : 0;
	return n;
}

static const struct net_stream *bottom(const struct net_stream *s)
{
	while (s->below)
		s = s->below;
	return s;
}

int net_stream_fd(const struct net_stream *s)
{
	return bottom(s)->in;
}

const char *net_stream_error(const struct net_stream *s)
{
	for (; s; s = s->below)
		if (s->error[0])
			return s->error;
	return "";
}

const char *net_stream_transport(const struct net_stream *s)
{
	bool tls = false, ws = false, aes = false;
	const struct net_stream *l = s;

	do {
		tls |= !strcmp(l->ops->name, "tls");
		ws |= !strcmp(l->ops->name, "ws");
		aes |= !strcmp(l->ops->name, "aes");
	} while ((l = l->below));
	if (ws)
		return tls ? "wss" : "ws";
	if (tls || aes)
		return tls ? "tls" : "aes";
	return bottom(s)->secret ? "unix" : "tcp";
}

bool net_stream_is_plain(const struct net_stream *s)
{
	return !s->below;
}

bool net_stream_private(const struct net_stream *s)
{
	for (; s; s = s->below)
		if (s->secret)
			return true;
	return false;
}

size_t net_gather(uint8_t *to, size_t room, const struct iovec *iov, int n, size_t skip)
{
	size_t len = 0;

	for (int i = 0; i < n && len < room; i++) {
		size_t some;

		if (skip >= iov[i].iov_len) {
			skip -= iov[i].iov_len;
			continue;
		}
		some = iov[i].iov_len - skip;
		if (some > room - len)
			some = room - len;
		memcpy(to + len, (const uint8_t *)iov[i].iov_base + skip, some);
		len += some;
		skip = 0;
	}
	return len;
}

void net_stream_close(struct net_stream *s)
{
	while (s) {
		struct net_stream *below = s->below;

		s->ops->close(s);
		wire_buf_fini(&s->unread);
		free(s);
		s = below;
	}
}
