/* What pacing needs to know of and tell the kernel about a TCP connection. Each does nothing, or says unknown, on
 * other descriptors. */
#ifndef RFBKIT_NET_SOCKOPT_H
#define RFBKIT_NET_SOCKOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TCP_NOTSENT_LOWAT: writable only while fewer than `bytes` are unsent. */
int net_set_lowat(int fd, unsigned bytes);
/* TCP_USER_TIMEOUT and keepalive so that a dead peer is gone after about `seconds`. */
int net_set_timeout(int fd, unsigned seconds);
/* Bytes that the kernel has not sent yet (SIOCOUTQNSD; Unix sockets: SIOCOUTQ); 0 when unknown. */
size_t net_unsent(int fd);

struct net_tcp {
	uint32_t rtt_us, min_rtt_us;
	uint64_t delivery_rate;		/* bytes a second; 0: unknown */
	bool app_limited;		/* the rate is a lower bound */
	uint32_t unacked;		/* segments */
	uint64_t retransmits;
};
/* TCP_INFO. False when fd is not TCP. */
bool net_tcp_info(int fd, struct net_tcp *out);

#endif
