/* Viewers beside the measured one: a thread of its own reads them all, follows their updates and counts. */
#ifndef RFBKIT_BENCH_CROWD_H
#define RFBKIT_BENCH_CROWD_H

#include "conn.h"

struct crowd;
/* Connects n viewers; a random one of them keeps what it is sent. */
struct crowd *crowd_start(const struct conn_options *o, unsigned n);
/* From now on updates are counted. */
void crowd_mark(struct crowd *c);
/* The updates that each was sent since the mark, sorted: n numbers. */
const unsigned long *crowd_counts(struct crowd *c);
unsigned crowd_lost(struct crowd *c);
/* Stops reading; the random one's picture, decoded from all that it was sent. */
const struct conn *crowd_finish(struct crowd *c);

#endif
