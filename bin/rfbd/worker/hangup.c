/* One epoll instance around one descriptor. */
#include "hangup.h"

#include <sys/epoll.h>
#include <unistd.h>

int hangup_watch(int fd)
{
	struct epoll_event e = { .events = EPOLLRDHUP };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0) {
		close(ep);
		ep = -1;
	}
	return ep;
}
