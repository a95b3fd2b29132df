/* What waits to be sent to one viewer: bytes of its own, and parts of shared units. */
#ifndef RFBD_OUTQ_H
#define RFBD_OUTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "units/unit.h"

/* Bytes that several queues send. */
struct outq_shared {
	unsigned refs;
	size_t len;
	uint8_t *data;
};

struct outq_seg {
	struct unit *unit;		/* whose bytes they are; both NULL: owned */
	struct outq_shared *shared;
	uint8_t *data;
	size_t at, len, cap;		/* sent up to `at` */
};

struct outq {
	struct outq_seg *segs;
	unsigned first, n, cap;
	size_t bytes;		/* unsent */
	bool bad;		/* memory was short: the connection cannot go on */
};

void outq_fini(struct outq *q, struct unit_cache *c);
void outq_put(struct outq *q, const void *bytes, size_t n);
/* Queues a DONE unit's bytes from offset `from` on, taking a reference. */
void outq_put_unit(struct outq *q, struct unit *u, size_t from);
/* Takes the bytes over (also on failure); the caller has a reference. NULL: no memory. */
struct outq_shared *outq_share(uint8_t *data, size_t n);
void outq_unshare(struct outq_shared *s);	/* gives a reference up; NULL is none */
void outq_put_shared(struct outq *q, struct outq_shared *s);
/* All of `from` is queued behind what is in q; from is empty then. */
void outq_append(struct outq *q, struct outq *from);
/* Up to `max` pieces, of at most `bytes` together, to be written next. */
int outq_iov(const struct outq *q, struct iovec *iov, int max, size_t bytes);
/* n bytes of them were written. */
void outq_sent(struct outq *q, size_t n, struct unit_cache *c);

#endif
