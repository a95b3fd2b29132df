/* The owner of the other end. A Unix socket knows (SO_PEERCRED). For loopback TCP the kernel's socket diagnosis
 * (NETLINK_SOCK_DIAG) is asked for the socket whose local address is our remote one and the other way round. */
#include "net/peer.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { TCP_STATE_ESTABLISHED = 1 };

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

/* The socket that the peer holds: its source is our peer's address, its destination our own. */
static void fill_ids(struct inet_diag_sockid *id, const struct sockaddr_storage *theirs, const struct sockaddr_storage *ours)
{
	memset(id, 0, sizeof *id);
	if (theirs->ss_family == AF_INET) {
		struct sockaddr_in s, d;

		memcpy(&s, theirs, sizeof s);
		memcpy(&d, ours, sizeof d);
		id->idiag_sport = s.sin_port;
		id->idiag_dport = d.sin_port;
		memcpy(id->idiag_src, &s.sin_addr, 4);
		memcpy(id->idiag_dst, &d.sin_addr, 4);
	} else {
		struct sockaddr_in6 s, d;

		memcpy(&s, theirs, sizeof s);
		memcpy(&d, ours, sizeof d);
		id->idiag_sport = s.sin6_port;
		id->idiag_dport = d.sin6_port;
		memcpy(id->idiag_src, &s.sin6_addr, 16);
		memcpy(id->idiag_dst, &d.sin6_addr, 16);
	}
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* Reads one answer. True and *uid when it is an established socket's. */
static bool read_answer(int fd, uid_t *uid)
{
	union { struct nlmsghdr head; char bytes[4096]; } in;
	const struct inet_diag_msg *m;
	ssize_t n;

	do
		n = recv(fd, &in, sizeof in, 0);
	while (n < 0 && errno == EINTR);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof *m) || !NLMSG_OK(&in.head, (size_t)n) ||
	    in.head.nlmsg_type != SOCK_DIAG_BY_FAMILY || in.head.nlmsg_len < NLMSG_LENGTH(sizeof *m))
		return false;
	m = NLMSG_DATA(&in.head);
	*uid = m->idiag_uid;
	return m->idiag_state == TCP_STATE_ESTABLISHED;
}

static bool ask(int family, const struct inet_diag_sockid *id, uid_t *uid)
{
	struct question q = {
		.head = { .nlmsg_len = sizeof q, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST },
		.body = { .sdiag_family = (uint8_t)family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 1u << TCP_STATE_ESTABLISHED, .id = *id },
	};
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct timeval patience = { .tv_sec = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool found = false;

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (sendto(fd, &q, sizeof q, 0, (const struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)sizeof q)
		found = read_answer(fd, uid);
	close(fd);
	return found;
}

/* An IPv4-mapped pair as the IPv4 addresses that it stands for: the peer's own socket is then of that family. */
static void unmap(struct sockaddr_storage *sa)
{
	const struct sockaddr_in6 six = *(const struct sockaddr_in6 *)(const void *)sa;
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = six.sin6_port };

	if (sa->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
		return;
	memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, 4);
	memset(sa, 0, sizeof *sa);
	memcpy(sa, &four, sizeof four);
}

static bool loopback_owner(int fd, const struct sockaddr_storage *peer, uid_t *uid)
{
	struct sockaddr_storage theirs = *peer, ours = { 0 };
	struct inet_diag_sockid id;
	socklen_t len = sizeof ours;

	if (getsockname(fd, (struct sockaddr *)&ours, &len))
		return false;
	unmap(&theirs);
	unmap(&ours);
	if (theirs.ss_family != ours.ss_family)
		return false;
	fill_ids(&id, &theirs, &ours);
	return ask(theirs.ss_family, &id, uid);
}

int net_peer_get(struct net_peer *out, int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	memset(out, 0, sizeof *out);
	out->address_len = sizeof out->address;
	if (getpeername(fd, (struct sockaddr *)&out->address, &out->address_len))
		return -1;
	net_sockaddr_text((struct sockaddr *)&out->address, out->address_len, out->text);
	out->is_unix = out->address.ss_family == AF_UNIX;
	out->is_loopback = !out->is_unix && net_sockaddr_is_local((struct sockaddr *)&out->address);
	if (out->is_unix) {
		out->uid_known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0;
		out->uid = out->uid_known ? who.uid : 0;
	} else if (out->is_loopback) {
		out->uid_known = loopback_owner(fd, &out->address, &out->uid);
	}
	return 0;
}

bool net_peer_is_ours(const struct net_peer *p)
{
	return p->uid_known && (p->uid == 0 || p->uid == geteuid());
}
