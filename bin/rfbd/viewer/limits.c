/* How long a viewer may stay: at all, and without doing anything; by the command line or by its rule, whichever is less. */
#include "io/io.h"
#include "viewer.h"

static uint32_t least(uint32_t a, uint32_t b)
{
	return !a || (b && b < a) ? b : a;
}

static uint32_t idle_seconds(const struct viewer *v)
{
	return least(v->w->config->idle_seconds, v->limits.idle);
}

static uint32_t most_seconds(const struct viewer *v)
{
	return least(v->w->config->most_seconds, v->limits.most);
}

static void on_idle(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	viewer_end(v, STAT_TIMEOUT, "it did nothing for %u s", idle_seconds(v));
}

static void on_life(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	viewer_end(v, STAT_TIMEOUT, "its %u s are over", most_seconds(v));
}

void limits_init(struct viewer *v)
{
	ev_init(&v->idle, on_idle);
	ev_init(&v->life, on_life);
	v->idle.data = v->life.data = v;
}

void limits_begin(struct viewer *v)
{
	const double left = most_seconds(v) - (double)(io_now() - v->since) / 1e6;
	limits_touch(v);
	ev_timer_stop(v->w->loop, &v->life);
	if (!most_seconds(v))
		return;
	ev_timer_set(&v->life, left > 0 ? left : 0, 0);
	ev_timer_start(v->w->loop, &v->life);
}

void limits_touch(struct viewer *v)
{
	v->idle.repeat = idle_seconds(v);
	ev_timer_again(v->w->loop, &v->idle);	/* without a limit: stops it */
}

void limits_end(struct viewer *v)
{
	ev_timer_stop(v->w->loop, &v->idle);
	ev_timer_stop(v->w->loop, &v->life);
}
