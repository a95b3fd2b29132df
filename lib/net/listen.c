/* Listening sockets: every address of a name, Unix sockets that outlive nobody, and what each accepted
 * connection gets. */
#include "net/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/io.h"

enum { BACKLOG = 4096 };	/* the kernel takes less where it is told so */

static int fail_close(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

static void describe(struct net_listener *l)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;

	if (getsockname(l->fd, (struct sockaddr *)&sa, &len))
		len = 0;
	net_sockaddr_text((struct sockaddr *)&sa, len, l->text);
	l->local = net_sockaddr_is_local((struct sockaddr *)&sa);
}

static int listen_inet(struct net_listener *out, const struct addrinfo *ai)
{
	const int on = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, BACKLOG))
		return fail_close(fd);
	*out = (struct net_listener){ .fd = fd };
	describe(out);
	return 0;
}

/* --- Unix sockets ----------------------------------------------------------------------------- */

static socklen_t unix_address(struct sockaddr_un *sa, const char *path)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(sa->sun_path, path, strlen(path) + 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

/* True when the path is a socket on which nobody answers. */
static bool is_stale(const struct sockaddr_un *sa, socklen_t len)
{
	struct stat st;
	int fd;
	bool refused;

	if (lstat(sa->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)sa, len) && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

/* The mode is right from the first moment: bind takes it from the descriptor (fchmod before bind). */
static int bind_unix(int fd, const struct sockaddr_un *sa, socklen_t len)
{
	if (fchmod(fd, 0600))
		return -1;
	if (bind(fd, (const struct sockaddr *)sa, len) == 0)
		return chmod(sa->sun_path, 0600);
	if (errno != EADDRINUSE)
		return -1;
	if (!is_stale(sa, len)) {
		errno = EADDRINUSE;
		return -1;
	}
	unlink(sa->sun_path);
	return bind(fd, (const struct sockaddr *)sa, len) || chmod(sa->sun_path, 0600) ? -1 : 0;
}

static int listen_unix(struct net_listener *out, const char *path)
{
	struct sockaddr_un sa;
	socklen_t len = unix_address(&sa, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (bind_unix(fd, &sa, len) || listen(fd, BACKLOG))
		return fail_close(fd);
	*out = (struct net_listener){ .fd = fd };
	snprintf(out->path, sizeof out->path, "%s", path);
	describe(out);
	return 1;
}

/* --- names --------------------------------------------------------------------------------------- */

/* Resolves; "" as loopback, "*" as any. NULL and errno (ENOENT: no such name). */
static struct addrinfo *resolve(const struct net_address *a, int flags, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *list = NULL;
	const char *host = a->host[0] && strcmp(a->host, "*") != 0 ? a->host : NULL;
	char port[8];
	int error;

	if (!strcmp(a->host, "*"))
		hints.ai_flags |= AI_PASSIVE;
	snprintf(port, sizeof port, "%u", a->port);
	error = getaddrinfo(host, port, &hints, &list);
	if (!error)
		return list;
	if (why)
		*why = gai_strerror(error);
	if (error != EAI_SYSTEM)
		errno = ENOENT;
	return NULL;
}

/* With port 0 the second family gets the port that the first one found. */
static void reuse_port(struct addrinfo *ai, const struct net_listener *first)
{
	struct sockaddr_storage sa = { 0 };
	const size_t port = offsetof(struct sockaddr_in, sin_port);	/* at the same place in both families */
	socklen_t len = sizeof sa;

	if (getsockname(first->fd, (struct sockaddr *)&sa, &len) == 0)
		memcpy((char *)ai->ai_addr + port, (const char *)&sa + port, sizeof(in_port_t));
}

/* One socket for each address. How many; -1 and errno, with none left open. */
static int listen_all(struct net_listener *out, unsigned room, const struct net_address *a)
{
	struct addrinfo *list = resolve(a, 0, NULL), *ai;
	unsigned n = 0;
	int error = 0;

	if (!list)
		return -1;
	for (ai = list; ai && n < room; ai = ai->ai_next) {
		if (n > 0 && a->port == 0)
			reuse_port(ai, &out[0]);
		if (listen_inet(&out[n], ai) == 0)
			n++;
		else if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
			error = errno;
	}
	freeaddrinfo(list);
	if (n > 0 && !error)
		return (int)n;
	while (n > 0)
		net_listener_close(&out[--n]);
	errno = error ? error : EADDRNOTAVAIL;
	return -1;
}

int net_listen(struct net_listener *out, unsigned room, const struct net_address *a)
{
	struct net_address at = *a;
	int n, tries = a->port == 0 ? 16 : a->or_next ? 65536 - a->port : 1;

	if (room == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (a->is_unix)
		return listen_unix(out, a->host);
	/* any port: what is free in one family may be taken in the other; or the next one */
	while ((n = listen_all(out, room, &at)) < 0 && errno == EADDRINUSE && --tries > 0)
		at.port += a->or_next;
	return n;
}

const char *net_listen_strerror(const struct net_address *a)
{
	return errno == ENOENT && !a->is_unix ? "no such name" : strerror(errno);
}

int net_listen_adopt(struct net_listener *out, int fd)
{
	int listening = 0;
	socklen_t len = sizeof listening;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len))
		return -1;
	if (!listening) {
		errno = EINVAL;
		return -1;
	}
	if (io_set_nonblock(fd, true) || io_set_cloexec(fd, true))
		return -1;
	*out = (struct net_listener){ .fd = fd };
	describe(out);
	return 0;
}

void net_listener_close(struct net_listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->path[0])
		unlink(l->path);
	*l = (struct net_listener){ .fd = -1 };
}

/* --- connections ------------------------------------------------------------------------------------ */

/* Keepalive finds a dead peer of an idle connection in about half a minute. */
int net_socket_prepare(int fd)
{
	static const struct { int level, name, value; } options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 15 }, { IPPROTO_TCP, TCP_KEEPINTVL, 5 }, { IPPROTO_TCP, TCP_KEEPCNT, 3 },
	};

	if (io_set_nonblock(fd, true) || io_set_cloexec(fd, true))
		return -1;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)	/* Unix sockets refuse most of these */
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
	return 0;
}

