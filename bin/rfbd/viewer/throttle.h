/* What holds a viewer back on purpose: a largest number of updates a second, and of bytes. Times are io_now's. */
#ifndef RFBD_THROTTLE_H
#define RFBD_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

struct throttle {
	uint32_t millifps;	/* updates in a thousand seconds; 0: any number */
	int64_t next_us;	/* when the next update may be sent */
	uint64_t rate;		/* bytes a second; 0: any number */
	double tokens;		/* bytes that may be sent at once */
	int64_t filled_us;	/* when they were counted */
};

/* New limits; 0 for none. */
void throttle_set(struct throttle *t, uint32_t millifps, uint64_t rate, int64_t now);
/* When the next update may be sent; at or before `now`: now. */
int64_t throttle_frame_due(const struct throttle *t);
/* An update was sent. */
void throttle_frame(struct throttle *t, int64_t now);
/* How many bytes may be written now; SIZE_MAX without a limit. 0: not before throttle_refill_us. */
size_t throttle_room(struct throttle *t, int64_t now);
void throttle_spend(struct throttle *t, size_t n);
/* How long until there is room again. */
int64_t throttle_refill_us(const struct throttle *t);

#endif
