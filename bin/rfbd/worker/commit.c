/* A frame becomes what viewers are shown; finished units go on to them. */
#include "worker.h"

#include "cli/cli.h"
#include "viewer/account.h"
#include "viewer/viewer.h"

static bool is_current(void *arg, const struct unit_key *k)
{
	const struct worker *w = arg;
	pixman_box32_t b = { k->x, k->y, k->x + k->w, k->y + k->h };
	if (k->epoch != w->epoch || k->overlay == UNIT_BLACK)
		return k->epoch == w->epoch;
	return (!k->overlay || k->overlay == w->paint_serial) && k->content == screen_serial(&w->screen, &b);
}

bool worker_commit(struct worker *w, bool compare)
{
	const struct screen_change *change;
	bool first = !w->screen.ready;
	if (pool_busy(w->pool))
		return false;
	if (scaler_commit(&w->scaler, &w->screen, compare, &change) < 0) {
		cli_log(CLI_ERROR, "out of memory: a frame is lost");
		return true;
	}
	if (change->what & SCREEN_RESIZED)
		w->epoch++;
	if (change->what & (SCREEN_CURSOR | SCREEN_POINTER))
		w->paint_serial++;
	account_frame(w);
	video_frame(&w->video, change);
	unit_cache_sweep(&w->cache, is_current, w);
	for (struct viewer *v = w->viewers; v; v = v->next)
		viewer_apply(v, change);
	if (first)
		viewers_screen_ready(w);
	if (!source_is_settling(&w->source))
		worker_consider_all(w);
	return true;
}

void worker_on_pool(struct ev_loop *loop, ev_async *a, int events)
{
	struct worker *w = a->data;
	(void)loop;
	(void)events;
	unit_all_done(&w->cache, pool_collect(w->pool));
	for (struct viewer *v = w->viewers; v; v = v->next)
		update_advance(v);
	if (pool_busy(w->pool) == 0)
		source_resume(&w->source);
	for (struct viewer *v = w->viewers; v; v = v->next)
		update_consider(v);
}

void worker_wake(void *arg)
{
	struct worker *w = arg;
	ev_async_send(w->loop, &w->pool_wake);
}
