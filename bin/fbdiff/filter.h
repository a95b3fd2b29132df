/* One stream into another: pixels become copies and tight rectangles, everything else passes. Works on
 * records; knows no descriptors of its own, so that a fuzz target can drive it. */
#ifndef FBDIFF_FILTER_H
#define FBDIFF_FILTER_H

#include <stdbool.h>

#include "fbs/fbs.h"
#include "fbs/writer.h"
#include "kept.h"
#include "pixel/delta.h"
#include "shared.h"

enum filter_result {
	FILTER_MORE,		/* taken; go on */
	FILTER_FRAME,		/* taken, and a frame went out */
	FILTER_END,		/* it was END, and went out */
	FILTER_REFUSED,		/* the record cannot be: see why */
	FILTER_FAILED,		/* the system failed: see why, and errno */
	FILTER_UNWRITTEN,	/* the output failed: see errno */
};

struct filter {
	struct fbs_writer *out;
	bool share;			/* -m: shared segments are honoured */
	struct fbs_reader *in;		/* whose records they are: large ones are kept with its buffers; NULL: they are copied */
	char why[160];
	/* private */
	struct pixel_delta *delta;	/* the reference frame; NULL before SCREEN */
	int w, h;
	struct shared shared;
	struct kept kept;
	bool begun;			/* a frame went out */
	bool looked;			/* filter_look was called for the frame at hand */
	struct pixel_changes changes;	/* then: what it found */
	unsigned passed;		/* records passed on in the frame at hand */
};

/* Writes to `out`, which the caller owns. */
void filter_init(struct filter *f, struct fbs_writer *out, bool share);
void filter_fini(struct filter *f);
/* Takes one record that a reader admitted. Its views are not kept. */
enum filter_result filter_take(struct filter *f, const struct fbs_record *r);
/* Looks for what the frame at hand changed, before its FRAME (of these flags) is taken; does nothing the second time.
 * Until then, shared memory must not change. */
void filter_look(struct filter *f, uint16_t flags);
/* The reference frame, which does not change but in filter_look and filter_take; NULL before there is one. */
const uint8_t *filter_pixels(const struct filter *f, size_t *size);
/* Nothing has come for a while: gives memory back. */
void filter_rest(struct filter *f);

#endif
