/* rfbplay -E: what people typed and clicked, when they did it, as a stream for fbinput. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "clock.h"
#include "fbs/writer.h"
#include "io/io.h"
#include "show.h"

enum { VIEWERS_MAX = 64 };

struct events {
	const struct settings *s;
	struct fbs_writer w;
	uint32_t joined[VIEWERS_MAX];
	int n_joined;
	int64_t start_us, last_us;	/* clock; media time of the last event */
	bool started;
};

/* Of a person's record the viewer; 0 for any other. */
static uint32_t viewer_of(const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_JOIN: return r->join.viewer;
	case FBS_LEAVE: return r->leave.viewer;
	case FBS_KEY: return r->key.viewer;
	case FBS_MOTION: return r->motion.viewer;
	case FBS_CLIP_OFFER: return r->clip_offer.viewer;
	case FBS_CLIP: return r->clip.viewer;
	default: return 0;
	}
}

static int find(const struct events *e, uint32_t viewer)
{
	for (int i = 0; i < e->n_joined; i++)
		if (e->joined[i] == viewer)
			return i;
	return -1;
}

static int leave(struct events *e, int at)
{
	struct fbs_record r = { .type = FBS_LEAVE, .leave.viewer = e->joined[at] };

	memmove(e->joined + at, e->joined + at + 1, (size_t)(--e->n_joined - at) * sizeof *e->joined);
	return fbs_write(&e->w, &r);
}

static int leave_all(struct events *e)
{
	while (e->n_joined)
		if (leave(e, 0))
			return -1;
	return 0;
}

/* An event of somebody who was not seen to join: JOIN first. Those who were never seen to leave, as where a recording was cut and
 * gone on with, make room, the first of them first. */
static int see_to_join(struct events *e, const struct fbs_record *r, uint32_t viewer)
{
	struct fbs_record join = { .type = FBS_JOIN, .join = { viewer, FBS_RIGHT_INPUT | FBS_RIGHT_CLIP_IN, { "recording", 9 } } };
	int at = find(e, viewer);

	if (r->type == FBS_LEAVE) {
		if (at >= 0)
			e->joined[at] = e->joined[--e->n_joined];
		return 0;
	}
	if (at >= 0)
		return 0;
	if (e->n_joined == VIEWERS_MAX && leave(e, 0))
		return -1;
	e->joined[e->n_joined++] = viewer;
	return r->type == FBS_JOIN ? 0 : fbs_write(&e->w, &join);
}

/* Waits until an event is due. False: the reader is gone. */
static bool wait_until_due(struct events *e, int64_t media_us)
{
	int64_t idle = media_us - e->last_us, due;

	if (!e->started || e->s->permille == 0)
		e->start_us = io_now(), idle = 0;
	e->started = true;
	if (e->s->max_idle_us >= 0 && idle > e->s->max_idle_us)
		idle = e->s->max_idle_us;
	due = e->start_us + (e->s->permille ? clock_stretch(idle, e->s->permille) : 0);
	e->start_us = due;
	e->last_us = media_us;
	while (io_now() < due)
		if (io_wait(STDOUT_FILENO, 0, due) == 1)
			return false;
	return !io_pipe_broken(STDOUT_FILENO);
}

static int write_event(struct events *e, const struct fbs_record *r)
{
	uint32_t viewer = viewer_of(r);

	if (!viewer)
		return 0;
	if (!wait_until_due(e, r->time_us)) {
		errno = EPIPE;
		return -1;
	}
	fbs_writer_stamp(&e->w);
	if (see_to_join(e, r, viewer) || fbs_write(&e->w, r))
		return -1;
	return fbs_flush(&e->w);
}

static int write_all(struct events *e, struct player *p)
{
	struct fbs_record r;

	while (player_next(p) == 1 && p->unit.time_us <= e->s->end_us) {
		if ((p->gap || p->unit.flags & FBS_FRAME_GAP) && leave_all(e))
			return -1;
		p->gap = false;
		for (size_t at = 0; p->unit.time_us >= e->s->start_us && rec_unit_record(&p->unit, &at, &r);)
			if (r.type == FBS_END ? leave_all(e) : write_event(e, &r))
				return -1;
	}
	return leave_all(e) ? -1 : fbs_write_end(&e->w, FBS_END_DONE, "");
}

int show_events(struct player *p, const struct settings *s)
{
	struct events e = { .s = s };
	int result;

	if (fbs_writer_init(&e.w, STDOUT_FILENO, "rfbplay"))
		cli_die_errno("cannot start");
	if (p->r->seekable)
		rec_reader_goto(p->r, rec_reader_find(p->r, s->start_us));
	result = write_all(&e, p);
	if (result && errno != EPIPE)
		cli_die_errno("cannot write the events");
	fbs_writer_fini(&e.w);
	return p->damage || p->cut ? CLI_NO : CLI_OK;
}
