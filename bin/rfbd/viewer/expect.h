/* When frames are worth being read for a viewer's next update: not before, because each costs every program before us a pass over the
 * screen; not after, because those in the pipes are old by then, and go by first. */
#ifndef RFBD_EXPECT_H
#define RFBD_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

/* What is known of one viewer. Times are io_now's. */
struct expect {
	bool out;			/* it is no viewer yet, or not any more, or its update is being encoded */
	bool asked;			/* it is owed an update: it asked for one, or has continuous updates */
	bool busy;			/* what it was sent before still waits for its link */
	bool foreign;			/* frames do not tell whether they are old: the source's clock is another one */
	int64_t held_us;		/* asked and not busy: when its limits and its link let it have one */
	int64_t drained_us;		/* busy: when that will be over */
	int64_t answered_us;		/* when it was sent its last update; 0: none since it last asked */
	int64_t cycle_us;		/* how long it takes from there to ask again, lately */
};

/* When to begin to read; not after now_us: at once. INT64_MAX: nothing is expected. */
int64_t expect_frames(const struct expect *e, int64_t now_us);

#endif
