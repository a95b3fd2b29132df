/* How long a viewer may stay: at all, and without doing anything. */
#include "viewer.h"

static void on_idle(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	viewer_end(v, STAT_TIMEOUT, "it did nothing for %u s", v->w->config->idle_seconds);
}

static void on_life(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	viewer_end(v, STAT_TIMEOUT, "its %u s are over", v->w->config->most_seconds);
}

void limits_init(struct viewer *v)
{
	ev_timer_init(&v->idle, on_idle, 0, v->w->config->idle_seconds);
	ev_timer_init(&v->life, on_life, v->w->config->most_seconds, 0);
	v->idle.data = v->life.data = v;
}

void limits_begin(struct viewer *v)
{
	limits_touch(v);
	if (v->w->config->most_seconds)
		ev_timer_start(v->w->loop, &v->life);
}

void limits_touch(struct viewer *v)
{
	if (v->w->config->idle_seconds)
		ev_timer_again(v->w->loop, &v->idle);
}

void limits_end(struct viewer *v)
{
	ev_timer_stop(v->w->loop, &v->idle);
	ev_timer_stop(v->w->loop, &v->life);
}
