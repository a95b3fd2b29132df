/* The cache of encoded units: a hash table by key, and a list by last use. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { UNIT_BUCKETS = 1024 };

int unit_cache_init(struct unit_cache *c, size_t keep)
{
	memset(c, 0, sizeof *c);
	c->keep = keep;
	c->buckets = calloc(UNIT_BUCKETS, sizeof *c->buckets);
	return c->buckets ? 0 : -1;
}

static size_t bucket_of(const struct unit_key *k)
{
	uint64_t h = 0x9e3779b97f4a7c15u;
	const uint8_t *p = (const uint8_t *)k;
	for (size_t i = 0; i + 8 <= sizeof *k; i += 8) {
		uint64_t v;
		memcpy(&v, p + i, 8);
		h = (h ^ v) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return h % UNIT_BUCKETS;
}

static void list_remove(struct unit_cache *c, struct unit *u)
{
	*(u->prev ? &u->prev->next : &c->first) = u->next;
	*(u->next ? &u->next->prev : &c->last) = u->prev;
}

static void list_push(struct unit_cache *c, struct unit *u)
{
	u->prev = NULL;
	u->next = c->first;
	*(c->first ? &c->first->prev : &c->last) = u;
	c->first = u;
}

/* Takes a unit out of the cache; whoever holds it keeps it. */
static void forget(struct unit_cache *c, struct unit *u)
{
	struct unit **at = &c->buckets[bucket_of(&u->key)];
	while (*at != u)
		at = &(*at)->hash_next;
	*at = u->hash_next;
	list_remove(c, u);
	c->bytes -= u->kept;
	c->count--;
	u->stale = true;
}

static void destroy(struct unit *u)
{
	wire_buf_fini(&u->enc.out);
	free(u);
}

void unit_cache_fini(struct unit_cache *c)
{
	while (c->first) {
		struct unit *u = c->first;
		forget(c, u);
		destroy(u);
	}
	free(c->buckets);
	c->buckets = NULL;
}

struct unit *unit_get(struct unit_cache *c, const struct unit_key *key)
{
	_Static_assert(sizeof(struct unit_key) % 8 == 0, "hashed in words");
	size_t b = bucket_of(key);
	for (struct unit *u = c->buckets[b]; u; u = u->hash_next)
		if (u->state != UNIT_FAILED && memcmp(&u->key, key, sizeof *key) == 0) {
			list_remove(c, u);
			list_push(c, u);
			c->hits++;
			return unit_ref(u);
		}
	struct unit *u = calloc(1, sizeof *u);
	if (!u)
		return NULL;
	memcpy(&u->key, key, sizeof *key);
	u->refs = 1;
	u->hash_next = c->buckets[b];
	c->buckets[b] = u;
	list_push(c, u);
	c->count++;
	c->misses++;
	return u;
}

void unit_init_own(struct unit *u, int (*how)(struct unit *u, const struct screen *s))
{
	u->refs = 1;
	u->stale = true;	/* in no cache */
	u->encode = how;
}

struct unit *unit_ref(struct unit *u)
{
	u->refs++;
	return u;
}

/* Drops what is used least while too much is kept. */
static void trim(struct unit_cache *c)
{
	for (struct unit *u = c->last, *prev; u && c->bytes > c->keep; u = prev) {
		prev = u->prev;
		if (u->refs == 0 && u->state != UNIT_QUEUED) {
			forget(c, u);
			destroy(u);
		}
	}
}

void unit_unref(struct unit_cache *c, struct unit *u)
{
	if (--u->refs > 0 || u->state == UNIT_QUEUED)
		return;
	if (u->stale) {
		destroy(u);
	} else if (u->state != UNIT_DONE) {
		forget(c, u);
		destroy(u);
	} else {
		trim(c);
	}
}

void unit_done(struct unit_cache *c, struct unit *u)
{
	if (!u->stale) {
		u->kept = u->enc.out.cap;
		c->bytes += u->kept;
	}
	if (u->refs == 0) {	/* nobody waits for it any more */
		u->refs = 1;
		unit_unref(c, u);
	}
}

void unit_all_done(struct unit_cache *c, struct unit *list)
{
	for (struct unit *u = list; u; u = u->job_next)
		unit_ref(u);	/* to make room for one, the cache would drop another for which nobody waits */
	for (struct unit *u = list, *next; u; u = next) {
		next = u->job_next;
		unit_done(c, u);
		unit_unref(c, u);	/* NOLINT(clang-analyzer-unix.Malloc): it is held since the loop above */
	}
}

void unit_cache_sweep(struct unit_cache *c, bool (*current)(void *arg, const struct unit_key *key), void *arg)
{
	for (struct unit *u = c->first, *next; u; u = next) {
		next = u->next;
		if (current(arg, &u->key))
			continue;
		forget(c, u);
		if (u->refs == 0 && u->state != UNIT_QUEUED)
			destroy(u);
	}
}
