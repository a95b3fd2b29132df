/* Reading the stream. Bytes are taken only while somebody wants a frame: the pipe fills, and
 * everything before it stops. A hang-up is noticed all the same, and then what is left is read. */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"
#include "worker/control.h"
#include "worker/hangup.h"
#include "worker/worker.h"

enum {
	READ_BUDGET = 4 << 20,		/* bytes in one turn of the event loop */
	PAUSE_LONG_US = 500000,		/* a pause after which the first frames may be old news */
	SETTLE_MOST_US = 400000,
	LOOK_FRAMES = 3,		/* as many as the stages before us may be stuck in */
};
static const double settle_quiet = 0.06;

static void on_readable(struct ev_loop *loop, ev_io *io, int events);
static void on_hangup(struct ev_loop *loop, ev_io *io, int events);
static void on_settled(struct ev_loop *loop, ev_timer *t, int events);

void source_init(struct source *s, struct worker *w)
{
	memset(s, 0, sizeof *s);
	s->w = w;
	s->fd = s->watch_fd = -1;
	ev_init(&s->io, on_readable);
	ev_init(&s->watch, on_hangup);
	ev_init(&s->settle, on_settled);
	s->io.data = s->watch.data = s->settle.data = s;
}

bool source_is_open(const struct source *s) { return s->fd >= 0; }
bool source_is_settling(const struct source *s) { return s->settling; }

static void stop_settling(struct source *s)
{
	s->settling = false;
	ev_timer_stop(s->w->loop, &s->settle);
}

static void close_stream(struct source *s)
{
	if (s->fd < 0)
		return;
	ev_io_stop(s->w->loop, &s->io);
	ev_io_stop(s->w->loop, &s->watch);
	stop_settling(s);
	scaler_abort(&s->w->scaler, &s->w->screen);
	clip_source_lost(&s->w->clip);
	fbs_reader_fini(&s->reader);
	if (s->watch_fd >= 0)
		close(s->watch_fd);
	close(s->fd);
	cli_stat_set(STAT_SOURCE_UP, 0, 0);
	s->fd = s->watch_fd = -1;
	s->committing = s->hung_up = false;
	s->looks = 0;
}

void source_fini(struct source *s)
{
	close_stream(s);
}

/* The stream is over; `code` is what it means when there is no other. */
static void lose(struct source *s, int code)
{
	enum msg_source kind = s->kind;
	close_stream(s);
	if (kind == SOURCE_STDIN && !s->w->config->keep)
		worker_end(s->w, code);
	else
		worker_source_lost(s->w);
}

static void fail(struct source *s, int error)
{
	char line[512];
	cli_log(CLI_ERROR, "%s", fbs_reader_explain(&s->reader, error, line, sizeof line));
	if (s->kind == SOURCE_COMMAND && error != FBS_E_TRUNCATED)	/* it may never notice that nobody reads on */
		msg_send(s->w->monitor_fd, MSG_SOURCE_DAMAGED, 0, NULL, 0, -1);
	lose(s, error == FBS_E_SYSTEM ? CLI_SYSTEM : CLI_NO);
}

static void reached_end(struct source *s)
{
	int error = fbs_reader_finish(&s->reader);
	if (s->kind == SOURCE_COMMAND && !s->reader.has_preamble && s->reader.offset == 0) {
		lose(s, CLI_NO);	/* the command that wrote nothing has ended, as the monitor tells */
	} else if (error < 0) {
		fail(s, error);
	} else if (!s->reader.ended && !s->failed) {
		cli_log(CLI_ERROR, "%s died: its stream stops at offset %llu", s->reader.preamble.program[0] ?
			s->reader.preamble.program : "the source", (unsigned long long)s->reader.offset);
		lose(s, CLI_NO);
	} else {
		lose(s, s->failed ? CLI_NO : CLI_OK);
	}
}

/* --- records ------------------------------------------------------------------------- */

