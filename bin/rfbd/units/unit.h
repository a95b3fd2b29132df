/* Encoded pieces of the picture, shared by every viewer that wants the same bytes.
 *
 * A unit's bytes depend on its key alone. Owned by the event loop; an encoding thread touches
 * only the unit that it was given (pool.h). */
#ifndef RFBD_UNIT_H
#define RFBD_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"

#define UNIT_BLACK UINT32_MAX

struct screen;

struct unit_key {
	struct codec_params params;	/* zeroed before it is filled: compared bytewise */
	uint16_t x, y, w, h;
	uint64_t content;		/* newest change within the box */
	uint32_t overlay;		/* the cursor as painted into it; 0: none; UNIT_BLACK: no part of the screen */
	uint32_t epoch;			/* framebuffer that it belongs to: grows with every resize */
};

enum unit_state { UNIT_NEW, UNIT_QUEUED, UNIT_DONE, UNIT_FAILED };

struct unit {
	struct unit_key key;
	struct codec_unit enc;		/* valid once DONE */
	enum unit_state state;
	unsigned refs;
	bool stale;			/* no longer what the screen shows: freed with its last reference */
	struct unit *hash_next;
	struct unit *prev, *next;	/* in the cache, newest use first */
	size_t kept;			/* bytes counted in the cache */
	struct unit *job_next;		/* pool.c: written by threads while QUEUED, as enc, result and error are */
	enum unit_state result;
	int error;			/* why it FAILED: an errno */
	int (*encode)(struct unit *u, const struct screen *s);	/* how, if it is not by its key: 0; -1 and errno */
};

struct unit_cache {
	struct unit **buckets;		/* UNIT_BUCKETS */
	struct unit *first, *last;
	size_t bytes, count;		/* kept, referenced or not */
	size_t keep;			/* unreferenced units beyond this many bytes are dropped */
	uint64_t hits, misses;
};

int unit_cache_init(struct unit_cache *c, size_t keep);
void unit_cache_fini(struct unit_cache *c);	/* no unit may be referenced any more */
/* A reference to the unit of this key, new if there is none (state NEW: the caller has it encoded).
 * NULL: no memory. */
struct unit *unit_get(struct unit_cache *c, const struct unit_key *key);
/* Makes *u, zeroed and from malloc, a unit of the caller's own, with one reference; no key leads to it. */
void unit_init_own(struct unit *u, int (*how)(struct unit *u, const struct screen *s));
struct unit *unit_ref(struct unit *u);
void unit_unref(struct unit_cache *c, struct unit *u);
/* A unit was encoded: its bytes count from now on. */
void unit_done(struct unit_cache *c, struct unit *u);
/* The same for all that pool_collect gave; those for which nobody waits any more may go. */
void unit_all_done(struct unit_cache *c, struct unit *list);
/* Forgets units that no longer match the screen: content(arg, key) says whether one still does. */
void unit_cache_sweep(struct unit_cache *c, bool (*current)(void *arg, const struct unit_key *key), void *arg);

#endif
