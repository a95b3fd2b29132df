/* How fast the kernel takes what is queued for a viewer, and when it will have taken all of it.
 *
 * Only time during which something waited counts: what a free link takes at once says nothing of its rate. */
#ifndef RFBD_DRAIN_H
#define RFBD_DRAIN_H

#include <stddef.h>
#include <stdint.h>

struct drain {
	int64_t begun_us;		/* when what waits now began to */
	int64_t since_us;		/* when bytes went last while others were left waiting; 0: none wait */
	double bytes, us;		/* that went lately, and how long they had waited for it; 0: unknown */
	double slow;			/* bytes in a microsecond, as of slow_us: when something last had to wait for long */
	int64_t slow_us;
};

/* `taken` bytes were just written, and `left` still wait. now_us: any steady clock, not 0. */
void drain_note(struct drain *d, size_t taken, size_t left, int64_t now_us);
/* When `left` bytes, queued by now, will have gone: rather too soon than too late, and not after now_us where nothing is known or
 * less went than was to be expected. */
int64_t drain_due(const struct drain *d, size_t left, int64_t now_us);
/* How many bytes are carried in `us`, by what lately had to wait for long; 0: nothing had to. */
uint64_t drain_carries(const struct drain *d, int64_t us, int64_t now_us);

#endif
