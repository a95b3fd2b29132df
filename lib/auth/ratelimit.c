/* Failed logins: a table of addresses with the count of failures and the end of the block. The least recently
 * failing entry gives way when the table is full. */
#include "auth/ratelimit.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint8_t key[8];			/* IPv4: 4 bytes and zeros; IPv6: the /64 */
	uint8_t family;			/* 4, 6; 0: free */
	unsigned failures;
	int64_t last, until;
};

struct auth_ratelimit {
	struct auth_ratelimit_config c;
	struct entry *entries;
};

struct auth_ratelimit *auth_ratelimit_new(const struct auth_ratelimit_config *c)
{
	struct auth_ratelimit *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->c = *c;
	if (!r->c.free)
		r->c.free = 5;
	if (!r->c.first_us)
		r->c.first_us = 10 * (int64_t)1000000;
	if (!r->c.most_us)
		r->c.most_us = 3600 * (int64_t)1000000;
	if (!r->c.forget_us)
		r->c.forget_us = 3600 * (int64_t)1000000;
	if (!r->c.addresses)
		r->c.addresses = 4096;
	r->entries = calloc(r->c.addresses, sizeof *r->entries);
	if (!r->entries) {
		free(r);
		return NULL;
	}
	return r;
}

void auth_ratelimit_free(struct auth_ratelimit *r)
{
	if (!r)
		return;
	free(r->entries);
	free(r);
}

/* False: exempt. */
static bool key_of(struct entry *e, const struct sockaddr *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;

	*e = (struct entry){ 0 };
	if (from->sa_family == AF_INET) {
		e->family = 4;
		memcpy(e->key, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	} else if (from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		e->family = 4;
		memcpy(e->key, six->sin6_addr.s6_addr + 12, 4);
	} else if (from->sa_family == AF_INET6) {
		e->family = 6;
		memcpy(e->key, &six->sin6_addr, 8);
	}
	return e->family != 0;
}

bool auth_ratelimit_same(const struct sockaddr *a, const struct sockaddr *b)
{
	struct entry x, y;

	return key_of(&x, a) && key_of(&y, b) && x.family == y.family && !memcmp(x.key, y.key, sizeof x.key);
}

static struct entry *find(const struct auth_ratelimit *r, const struct sockaddr *from)
{
	struct entry want;

	if (!key_of(&want, from))
		return NULL;
	for (unsigned i = 0; i < r->c.addresses; i++)
		if (r->entries[i].family == want.family && !memcmp(r->entries[i].key, want.key, sizeof want.key))
			return &r->entries[i];
	return NULL;
}

int64_t auth_ratelimit_wait(const struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us)
{
	const struct entry *e = find(r, from);

	return e && e->until > now_us ? e->until - now_us : 0;
}

/* A free place, a forgotten one, or the one that has been quiet for longest. */
static struct entry *place(struct auth_ratelimit *r)
{
	struct entry *oldest = &r->entries[0];

	for (unsigned i = 0; i < r->c.addresses; i++) {
		struct entry *e = &r->entries[i];

		if (!e->family)
			return e;
		if (e->last < oldest->last)
			oldest = e;
	}
	return oldest;
}

static int64_t delay(const struct auth_ratelimit *r, unsigned failures)
{
	int64_t d = r->c.first_us;

	if (failures <= r->c.free)
		return 0;
	for (unsigned i = r->c.free + 1; i < failures && d < r->c.most_us; i++)
		d *= 2;
	return d < r->c.most_us ? d : r->c.most_us;
}

int64_t auth_ratelimit_failed(struct auth_ratelimit *r, const struct sockaddr *from, int64_t now_us)
{
	struct entry *e = find(r, from), fresh;
	int64_t d;

	if (!key_of(&fresh, from))
		return 0;
	if (!e) {
		e = place(r);
		*e = fresh;
	} else if (now_us - e->last > r->c.forget_us && e->until <= now_us) {
		e->failures = 0;
	}
	if (e->failures < 1000000)
		e->failures++;
	e->last = now_us;
	d = delay(r, e->failures);
	e->until = now_us + d;
	return d;
}

void auth_ratelimit_passed(struct auth_ratelimit *r, const struct sockaddr *from)
{
	struct entry *e = find(r, from);

	if (e)
		*e = (struct entry){ 0 };
}

unsigned auth_ratelimit_blocked(const struct auth_ratelimit *r, int64_t now_us)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->c.addresses; i++)
		n += r->entries[i].family && r->entries[i].until > now_us;
	return n;
}
