/* Waiting for the throttle or for the link: an update, or bytes, that may not be sent yet. */
#include "viewer.h"

#include "cli/stats.h"
#include "io/io.h"

static void on_next_frame(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	v->w->interest_stale = true;
	update_consider(v);
}

static void on_refill(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	viewer_resume(v);
}

void hold_init(struct viewer *v)
{
	ev_init(&v->next_frame, on_next_frame);
	ev_init(&v->refill, on_refill);
	v->next_frame.data = v->refill.data = v;
}

void hold_end(struct viewer *v)
{
	ev_timer_stop(v->w->loop, &v->next_frame);
	ev_timer_stop(v->w->loop, &v->refill);
}

static void wait_for(struct viewer *v, ev_timer *t, int64_t us)
{
	if (v->doomed)
		return;
	ev_timer_stop(v->w->loop, t);
	ev_timer_set(t, (double)us / 1e6, 0);
	ev_timer_start(v->w->loop, t);
}

/* With continuous updates nothing but the link's state holds us back. */
static int64_t link_due(const struct viewer *v, int64_t now)
{
	return v->continuous && !v->asked && rfb_can(&v->can, RFB_CAP_FENCE) ? pace_due(&v->pace, v->encode_us, now) : now;
}

int64_t hold_update_due(const struct viewer *v, int64_t now)
{
	const int64_t limit = throttle_frame_due(&v->throttle), link = link_due(v, now);
	return limit > link ? limit : link;
}

bool hold_lets_update(struct viewer *v)
{
	const int64_t now = io_now(), due = hold_update_due(v, now);
	if (due <= now)
		return true;
	if (!ev_is_active(&v->next_frame) && throttle_frame_due(&v->throttle) > now)
		cli_stat_add(STAT_UPDATES_SKIPPED, STAT_SKIP_RATE, 1);
	wait_for(v, &v->next_frame, due - now);
	v->w->interest_stale = true;
	return false;
}

uint64_t hold_carries(const struct viewer *v, int64_t us)
{
	const uint64_t told = pace_carries(&v->pace, us);
	const uint64_t seen = rfb_can(&v->can, RFB_CAP_FENCE) ? 0 : drain_carries(&v->drain, us, io_now());
	return !told || (seen && seen < told) ? seen : told;
}

size_t hold_lets_bytes(struct viewer *v, size_t n)
{
	const size_t room = throttle_room(&v->throttle, io_now());
	v->held = room == 0;
	if (v->held && !ev_is_active(&v->refill))
		wait_for(v, &v->refill, throttle_refill_us(&v->throttle));
	return room < n ? room : n;
}