static void keep_screen(struct source *s, const struct fbs_screen *screen)
{
	s->screen = *screen;
	memcpy(s->display, screen->display ? screen->display : "", screen->display_len);
	s->display[screen->display_len] = '\0';
	s->screen.display = NULL;
	input_source_changed(&s->w->input, &s->screen, s->display);
}

/* After a pause the pipes still hold frames captured long ago. What was captured after the pause
 * is news; so is what is there when nothing more comes for a while. */
static void settle(struct source *s, const struct fbs_frame *f)
{
	bool same_clock = memcmp(s->screen.boot_id, s->w->config->boot_id, 16) == 0;
	int64_t now = io_now();
	int64_t captured = s->reader.preamble.wall_us + f->capture_us - s->clock_gap_us;
	s->captured_us = same_clock && s->screen.kind == FBS_LIVE ? captured : 0;
	if (!s->settling)
		return;
	if (now >= s->settle_by || (same_clock && captured >= s->settle_from))
		stop_settling(s);
	else
		ev_timer_again(s->w->loop, &s->settle);
}

static void commit(struct source *s)
{
	if (!worker_commit(s->w, s->commit_key)) {
		s->committing = true;
		return;
	}
	s->committing = false;
	s->fresh_stream = false;
}

/* Acts on a record. False: the stream is gone. */
static bool take(struct source *s, const struct fbs_record *r)
{
	const char *why;
	if (media_apply(&s->w->media, r, io_now()))
		controls_tell(s->w);
	switch (r->type) {
	case FBS_FRAME:
		s->commit_key = s->fresh_stream || (r->flags & FBS_FRAME_KEY);
		s->frames++;
		settle(s, &r->frame);
		commit(s);
		s->looks -= s->looks > 0;
		return true;
	case FBS_END:
		s->failed = r->end.status != FBS_END_DONE;
		if (s->failed)
			cli_log(CLI_INFO, "the stream ends: %.*s", (int)r->end.text.len, r->end.text.text);
		return true;
	case FBS_SCREEN:
		keep_screen(s, &r->screen);
		break;
	case FBS_MEDIA:
	case FBS_CUE:
		return true;
	case FBS_CLIP_OFFER:
	case FBS_CLIP:
		clip_record(&s->w->clip, r);
		return true;
	case FBS_BELL:
		if (s->settling)
			return true;	/* rung while nobody was there */
		break;
	}
	if (scaler_apply(&s->w->scaler, &s->w->screen, r, &why) == 0)
		return true;
	cli_log(CLI_ERROR, "stream: %s at offset %llu", why, (unsigned long long)r->offset);
	lose(s, CLI_NO);
	return false;
}

static bool may_read(const struct source *s)
{
	return s->fd >= 0 && !s->committing && (s->wanted || s->hung_up || s->looks);
}

/* Takes the records that are there. False: the stream is gone. */
static bool take_all(struct source *s)
{
	struct fbs_record r;
	while (may_read(s)) {
		int rc = fbs_next(&s->reader, &r);
		if (rc == 0)
			return true;
		if (rc < 0) {
			fail(s, rc);
			return false;
		}
		if (!take(s, &r))
			return false;
	}
	return s->fd >= 0;
}

/* --- the descriptor -------------------------------------------------------------------- */

static void watch_as_needed(struct source *s)
{
	if (s->fd < 0)
		return;
	if (may_read(s))
		ev_io_start(s->w->loop, &s->io);
	else
		ev_io_stop(s->w->loop, &s->io);
}

/* Reads on in the next turn of the loop: records that are in the reader already wait without the
 * descriptor saying so. */
static void go_on(struct source *s)
{
	watch_as_needed(s);
	if (may_read(s))
		ev_feed_event(s->w->loop, &s->io, EV_READ);
}