static bool is_of_one_peer(int error)
{
	return error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN || error == EHOSTDOWN ||
	       error == ENONET || error == EHOSTUNREACH || error == ENETUNREACH || error == ENOPROTOOPT || error == EINTR;
}

int net_accept(const struct net_listener *l, struct sockaddr_storage *from, socklen_t *from_len)
{
	int fd;

	*from_len = sizeof *from;
	memset(from, 0, sizeof *from);
	fd = accept4(l->fd, (struct sockaddr *)from, from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (is_of_one_peer(errno))
			errno = EAGAIN;
		return -1;
	}
	if (net_socket_prepare(fd))
		return fail_close(fd);
	return fd;
}

static int connect_one(int family, const struct sockaddr *sa, socklen_t len, int64_t deadline)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
	socklen_t error_len = sizeof error;

	if (fd < 0)
		return -1;
	if (connect(fd, sa, len)) {
		int ready;

		if (errno != EINPROGRESS)
			return fail_close(fd);
		ready = io_wait(fd, POLLOUT, deadline);
		if (ready == 0)
			errno = ETIMEDOUT;
		if (ready <= 0)
			return fail_close(fd);
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) || error) {
			errno = error ? error : errno;
			return fail_close(fd);
		}
	}
	return net_socket_prepare(fd) ? fail_close(fd) : fd;
}

int net_connect(const struct net_address *a, int64_t deadline, const char **why)
{
	struct addrinfo *list, *ai;
	int fd = -1, saved;

	if (why)
		*why = NULL;
	if (a->is_unix) {
		struct sockaddr_un sa;
		socklen_t len = unix_address(&sa, a->host);

		return connect_one(AF_UNIX, (const struct sockaddr *)&sa, len, deadline);
	}
	list = resolve(a, AI_ADDRCONFIG, why);
	if (!list)
		return -1;
	for (ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = connect_one(ai->ai_family, ai->ai_addr, ai->ai_addrlen, deadline);
	saved = errno;
	freeaddrinfo(list);
	errno = saved;
	return fd;
}
