/* Addresses as text, both directions. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* Decimal digits to the end of the text, at most `max`. -1 otherwise. */
static long number(const char *text, long max)
{
	long v = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		v = v * 10 + (*text - '0');
		if (v > max)
			return -1;
	}
	return v;
}

static int set_host(struct net_address *out, const char *host, size_t len)
{
	if (len >= sizeof out->host || memchr(host, 0, len))
		return -1;
	memcpy(out->host, host, len);
	out->host[len] = 0;
	return 0;
}

static const char scheme[] = "unix:";

const char *net_path_fault(const char *path)
{
	if (!*path)
		return "empty";
	if (*path == '@')
		return "the name of an abstract socket, which everybody may connect to (./@... is a path)";
	return strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path ? "too long" : NULL;
}

const char *net_unix_fault(const char *text)
{
	return strncmp(text, scheme, sizeof scheme - 1) ? NULL : net_path_fault(text + sizeof scheme - 1);
}

int net_address_set_path(struct net_address *out, const char *path)
{
	*out = (struct net_address){ .is_unix = true };
	return net_path_fault(path) ? -1 : set_host(out, path, strlen(path));
}

/* "unix:PATH": 1 when it is one, -1 when it is a bad one. */
static int parse_unix(struct net_address *out, const char *text)
{
	*out = (struct net_address){ 0 };
	if (strncmp(text, scheme, sizeof scheme - 1) != 0)
		return 0;
	return net_address_set_path(out, text + sizeof scheme - 1) ? -1 : 1;
}

/* Splits off the host: "[v6]" or everything up to the first colon. *rest is what follows; -1 on a bad bracket. */
static int split_host(struct net_address *out, const char *text, const char **rest)
{
	size_t len;

	if (*text == '[') {
		len = strcspn(text, "]");
		if (text[len] != ']' || len < 3)
			return -1;
		*rest = text + len + 1;
		return set_host(out, text + 1, len - 1);
	}
	len = strcspn(text, ":");
	*rest = text + len;
	return set_host(out, text, len);
}

/* "5900", or "5900+". False: neither. */
static bool set_port(struct net_address *out, const char *text)
{
	char digits[8];
	const size_t len = strlen(text);
	long port;

	out->or_next = len > 1 && len < sizeof digits && text[len - 1] == '+';
	snprintf(digits, sizeof digits, "%.*s", (int)(len - out->or_next), text);
	port = len < sizeof digits ? number(digits, 65535) : -1;
	if (port < (out->or_next ? 1 : 0))
		return false;
	out->port = (uint16_t)port;
	return true;
}

int net_address_parse(struct net_address *out, const char *text)
{
	const char *rest;
	int is_unix = parse_unix(out, text);

	if (is_unix)
		return is_unix > 0 ? 0 : -1;
	if (set_port(out, text))
		return 0;
	if (split_host(out, text, &rest) || *rest != ':' || !out->host[0] || !set_port(out, rest + 1))
		return -1;
	return 0;
}

int net_target_parse(struct net_address *out, const char *text, uint16_t base)
{
	const char *rest;
	int is_unix = parse_unix(out, text);
	long v = 0;

	if (is_unix)
		return is_unix > 0 ? 0 : -1;
	if (split_host(out, text, &rest))
		return -1;
	if (!out->host[0])
		strcpy(out->host, "localhost");
	if (rest[0] == ':' && rest[1] == ':')
		v = number(rest + 2, 65535);
	else if (rest[0] == ':')
		v = number(rest + 1, 65535);
	else if (rest[0])
		return -1;
	if (v < 0)
		return -1;
	if (rest[0] != ':' || (rest[1] != ':' && v < 100))
		v += base;
	if (v > 65535)
		return -1;
	out->port = (uint16_t)v;
	return 0;
}

const char *net_sockaddr_text(const struct sockaddr *sa, socklen_t len, char text[NET_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "";

	if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		snprintf(text, NET_TEXT_MAX, "%s:%u", host, ntohs(in->sin_port));
	} else if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)sa;

		inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
		snprintf(text, NET_TEXT_MAX, "[%s]:%u", host, ntohs(in->sin6_port));
	} else if (sa->sa_family == AF_UNIX) {
		const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)sa;
		size_t at = offsetof(struct sockaddr_un, sun_path);
		int n = len > at ? (int)strnlen(un->sun_path, len - at) : 0;

		snprintf(text, NET_TEXT_MAX, n ? "unix:%.*s" : "unix", n, un->sun_path);
	} else {
		snprintf(text, NET_TEXT_MAX, "unknown");
	}
	return text;
}

bool net_sockaddr_is_local(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	if (sa->sa_family == AF_INET6) {
		const struct in6_addr *a = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

		return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
	}
	return sa->sa_family == AF_UNIX;
}
