/* Every viewer ends with the exact picture: what was sent approximately is sent again without loss
 * once it has been left alone for a while, a little at a time so that nothing new has to wait. */
#include "io/io.h"
#include "units/cut.h"
#include "viewer.h"

static const double quiet_seconds = 0.35;
enum {
	LOOKED_US = 250000,		/* for how long of these frames must have been read: nothing changes where nobody looks */
	CELLS_BESIDE_CHANGES = 1,	/* cells that may go along with an update that has other things to say */
	CELLS_ALONE = 12,
};

static void on_refine(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	const int64_t read = source_reading_us(&v->w->source, io_now());
	(void)events;
	if (read - v->refine_read_us >= LOOKED_US) {
		v->refine_read_us = read;
		if (picture_age(&v->pic))
			ev_timer_stop(loop, t);
	}
	update_consider(v);
}

void refine_init(struct viewer *v)
{
	ev_timer_init(&v->refine, on_refine, quiet_seconds, quiet_seconds);
	v->refine.data = v;
}

void refine_later(struct viewer *v)
{
	if (ev_is_active(&v->refine) || v->doomed)
		return;
	v->refine_read_us = source_reading_us(&v->w->source, io_now());
	ev_timer_again(v->w->loop, &v->refine);
}

void refine_now(struct viewer *v)
{
	while (!picture_age(&v->pic))
		;
	update_consider(v);
}

bool refine_cut(struct viewer *v, struct cut *cut, const pixman_region32_t *sent, const pixman_box32_t *area)
{
	pixman_region32_t due;
	unsigned before = cut->n;
	if (!pixman_region32_not_empty(&v->pic.due))
		return true;
	pixman_region32_init(&due);
	pixman_region32_subtract(&due, &v->pic.due, &v->pic.pending);
	pixman_region32_subtract(&due, &due, (pixman_region32_t *)(uintptr_t)sent);
	pixman_region32_intersect_rect(&due, &due, area->x1, area->y1, (unsigned)(area->x2 - area->x1), (unsigned)(area->y2 - area->y1));
	bool ok = cut_more(cut, &due);
	unsigned most = before + (before || v->pic.n_copies ? CELLS_BESIDE_CHANGES : CELLS_ALONE);
	if (cut->n > most)
		cut->n = most;
	pixman_region32_fini(&due);
	return ok;
}
