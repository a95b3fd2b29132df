/* What a worker that was taken over could tell the monitor: any packets, with any descriptors. A message that is taken is whole, ends in
 * NUL, and brings one descriptor at most; no descriptor stays behind. Bytes: how many descriptors, then the packet. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "msgpass.c"

enum { FDS_MAX = 4 };

static void send_raw(int fd, const uint8_t *bytes, size_t n, unsigned n_fds, int passed)
{
	struct iovec v = { (void *)(uintptr_t)bytes, n };
	union { struct cmsghdr header; char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))]; } c = { 0 };
	struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1 };

	if (n_fds) {
		h.msg_control = c.bytes;
		h.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c.header.cmsg_level = SOL_SOCKET;
		c.header.cmsg_type = SCM_RIGHTS;
		c.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		for (unsigned i = 0; i < n_fds; i++)
			memcpy(CMSG_DATA(&c.header) + i * sizeof(int), &passed, sizeof passed);
	}
	sendmsg(fd, &h, MSG_NOSIGNAL);
}

/* The number that the next descriptor gets: the same as before, when none was left open. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct msg m;
	int fds[2], passed, rc;

	if (size < 1 || size > 8000 || msg_pair(fds))
		return 0;
	const int next = next_fd();
	send_raw(fds[1], data + 1, size - 1, data[0] % (FDS_MAX + 1), fds[1]);
	memset(&m, 0xff, sizeof m);
	rc = msg_recv(fds[0], &m, &passed);
	if (rc > 0 && (m.len > MSG_TEXT_MAX || m.len + 12 != size - 1 || m.text[m.len] || memcmp(m.text, data + 13, m.len)))
		abort();
	if (rc <= 0 && passed >= 0)
		abort();
	if (passed >= 0)
		close(passed);
	if (next_fd() != next)
		abort();
	close(fds[0]);
	close(fds[1]);
	return 0;
}
