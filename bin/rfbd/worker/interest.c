/* When frames are read at all: while a viewer wants one, or is expected to ask. */
#include "worker.h"

#include <limits.h>

#include "io/io.h"
#include "viewer/viewer.h"

enum { UNASKED_US = 100000 };		/* how long frames are read for somebody who was expected to ask */

/* Somebody really wants a frame, or there is none to begin with. */
static bool interest_is_certain(const struct worker *w)
{
	bool certain = !w->screen.ready || (source_is_open(&w->source) && w->source.fresh_stream);
	for (const struct viewer *v = w->viewers; v && !certain; v = v->next)
		certain = update_is_wanted(v);
	return certain;
}

void worker_on_interest(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	worker_update_interest(t->data);
}

void worker_update_interest(struct worker *w)
{
	bool wanted = !w->screen.ready || (source_is_open(&w->source) && w->source.fresh_stream);
	int64_t now = io_now(), soonest = INT64_MAX;
	w->interest_stale = false;
	for (struct viewer *v = w->viewers; v && !wanted; v = v->next) {
		int64_t due = update_expected(v, now);
		wanted = update_is_wanted(v) || due <= now;
		soonest = due < soonest ? due : soonest;
	}
	source_want(&w->source, wanted);
	ev_timer_stop(w->loop, &w->interest);
	/* the pipes hold old frames: they are let go by before the next request comes; or nobody asks any more */
	if (wanted)
		soonest = now + UNASKED_US;
	if (soonest < INT64_MAX && !(wanted && interest_is_certain(w))) {
		ev_timer_set(&w->interest, (double)(soonest - now) / 1e6, 0);
		ev_timer_start(w->loop, &w->interest);
	}
}

void worker_consider_all(struct worker *w)
{
	for (struct viewer *v = w->viewers, *next; v; v = next) {
		next = v->next;
		update_consider(v);
	}
	worker_update_interest(w);
}
