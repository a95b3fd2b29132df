/* Listening and accepted sockets; connecting. Everything is non-blocking and close-on-exec. */
#ifndef RFBKIT_NET_LISTEN_H
#define RFBKIT_NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/addr.h"

#define NET_LISTEN_MAX 16u

struct net_listener {
	int fd;
	bool local;			/* only this machine can reach it (loopback or Unix socket) */
	char text[NET_TEXT_MAX];	/* "127.0.0.1:5900" with the real port */
	char path[NET_HOST_MAX];	/* Unix socket to remove at the end; "" */
};

/* Opens all sockets of an address (a name may have several; no host: 127.0.0.1 and ::1, of which one suffices).
 * With or_next all of them
 * have the first port that is free for all. Returns how many (at most `room`); -1 and errno (ENOENT: no such name). A stale Unix socket is replaced when nobody answers on it
 * (EADDRINUSE otherwise); mode 0600. */
int net_listen(struct net_listener *out, unsigned room, const struct net_address *a);
/* Why net_listen failed, by errno: a name that does not resolve is no missing file. */
const char *net_listen_strerror(const struct net_address *a);
/* Adopts an inherited listening socket (--listen-fd). 0; -1 and errno (EINVAL: it does not listen). */
int net_listen_adopt(struct net_listener *out, int fd);
/* Closes, and removes the Unix socket. */
void net_listener_close(struct net_listener *l);
/* Accepts one connection: non-blocking, close-on-exec, and for TCP no delay and keepalive. fd, or -1 and errno
 * (EAGAIN: nobody waits; connection errors of one peer are EAGAIN too). */
int net_accept(const struct net_listener *l, struct sockaddr_storage *from, socklen_t *from_len);
/* Sets what net_accept sets on a socket that came another way. */
int net_socket_prepare(int fd);

/* Resolves and connects, trying each address until the deadline (io_now's clock). fd (non-blocking), or -1 and errno;
 * *why (may be NULL) is a static phrase for names that do not resolve, else NULL. */
int net_connect(const struct net_address *a, int64_t deadline, const char **why);

#endif
