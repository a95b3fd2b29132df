/* Two or three frames wait in the pipes when reading begins, each of which takes as long as the screen takes to be compared. */
#include "expect.h"

enum {
	AHEAD_US = 40000,		/* of a request */
	LEAD_US = 100000,		/* of a link that becomes free after a longer time */
	FOREIGN_LEAD_US = 500000,	/* the same where old frames are only known by the pause behind them (source.c) */
	OVERDUE_US = 50000,
};

/* It has not asked yet. */
static int64_t before_request(const struct expect *e, int64_t now)
{
	if (!e->answered_us || e->busy || now > e->answered_us + e->cycle_us * 3 / 2 + OVERDUE_US)
		return INT64_MAX;
	const int64_t due = e->answered_us + e->cycle_us - AHEAD_US;
	return due > e->answered_us + AHEAD_US / 4 ? due : e->answered_us;
}

int64_t expect_frames(const struct expect *e, int64_t now)
{
	if (e->out)
		return INT64_MAX;
	if (!e->asked)
		return before_request(e, now);
	if (e->busy)
		return e->drained_us - (e->foreign ? FOREIGN_LEAD_US : LEAD_US);
	return e->held_us - AHEAD_US;
}
