/* A recording in the pieces that a player shows: a frame with all its records, verified before any of them is
 * looked at, or a single event between frames. */
#ifndef RFBKIT_REC_UNITS_H
#define RFBKIT_REC_UNITS_H

#include "rec/reader.h"

#define REC_UNIT_MAX (1u << 29)		/* bytes of one frame */

struct rec_unit {
	int64_t time_us;	/* of the FRAME, or of the event */
	bool is_frame;
	uint16_t flags;		/* of the FRAME */
	struct wire_buf bytes;	/* its records, as in the stream */
};

void rec_unit_fini(struct rec_unit *u);
/* The next piece: as rec_reader_next. */
int rec_unit_read(struct rec_unit *u, struct rec_reader *r);
/* Its records one by one: at starts at 0. False at the end. */
bool rec_unit_record(const struct rec_unit *u, size_t *at, struct fbs_record *out);

#endif
