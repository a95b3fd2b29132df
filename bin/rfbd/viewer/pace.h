/* A link as fences show it: how long a round trip takes, how many bytes it carries, and when it will have sent what it was
 * given. What is encoded next should be the newest frame, so nothing is sent before the link is about to be free.
 *
 * A mark is a fence behind some position in the bytes sent; its echo says that all before it has arrived. With one before an
 * update and one behind it the echoes lie apart by the time that the link takes for the update. */
#ifndef RFBD_PACE_H
#define RFBD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_MARKS 32u

struct pace_mark {
	uint32_t id;
	uint64_t position;		/* bytes queued up to and including it */
	int64_t sent_us;
};

struct pace {
	struct pace_mark marks[PACE_MARKS];	/* oldest first */
	unsigned n;
	uint32_t next_id;
	uint64_t acked;			/* bytes known to have arrived */
	int64_t acked_us;		/* when that was learnt */
	uint64_t marked;		/* position of the newest mark */
	int64_t base_us[2];		/* shortest round trips of this and the last period; 0: none */
	int64_t period_us;		/* when this period began */
	int64_t rested_us;		/* when the link was last seen, or left, empty */
	double bytes, us;		/* what went over it lately and how long it took, older samples with less weight; 0: unknown */
};

/* A mark is put behind `position`. Returns its id; 0 when too many are on their way. */
uint32_t pace_mark(struct pace *p, uint64_t position, int64_t now_us);
/* A mark's echo came. False: it is none of ours. */
bool pace_echo(struct pace *p, uint32_t id, int64_t now_us);
/* The same for a mark without a fence: the next request is taken for its echo. */
bool pace_request(struct pace *p, uint32_t id, int64_t now_us);
/* The shortest round trip lately; 0: unknown. */
int64_t pace_round_trip(const struct pace *p);
/* Bytes marked and not echoed. */
uint64_t pace_under_way(const struct pace *p);
/* When the next update should be begun that takes `ahead_us` to be encoded; not after now: at once. Waits for echoes no longer than
 * their patience; one that comes may bring it forward. */
int64_t pace_due(const struct pace *p, int64_t ahead_us, int64_t now_us);
/* Bytes that the link carries in that time; 0: unknown. */
uint64_t pace_carries(const struct pace *p, int64_t us);

#endif
