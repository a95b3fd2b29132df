/* How much a link holds, learnt from fences: what is encoded next should be the newest frame, so no
 * more is sent ahead than the link carries in a round trip.
 *
 * A mark is a fence behind some position in the bytes sent; its echo says that all before it has arrived. */
#ifndef RFBD_PACE_H
#define RFBD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_MARKS 32u

struct pace_mark {
	uint32_t id;
	uint64_t position;		/* bytes queued up to and including it */
	int64_t sent_us;
	uint64_t acked_then;		/* what had arrived when it was sent */
	bool idle;			/* the link was not full then */
};

struct pace {
	struct pace_mark marks[PACE_MARKS];	/* oldest first */
	unsigned n;
	uint32_t next_id;
	uint64_t acked;			/* bytes known to have arrived */
	uint64_t marked;		/* position of the newest mark */
	int64_t base_us[2];		/* shortest round trips of this and the last period; 0: none */
	int64_t period_us;		/* when this period began */
	double rate;			/* bytes a second; 0: unknown */
};

/* A mark is put behind `position`. Returns its id; 0 when too many are on their way. */
uint32_t pace_mark(struct pace *p, uint64_t position, int64_t now_us);
/* A mark's echo came. False: it is none of ours. */
bool pace_echo(struct pace *p, uint32_t id, int64_t now_us);
/* The shortest round trip lately; 0: unknown. */
int64_t pace_round_trip(const struct pace *p);
/* Bytes that may be under way before the next update has to wait. */
uint64_t pace_window(const struct pace *p);
/* Bytes marked and not echoed. */
uint64_t pace_under_way(const struct pace *p);
/* When the oldest unanswered mark has been out for too long to count on its echo; INT64_MAX: none is out. */
int64_t pace_gives_up(const struct pace *p);
/* Bytes that the link carries in that time; 0: unknown. */
uint64_t pace_carries(const struct pace *p, int64_t us);

#endif