static void read_on(struct source *s)
{
	size_t budget = READ_BUDGET;
	while (take_all(s) && may_read(s) && budget > 0) {
		size_t room;
		uint8_t *p = fbs_feed(&s->reader, &room);
		if (!p) {
			errno = ENOMEM;
			fail(s, FBS_E_SYSTEM);
			return;
		}
		ssize_t n = read(s->fd, p, room);
		if (n == 0) {
			reached_end(s);
			return;
		}
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR) {
			fail(s, FBS_E_SYSTEM);
			return;
		}
		if (n > 0) {
			fbs_fed(&s->reader, (size_t)n);
			budget -= (size_t)n < budget ? (size_t)n : budget;
		}
	}
	watch_as_needed(s);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	read_on(io->data);
}

static void on_hangup(struct ev_loop *loop, ev_io *io, int events)
{
	struct source *s = io->data;
	(void)events;
	ev_io_stop(loop, io);
	s->hung_up = true;
	watch_as_needed(s);
}

static void on_settled(struct ev_loop *loop, ev_timer *t, int events)
{
	struct source *s = t->data;
	(void)loop;
	(void)events;
	stop_settling(s);
	worker_consider_all(s->w);
}

void source_adopt(struct source *s, int fd, enum msg_source kind, struct fbs_reader *reader, const struct fbs_record *first)
{
	if (s->fd >= 0) {
		if (kind == SOURCE_SOCKET)
			cli_log(CLI_INFO, "a new source takes the place of the former one");
		close_stream(s);
	}
	s->fd = fd;
	s->kind = kind;
	s->reader = *reader;
	s->fresh_stream = true;
	media_begin(&s->w->media);
	cli_stat_set(STAT_SOURCE_UP, 0, 1);
	cli_stat_add(STAT_SOURCE_RESTARTS, 0, s->opened++ > 0);
	s->failed = false;
	s->frames = 0;
	s->clock_gap_us = io_wallclock() - io_now();	/* as when the preamble was written, whatever the clock is set to later */
	io_set_nonblock(fd, true);
	io_pipe_enlarge(fd);
	ev_io_set(&s->io, fd, EV_READ);
	s->watch_fd = hangup_watch(fd);
	if (s->watch_fd >= 0) {
		ev_io_set(&s->watch, s->watch_fd, EV_READ);
		ev_io_start(s->w->loop, &s->watch);
	}
	if (first && !take(s, first))
		return;
	worker_update_interest(s->w);
	go_on(s);
}

void source_open(struct source *s, int fd, enum msg_source kind)
{
	struct fbs_reader reader;
	fbs_reader_init(&reader);
	source_adopt(s, fd, kind, &reader, NULL);
}

/* Nothing waits to be read, so nobody waits to write: the stages before us have nothing old in hand either. */
static bool is_drained(const struct source *s)
{
	int n = 1;
	return s->reader.len == 0 && ioctl(s->fd, FIONREAD, &n) == 0 && n == 0;
}

static void start_settling(struct source *s, int64_t now)
{
	if (s->fd < 0 || s->fresh_stream || s->screen.kind != FBS_LIVE || is_drained(s))
		return;
	s->settling = true;
	s->settle_from = now;
	s->settle_by = now + SETTLE_MOST_US;
	s->settle.repeat = settle_quiet;
	ev_timer_again(s->w->loop, &s->settle);
}

void source_want(struct source *s, bool wanted)
{
	int64_t now;
	if (wanted == s->wanted)
		return;
	s->wanted = wanted;
	now = io_now();
	if (wanted)
		s->wanted_since = now;
	else
		s->wanted_us += now - s->wanted_since;
	if (!wanted)
		s->paused_at = now;
	else if (now - s->paused_at > PAUSE_LONG_US)
		start_settling(s, now);
	go_on(s);
}

void source_look(struct source *s)
{
	s->looks = s->fd >= 0 ? LOOK_FRAMES : 0;
	go_on(s);
}

int64_t source_reading_us(const struct source *s, int64_t now)
{
	return s->wanted_us + (s->wanted ? now - s->wanted_since : 0);
}

void source_want_fresh(struct source *s)
{
	if (!s->wanted && !s->settling)
		start_settling(s, io_now());
	source_want(s, true);
}

void source_resume(struct source *s)
{
	if (s->fd < 0 || !s->committing)
		return;
	commit(s);
	go_on(s);
}
