/* TCP's own measurements and limits. */
#include "net/sockopt.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int net_set_lowat(int fd, unsigned bytes)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

/* The user timeout bounds unacknowledged data; keepalive an idle connection. */
int net_set_timeout(int fd, unsigned seconds)
{
	const unsigned ms = seconds * 1000, third = seconds / 3 ? seconds / 3 : 1, probes = 2;
	const int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms))
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &third, sizeof third);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &third, sizeof third);
	return setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

size_t net_unsent(int fd)
{
	int n = 0;

	if (ioctl(fd, SIOCOUTQNSD, &n) && ioctl(fd, SIOCOUTQ, &n))
		return 0;
	return n > 0 ? (size_t)n : 0;
}

bool net_tcp_info(int fd, struct net_tcp *out)
{
	struct tcp_info t;
	socklen_t len = sizeof t;

	memset(&t, 0, sizeof t);
	memset(out, 0, sizeof *out);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &len))
		return false;
	out->rtt_us = t.tcpi_rtt;
	out->min_rtt_us = t.tcpi_min_rtt;
	out->delivery_rate = t.tcpi_delivery_rate;
	out->app_limited = t.tcpi_delivery_rate_app_limited;
	out->unacked = t.tcpi_unacked;
	out->retransmits = t.tcpi_total_retrans;
	return true;
}
