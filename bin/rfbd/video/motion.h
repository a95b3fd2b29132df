/* Moving pictures on the screen, found by watching what changes: boxes that for a while have changed as a whole, again and
 * again, and hold pictures, not drawings. Nothing else is done with them here.
 *
 * Time is that during which frames were read: a viewer whose link is slow makes them few, not the picture quiet. */
#ifndef RFBD_MOTION_H
#define RFBD_MOTION_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "screen/screen.h"

#define MOTION_REGIONS 8u
#define MOTION_CELL 32		/* pixels each way: what changes are counted for */
#define MOTION_LOOK_US 200000	/* motion_look does nothing more often than this */

struct motion_region {
	uint32_t id;			/* never the same for two boxes */
	pixman_box32_t box;		/* no two overlap */
	bool playing;			/* it changes at a video's rate now */
	int64_t seen_us, judged_us;	/* when it last did; when it was last seen to be a picture */
	unsigned outgrown, shrunk;	/* looks in a row that found it larger, much smaller */
};

struct motion_candidate { pixman_box32_t box; unsigned looks; int64_t since_us; };

struct motion_cell {
	float rate;			/* of its area that changes in a second, times that; as of `at_us` */
	float part;			/* of it that changed in frame `frame` */
	int64_t at_us;			/* reading time */
	uint32_t frame, period;
	pixman_box16_t extents[2];	/* of what changed in this period and the one before; pixels of the screen */
};

struct motion {
	uint32_t w, h, across, down;
	struct motion_cell *cells;
	uint8_t *marks;			/* scratch, a byte for each cell */
	uint32_t *stack;		/* scratch */
	float frame_rate;		/* frames with changes in a second of reading */
	int64_t frame_us, looked_us, period_us;
	uint32_t frame, period, last_id;
	struct motion_region regions[MOTION_REGIONS];
	unsigned n;
	struct motion_candidate candidates[MOTION_REGIONS];
	unsigned n_candidates;
};

/* Starts anew for a screen of w × h pixels; *m is zeroed or was used before. -1: no memory (then there is no motion). */
int motion_reset(struct motion *m, uint32_t w, uint32_t h);
void motion_fini(struct motion *m);
/* A frame changed this. reading_us: for how long frames have been read, ever. */
void motion_note(struct motion *m, const struct screen_change *c, int64_t reading_us);
/* Looks for what moves; is_picture(arg, box) says whether a box holds a picture. now_us: any steady clock. True: boxes came or went. */
bool motion_look(struct motion *m, int64_t reading_us, int64_t now_us, bool (*is_picture)(void *arg, const pixman_box32_t *box), void *arg);

#endif
