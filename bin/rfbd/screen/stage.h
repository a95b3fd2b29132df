/* The frame being put together: the room behind screen.c. */
#ifndef RFBD_STAGE_H
#define RFBD_STAGE_H

#include "screen.h"

struct stage_run { bool is_copy; struct fbs_copy copy; size_t first, n; };

struct stage {
	struct canvas back;		/* none until the first record after a change of size */
	uint32_t w, h;			/* of back */
	pixman_region32_t behind;	/* where back is older than front, but for what this frame has written */
	pixman_box32_t *boxes;		/* rectangles with new pixels, in the order of the runs */
	size_t n_boxes, cap_boxes;
	struct stage_run *runs;
	size_t n_runs, cap_runs;
	struct codec_decoder *decoder;
	/* staged state */
	unsigned what, bells;
	struct fbs_screen layout;
	struct screen_cursor cursor;
	struct fbs_pointer pointer;
	uint32_t leds;
	char name[FBS_TEXT_MAX + 1];
	struct screen_change change;	/* of the last commit */
	unsigned cap_ops;
};

struct stage *stage_new(void);
void stage_free(struct stage *st);
int stage_apply(struct stage *st, struct screen *s, const struct fbs_record *r, const char **why);
void stage_abort(struct stage *st, struct screen *s);
/* Works out st->change. `compare`: report only pixels that differ from front. -1: no memory. */
int stage_prepare(struct stage *st, const struct screen *s, bool compare, bool resized);
/* Exchanges front and back, notes what back has to catch up with, and takes the staged state over. */
void stage_exchange(struct stage *st, struct screen *s, bool resized);

#endif
