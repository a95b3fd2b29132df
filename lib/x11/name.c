/* Xlib says of a name that it does not understand no more than of a display that is not there: nothing. */
#include "x11/name.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 256 };

#define DIGITS "0123456789"

/* ":NUMBER[.SCREEN]" up to the end. */
static bool is_number(const char *colon)
{
	const size_t n = strspn(colon + 1, DIGITS), m = colon[1 + n] == '.' ? strspn(colon + 2 + n, DIGITS) : 0;
	const char *rest = colon + 1 + n + (m ? 1 + m : 0);

	return n > 0 && n < 10 && m < 10 && *rest == 0;
}

/* The host in front of a colon, without protocol and brackets; "" for this machine. False: it is too long. */
static bool get_host(const char *display, const char *colon, char host[HOST_MAX], bool *bracketed)
{
	const char *slash = memchr(display, '/', (size_t)(colon - display)), *from = slash ? slash + 1 : display;
	size_t n = (size_t)(colon - from);

	*bracketed = n >= 2 && from[0] == '[' && from[n - 1] == ']';
	if (*bracketed)
		from++, n -= 2;
	if (n >= HOST_MAX)
		return false;
	memcpy(host, from, n);
	host[n] = 0;
	return true;
}

static bool is_host(const char *host, bool bracketed)
{
	struct in6_addr a;

	if (bracketed || strchr(host, ':'))
		return inet_pton(AF_INET6, host, &a) == 1;
	for (const char *c = host; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == '/' || *c == 0x7f)
			return false;
	return true;
}

bool x11_name_valid(const char *display)
{
	const char *colon = strrchr(display, ':');
	char host[HOST_MAX];
	bool bracketed;

	if (display[0] == '/')
		return true;
	return colon && is_number(colon) && get_host(display, colon, host, &bracketed) && is_host(host, bracketed);
}

const char *x11_name_why(const char *display, char *why, size_t size)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(display, ':');
	struct addrinfo *found = NULL;
	char host[HOST_MAX];
	bool bracketed;
	int error;

	snprintf(why, size, "not there");
	if (display[0] == '/' || !colon || !get_host(display, colon, host, &bracketed) || !host[0] || strcmp(host, "unix") == 0)
		return why;
	error = getaddrinfo(host, NULL, &hints, &found);
	if (error)
		snprintf(why, size, "no address of host %.128s: %s", host, gai_strerror(error));
	else
		freeaddrinfo(found);
	return why;
}

bool x11_name_screen(const char *display, char *rest, size_t size, int *screen)
{
	const char *colon = strrchr(display, ':'), *dot = colon ? strchr(colon, '.') : NULL;

	if (!dot || !x11_name_valid(display) || (*screen = atoi(dot + 1)) == 0 || (size_t)(dot - display) >= size)
		return false;
	memcpy(rest, display, (size_t)(dot - display));
	rest[dot - display] = 0;
	return true;
}
