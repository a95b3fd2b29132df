/* The stream's records become acts, one after the other, but for moves: those that are there
 * together are one move, the last, as long as the buttons stay as they are. */
#include "fbinput.h"

#include <errno.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"

static const int64_t complain_every_us = 10000000;
static const int64_t believable_us = 60000000;	/* farther apart are two clocks, not an event and its act */

void events_init(struct events *e)
{
	*e = (struct events){ .clock_gap_us = io_wallclock() - io_now() };
	fbs_reader_init(&e->reader);
}

void events_fini(struct events *e)
{
	fbs_reader_fini(&e->reader);
}

/* What was not done is told once in a while, whatever a viewer sends. */
static void complain(struct events *e, const struct fbs_record *r, enum x11_done done)
{
	static const char *const words[] = {
		[-X11_STRANGER] = "from a viewer that has not joined", [-X11_FORBIDDEN] = "without the right to it",
		[-X11_UNMAPPED] = "that has no key", [-X11_TOO_MUCH] = "too much for one viewer",
	};
	const int64_t now = io_now();

	if (done == X11_UNMAPPED) {
		cli_stat_add(STAT_KEYSYMS_UNMAPPED, 0, 1);
		cli_log(CLI_DEBUG, "viewer %u: no key for keysym 0x%x, code 0x%x", r->key.viewer, r->key.keysym, r->key.code);
	}
	e->odd++;
	if (e->odd_at && now < e->odd_at + complain_every_us)
		return;
	cli_log(CLI_WARN, "ignored: %s %s (%u so far)", fbs_type_name(r->type), words[-done], e->odd);
	e->odd_at = now;
}

static void count(const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_KEY: cli_stat_add(STAT_INPUT_EVENTS, STAT_KEY, 1); break;
	case FBS_MOTION: cli_stat_add(STAT_INPUT_EVENTS, STAT_MOTION, 1); break;
	case FBS_RESIZE: cli_stat_add(STAT_INPUT_EVENTS, STAT_RESIZE, 1); break;
	case FBS_CLIP_OFFER: cli_stat_add(STAT_INPUT_EVENTS, STAT_CLIPBOARD, 1); break;
	case FBS_CLIP: cli_stat_add(STAT_CLIPBOARD_BYTES, STAT_IN, r->clip.text.len); break;
	}
}

/* Records of a screen in this stream are another program's mistake; they are passed over. */
static enum x11_done act(struct events *e, const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_JOIN: return x11_input_join(e->in, &r->join);
	case FBS_LEAVE: return x11_input_leave(e->in, r->leave.viewer);
	case FBS_KEY: return x11_input_key(e->in, &r->key);
	case FBS_MOTION: return x11_input_motion(e->in, &r->motion);
	case FBS_CLIP_OFFER: return x11_input_offer(e->in, &r->clip_offer);
	case FBS_CLIP: return x11_input_clip(e->in, &r->clip, r->flags & FBS_CLIP_LAST);
	case FBS_CLIP_WANT: return x11_input_want(e->in, &r->clip_want);
	case FBS_RESIZE: return x11_input_resize(e->in, &r->resize);
	}
	return X11_DONE;
}

static void do_record(struct events *e, const struct fbs_record *r)
{
	const enum x11_done done = act(e, r);

	if (done == X11_LATER) {
		e->late = r->key;
		e->is_late = true;
	} else if (done != X11_DONE) {
		complain(e, r, done);
	}
}

static void do_motion(struct events *e)
{
	const struct fbs_record r = { .type = FBS_MOTION, .motion = e->motion };

	if (!e->moved)
		return;
	e->moved = false;
	do_record(e, &r);
}

/* When the viewer's event was read, by the stamp of whoever read it: rfbd on this machine, or a clock that agrees. */
static void note_time(struct events *e, const struct fbs_record *r)
{
	if (r->type != FBS_KEY && r->type != FBS_MOTION)
		return;
	if (e->n_read < EVENTS_TIMED)
		e->read_us[e->n_read++] = e->reader.preamble.wall_us + r->time_us - e->clock_gap_us;
}

void events_done(struct events *e)
{
	const int64_t now = e->n_read ? io_now() : 0;

	for (unsigned i = 0; i < e->n_read; i++)
		if (e->read_us[i] <= now && now - e->read_us[i] < believable_us)
			cli_stat_observe(STAT_INPUT_LATENCY, 0, (uint64_t)(now - e->read_us[i]));
	e->n_read = 0;
}

static void take(struct events *e, const struct fbs_record *r)
{
	count(r);
	note_time(e, r);
	if (r->type != FBS_MOTION) {
		do_motion(e);
		do_record(e, r);
		return;
	}
	const bool moves = r->motion.viewer == e->motion.viewer && r->motion.buttons == e->motion.buttons;
	if (!moves)
		do_motion(e);
	e->motion = r->motion;
	e->moved = true;
	if (!moves)	/* a press or a release is where it is, whatever moves come behind it */
		do_motion(e);
}

/* What was read, up to a key that must wait: what came after it waits, too. */
static int drain(struct events *e)
{
	struct fbs_record r;
	int rc = 0;

	while (!e->is_late && (rc = fbs_next(&e->reader, &r)) > 0)
		take(e, &r);
	if (!e->is_late)
		do_motion(e);
	return rc < 0 ? rc : 1;
}

int events_read(struct events *e, int fd)
{
	size_t room;
	uint8_t *p = fbs_feed(&e->reader, &room);
	const ssize_t n = p ? read(fd, p, room) : -1;

	if (n < 0)
		return p && (errno == EAGAIN || errno == EINTR) ? 1 : FBS_E_SYSTEM;
	if (n == 0) {
		do_motion(e);
		return fbs_reader_finish(&e->reader);
	}
	fbs_fed(&e->reader, (size_t)n);
	return drain(e);
}

int events_resume(struct events *e)
{
	const struct fbs_record r = { .type = FBS_KEY, .key = e->late };

	e->is_late = false;
	do_record(e, &r);
	return drain(e);
}
