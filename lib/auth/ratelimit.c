/* The table of addresses that failed: open addressing would move entries about, so it is a plain
 * array that is searched; at most a few thousand short entries, only looked at when somebody connects. */
#include "auth/ratelimit.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
enum { SHIFT_MAX = 40 };

struct entry {
	uint8_t key[17];	/* family, then the address; IPv6 only its first 64 bits */
	unsigned failures;
	int64_t last_us, until_us;
};

struct auth_ratelimit {
	struct auth_ratelimit_config c;
	struct entry *entry;
	unsigned n;
};

struct auth_ratelimit *auth_ratelimit_new(const struct auth_ratelimit_config *c)
{
	struct auth_ratelimit *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	if (c)
		r->c = *c;
	r->c.free = r->c.free ? r->c.free : 5;
	r->c.first_us = r->c.first_us ? r->c.first_us : 10 * SECOND;
	r->c.most_us = r->c.most_us ? r->c.most_us : 3600 * SECOND;
	r->c.forget_us = r->c.forget_us ? r->c.forget_us : 3600 * SECOND;
	r->c.addresses = r->c.addresses ? r->c.addresses : 4096;
	r->entry = calloc(r->c.addresses, sizeof *r->entry);
	if (!r->entry) {
		free(r);
		return NULL;
	}
	return r;
}

void auth_ratelimit_free(struct auth_ratelimit *r)
{
	if (r)
		free(r->entry);
	free(r);
}

/* False for what is exempt: Unix sockets and families that we do not know. */
static bool key_of(const struct sockaddr *from, uint8_t key[17])
{
	memset(key, 0, 17);
	if (from->sa_family == AF_INET) {
		key[0] = 4;
		memcpy(key + 1, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
		return true;
	}
	if (from->sa_family != AF_INET6)
		return false;
	const struct in6_addr *a = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	const bool mapped = IN6_IS_ADDR_V4MAPPED(a);
	key[0] = mapped ? 4 : 6;
	memcpy(key + 1, a->s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
	return true;
}

static struct entry *find(const struct auth_ratelimit *r, const uint8_t key[17])
{
	for (unsigned i = 0; i < r->n; i++)
		if (!memcmp(r->entry[i].key, key, 17))
			return &r->entry[i];
	return NULL;
}

/* A place for a new address: an unused one, or that of the one quiet for longest. */
static struct entry *place(struct auth_ratelimit *r)
{
	struct entry *oldest = &r->entry[0];
	if (r->n < r->c.addresses)
		return &r->entry[r->n++];
	for (unsigned i = 1; i < r->n; i++)
		if (r->entry[i].last_us < oldest->last_us)
			oldest = &r->entry[i];
	return oldest;
}

int64_t auth_ratelimit_wait(const struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us)
{
	uint8_t key[17];
	const struct entry *e = key_of(from, key) ? find(r, key) : NULL;
	return e && e->until_us > now_us ? e->until_us - now_us : 0;
}

int64_t auth_ratelimit_failed(struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us)
{
	uint8_t key[17];
	if (!key_of(from, key))
		return 0;
	struct entry *e = find(r, key);
	if (!e || now_us - e->last_us > r->c.forget_us) {
		e = e ? e : place(r);
		*e = (struct entry){ 0 };
		memcpy(e->key, key, sizeof e->key);
	}
	e->failures++;
	e->last_us = now_us;
	if (e->failures <= r->c.free)
		return 0;
	const unsigned doublings = e->failures - r->c.free - 1;
	int64_t delay = r->c.most_us;
	if (doublings < SHIFT_MAX && r->c.first_us <= r->c.most_us >> doublings)
		delay = r->c.first_us << doublings;
	e->until_us = now_us + delay;
	return delay;
}

void auth_ratelimit_passed(struct auth_ratelimit *r, const struct sockaddr *from)
{
	uint8_t key[17];
	struct entry *e = key_of(from, key) ? find(r, key) : NULL;
	if (e)
		*e = r->entry[--r->n];
}

unsigned auth_ratelimit_blocked(const struct auth_ratelimit *r, int64_t now_us)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->n; i++)
		n += r->entry[i].until_us > now_us;
	return n;
}
