/* Who is at the other end of a connection: for rfbd's rule that without authentication a local connection is
 * taken only from our own user or root. */
#ifndef RFBKIT_NET_PEER_H
#define RFBKIT_NET_PEER_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "net/addr.h"

struct net_peer {
	struct sockaddr_storage address;
	socklen_t address_len;
	char text[NET_TEXT_MAX];
	bool is_unix, is_loopback;
	bool uid_known;			/* Unix: SO_PEERCRED; loopback TCP: sock_diag */
	uid_t uid;
};

/* Looks at a connected socket. 0; -1 and errno when it is not one. An owner that cannot be found is uid_known false. Needs
 * socket(), so it is the monitor's to call. */
int net_peer_get(struct net_peer *out, int fd);
/* True for our own effective user and root. */
bool net_peer_is_ours(const struct net_peer *p);

#endif
