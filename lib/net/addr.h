/* Addresses on command lines, and of peers in logs. */
#ifndef RFBKIT_NET_ADDR_H
#define RFBKIT_NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NET_HOST_MAX 256u

struct net_address {
	bool is_unix;
	char host[NET_HOST_MAX];	/* name or number without brackets, "" for none given; a path when is_unix */
	uint16_t port;
	bool or_next;			/* or the next one that is free */
};

/* -l's "[ADDR:]PORT" and "unix:PATH". "5900": no host, which net_listen takes as both loopback addresses;
 * "*:5900": all addresses; "[::1]:5900"; "5900+": or the next free port. 0; -1: not an address. Port 0 is any free one. */
int net_address_parse(struct net_address *out, const char *text);
/* -c's "HOST[:DISPLAY|::PORT]", "[::1]:1", "unix:PATH". HOST alone is port `base`; a display below 100 is base + display, from
 * 100 on a port. An empty host is "localhost". */
int net_target_parse(struct net_address *out, const char *text, uint16_t base);

/* A Unix socket's path. 0; -1: net_path_fault says why not. */
int net_address_set_path(struct net_address *out, const char *path);
/* What is wrong with a path, or with the path of "unix:PATH", to follow "it is"; NULL: nothing, or it is no Unix socket at all. Names of
 * abstract sockets are no paths: those have no owner, everybody may connect to them. */
const char *net_path_fault(const char *path);
const char *net_unix_fault(const char *text);

#define NET_TEXT_MAX 128u
/* "192.0.2.1:49152", "[2001:db8::1]:49152", "unix", "unix:/path". text is returned. */
const char *net_sockaddr_text(const struct sockaddr *sa, socklen_t len, char text[NET_TEXT_MAX]);
/* Loopback, Unix, or IPv4-mapped loopback. */
bool net_sockaddr_is_local(const struct sockaddr *sa);

#endif
