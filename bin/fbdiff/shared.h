/* The source's shared memory segment: attached read-only, once it is proven to be the one meant. */
#ifndef FBDIFF_SHARED_H
#define FBDIFF_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "fbs/fbs.h"

struct shared {
	const uint8_t *base;	/* NULL: none */
	uint64_t size;		/* of the segment itself */
};

/* Attaches the segment that a SHARED record names, in place of the one before, and marks its id for
 * removal. 0, or -1 with one line in why when it is not plausible or not the one meant. */
int shared_attach(struct shared *s, const struct fbs_shared *r, char *why, size_t n);
void shared_detach(struct shared *s);
/* The first pixel of a DAMAGE; NULL unless the whole of it lies in the segment. */
const uint8_t *shared_pixels(const struct shared *s, const struct fbs_damage *d);

#endif
