/* A ring: the address heard of longest ago makes room. */
#include "browsers.h"

#include <stdio.h>
#include <string.h>

static size_t host_length(const char *address)
{
	const char *colon = strrchr(address, ':');
	return colon ? (size_t)(colon - address) : strlen(address);
}

static unsigned find(const struct browsers *b, const char *address)
{
	const size_t n = host_length(address);
	unsigned i = 0;
	while (i < BROWSERS_MAX && !(b->at[i].until_us && strlen(b->at[i].host) == n && !memcmp(b->at[i].host, address, n)))
		i++;
	return i;
}

void browsers_note(struct browsers *b, const char *address, int64_t now_us)
{
	unsigned i = find(b, address);
	if (i == BROWSERS_MAX) {
		i = b->next;
		b->next = (b->next + 1) % BROWSERS_MAX;
		snprintf(b->at[i].host, sizeof b->at[i].host, "%.*s", (int)host_length(address), address);
	}
	b->at[i].until_us = now_us + BROWSERS_SECONDS * INT64_C(1000000);
}

bool browsers_know(const struct browsers *b, const char *address, int64_t now_us)
{
	const unsigned i = find(b, address);
	return i < BROWSERS_MAX && now_us < b->at[i].until_us;
}
