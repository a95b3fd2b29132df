/* How the worker ends: once everything is delivered, or at once; and what waits for the end of each turn of the loop. */
#include "worker.h"

#include "cli/cli.h"
#include "cli/stats.h"
#include "viewer/viewer.h"

static const double last_delivery = 3;

void worker_source_lost(struct worker *w)
{
	if (w->source.kind == SOURCE_SOCKET || (w->source.kind == SOURCE_COMMAND && w->source.frames))
		cli_log(CLI_INFO, "the source is gone: waiting for another");
}

void worker_stop(struct worker *w, const char *why)
{
	for (struct viewer *v = w->viewers; v; v = v->next)
		viewer_end(v, STAT_SHUTDOWN, "%s", why);
	viewers_tidy(w);
	ev_break(w->loop, EVBREAK_ALL);
}

void worker_on_deadline(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	worker_stop(t->data, "the stream ended");
}

void worker_end(struct worker *w, int code)
{
	if (w->ending)
		return;
	w->ending = true;
	w->exit_code = code;
	for (struct viewer *v = w->viewers; v; v = v->next)
		refine_now(v);
	ev_timer_set(&w->end_deadline, last_delivery, 0);
	ev_timer_start(w->loop, &w->end_deadline);
}

void worker_on_tidy(struct ev_loop *loop, ev_prepare *p, int events)
{
	struct worker *w = p->data;
	(void)loop;
	(void)events;
	viewers_tidy(w);
	if (w->config->once && w->had_viewer && w->n_viewers == w->n_handshakes && !w->ending) {
		cli_log(CLI_INFO, "the last viewer has left");
		worker_stop(w, "the last viewer has left");
		return;
	}
	if (w->interest_stale)
		worker_update_interest(w);
	if (!w->ending)
		return;
	for (struct viewer *v = w->viewers; v; v = v->next)
		if (!update_is_current(v))
			return;
	worker_stop(w, "the stream ended");
}
