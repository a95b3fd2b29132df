/* Messages with descriptors (SCM_RIGHTS) between monitor and worker. */
#include "msgpass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/io.h"

int msg_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
}

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int msg_send(int fd, uint32_t type, uint32_t arg, const void *text, size_t len, int passed)
{
	uint32_t head[3] = { type, arg, (uint32_t)len };
	struct iovec iov[2] = { { head, sizeof head }, { (void *)(uintptr_t)text, len } };
	union control control;
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };
	if (len > MSG_TEXT_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	memset(&control, 0, sizeof control);
	if (passed >= 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = sizeof control.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof passed);
	}
	for (;;) {
		if (sendmsg(fd, &h, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EAGAIN) {
			if (io_wait(fd, POLLOUT, io_now() + 5000000) <= 0)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
}

int msg_recv(int fd, struct msg *m, int *passed)
{
	uint32_t head[3];
	struct iovec iov[2] = { { head, sizeof head }, { m->text, MSG_TEXT_MAX } };
	union control control;
	/* room for one descriptor exactly: the kernel closes what else is sent */
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = control.bytes, .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n;
	*passed = -1;
	do
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(passed, CMSG_DATA(c), sizeof *passed);
	if ((size_t)n < sizeof head || (size_t)n - sizeof head != head[2]) {
		if (*passed >= 0)
			close(*passed);
		*passed = -1;
		errno = EPROTO;
		return n == 0 ? 0 : -1;
	}
	m->type = head[0];
	m->arg = head[1];
	m->len = head[2];
	m->text[m->len] = '\0';
	return 1;
}
