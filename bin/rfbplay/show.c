/* One loop: the next unit is read whole, waited for, and written when it is due and the reader has taken the last one.
 * A reader that takes its time stops the clock: nothing is skipped, and nothing plays to nobody. */
#include "show.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ending.h"
#include "clock.h"
#include "control.h"
#include "emit.h"
#include "io/io.h"
#include "serve.h"

enum { SETTLE_US = 1000, LATE_US = 300000, POSITION_US = 500000, SPEED_LEAST = 62, SPEED_MOST = 64000 };

struct show {
	struct player *p;
	const struct settings *s;
	struct emit e;
	struct control control;
	int out;
	bool served, terminal, progress;
	bool have_unit, at_end, paused, step, drawn, stop, gone;
	bool unread;			/* a frame was written that may still be in the pipe */
	uint32_t permille;
	int64_t anchor_us, anchor_media;	/* clock and media time of the same moment */
	int64_t told_us;		/* when the position was shown last */
};

/* --- time ------------------------------------------------------------------------------- */

/* The moment that is shown: at a stop, where that was made or sought to, be it between frames, or the frame last stepped to. */
static int64_t media_now(const struct show *w, int64_t now)
{
	int64_t media;

	if (!w->permille)
		return w->p->position;
	if (w->paused || w->at_end)
		return w->p->position > w->anchor_media ? w->p->position : w->anchor_media;
	media = w->anchor_media + (now - w->anchor_us) * w->permille / 1000;
	return w->have_unit && media > w->p->unit.time_us ? w->p->unit.time_us : media;
}

static void anchor(struct show *w, int64_t media)
{
	w->anchor_us = io_now();
	w->anchor_media = media;
}

static int64_t due(const struct show *w)
{
	if (!w->have_unit || (w->paused && !w->step))
		return IO_FOREVER;
	if (!w->permille || w->step)
		return 0;
	return w->anchor_us + clock_stretch(w->p->unit.time_us - w->anchor_media, w->permille);
}

/* --- moving about --------------------------------------------------------------------------- */

static int tell_media(struct show *w)
{
	return emit_media(&w->e, player_length(w->p), w->paused || w->at_end, w->permille ? w->permille : 1000);
}

static int64_t start_of(const struct show *w)
{
	return w->s->start_us;
}

static void fetch(struct show *w)
{
	int64_t idle;

	if (w->have_unit || w->at_end)
		return;
	w->have_unit = player_next(w->p) == 1 && w->p->unit.time_us <= w->s->end_us;
	w->at_end = !w->have_unit;
	if (!w->have_unit)
		return;
	idle = w->p->unit.time_us - w->p->position;
	if (w->s->max_idle_us >= 0 && w->p->has_frame && idle > w->s->max_idle_us)
		w->anchor_media += idle - w->s->max_idle_us;
}

static int seek(struct show *w, int64_t us)
{
	int64_t end = player_length(w->p) < w->s->end_us ? player_length(w->p) : w->s->end_us;

	us = us < start_of(w) ? start_of(w) : us > end && end > 0 ? end : us;
	w->have_unit = player_seek(w->p, us) == 1 && w->p->unit.time_us <= w->s->end_us;
	w->at_end = !w->have_unit;
	anchor(w, us);
	w->unread = true;
	return emit_picture(&w->e, w->p, w->p->position > us ? w->p->position : us, true) || tell_media(w) ? -1 : 0;
}

static int command(struct show *w, const struct command *c)
{
	int64_t now = media_now(w, io_now());
	uint64_t speed;

	switch (c->kind) {
	case COMMAND_PAUSE:
	case COMMAND_PLAY:
	case COMMAND_TOGGLE:
		w->paused = c->kind == COMMAND_PAUSE || (c->kind == COMMAND_TOGGLE && !w->paused);
		anchor(w, now);
		if (!w->paused && w->at_end)
			return seek(w, start_of(w));
		return tell_media(w);
	case COMMAND_SEEK:
		return seek(w, c->us);
	case COMMAND_SKIP:
		return seek(w, now + c->us);
	case COMMAND_SPEED:
	case COMMAND_FASTER:
		speed = c->kind == COMMAND_SPEED ? c->permille : (uint64_t)w->permille * c->permille / 1000;
		w->permille = speed < SPEED_LEAST ? SPEED_LEAST : speed > SPEED_MOST ? SPEED_MOST : (uint32_t)speed;
		anchor(w, now);
		return tell_media(w);
	case COMMAND_POSITION:
		w->drawn = !w->drawn;
		w->told_us = 0;
		return w->drawn ? 0 : emit_text(&w->e, w->p, now, "");
	case COMMAND_STEP:
		w->paused = true;
		w->step = true;
		return tell_media(w);
	case COMMAND_QUIT:
		w->stop = true;
		return 0;
	case COMMAND_NONE:
		break;
	}
	return 0;
}

/* --- showing -------------------------------------------------------------------------------- */

static void position_text(const struct show *w, char *text, size_t n)
{
	char at[CLOCK_TEXT], length[CLOCK_TEXT], speed[24] = "";

	if (w->permille != 1000)
		snprintf(speed, sizeof speed, " x%g", w->permille / 1000.0);
	snprintf(text, n, "%s / %s%s%s", clock_text(media_now(w, io_now()), at), clock_text(player_length(w->p), length), speed,
		 w->paused ? " PAUSED" : w->at_end ? " END" : "");
}

/* The position, in the picture and on the terminal, twice a second. */
static int tell_position(struct show *w, int64_t now)
{
	char text[EMIT_TEXT];

	if ((!w->drawn && !w->progress) || now < w->told_us + POSITION_US)
		return 0;
	w->told_us = now;
	position_text(w, text, sizeof text);
	if (w->progress) {
		printf("\r%-40s", text);
		fflush(stdout);
	}
	return w->drawn ? emit_text(&w->e, w->p, media_now(w, now), text) : 0;
}

static int show_unit(struct show *w)
{
	int bad = player_apply(w->p);

	w->have_unit = false;
	w->step = w->step && !w->p->unit.is_frame;
	if (w->p->unit.is_frame)
		w->unread = true;
	if (w->p->gap || bad) {
		w->p->gap = false;
		return bad ? 0 : emit_picture(&w->e, w->p, w->p->position, true);
	}
	return emit_unit(&w->e, w->p);
}

/* The unit is due: written once the reader has taken the last frame. */
static int show_if_due(struct show *w, int64_t now)
{
	int64_t late = now - due(w);

	if (!w->have_unit || due(w) == IO_FOREVER || late < 0)
		return 0;
	if (w->permille && w->unread && io_pipe_unread(w->out) > 0)
		return 0;
	w->unread = false;
	if (w->permille && !w->step && late > LATE_US)
		anchor(w, w->p->unit.time_us);
	return show_unit(w);
}

/* --- the loop ---------------------------------------------------------------------------------- */

static int64_t wake_at(const struct show *w, int64_t now)
{
	int64_t at = due(w);

	if (w->permille && w->unread && at <= now)
		at = now + SETTLE_US;
	if ((w->drawn || w->progress) && !w->unread && w->told_us + POSITION_US < at && !(w->paused || w->at_end))
		at = w->told_us + POSITION_US;
	return at;
}

static int take_terminal(struct show *w)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
	int used;

	if (n <= 0)
		w->terminal = false;
	for (int at = 0; at < n; at += used) {
		struct command c = control_of_terminal(keys + at, (int)n - at, &used);

		w->told_us = 0;
		if (command(w, &c))
			return -1;
	}
	return 0;
}

static int take_control(struct show *w)
{
	struct command c;

	control_feed(&w->control);
	while (control_next(&w->control, &c)) {
		w->told_us = 0;
		if (command(w, &c))
			return -1;
	}
	if (w->control.fd < 0 && w->served)
		w->gone = true;		/* rfbd ended */
	return 0;
}

static int wait_for_something(struct show *w)
{
	struct pollfd fds[4] = {
		{ .fd = w->out }, { .fd = cli_ending_fd(), .events = POLLIN }, { .fd = w->control.fd, .events = POLLIN },
		{ .fd = w->terminal ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int64_t now = io_now(), at = wake_at(w, now), left = at > now ? at - now : 0;
	int timeout = at == IO_FOREVER ? -1 : left > 1000000000 ? 1000000 : (int)((left + 999) / 1000);

	if (poll(fds, 4, timeout) < 0)
		return errno == EINTR ? 0 : -1;
	if (fds[0].revents & (POLLERR | POLLHUP))
		w->gone = true;
	if (fds[1].revents)
		w->stop = true;
	if (fds[2].revents && take_control(w))
		return -1;
	return fds[3].revents ? take_terminal(w) : 0;
}

static bool is_over(struct show *w)
{
	return w->stop || w->gone || (w->at_end && !w->s->loop && !w->served);
}

static int loop(struct show *w)
{
	fetch(w);
	while (!is_over(w)) {
		bool ended = w->at_end;

		if (w->at_end && w->s->loop && seek(w, start_of(w)))
			return -1;
		if (show_if_due(w, io_now()))
			return -1;
		fetch(w);
		if (w->at_end && !ended && w->served && !w->s->loop && tell_media(w))
			return -1;
		if (tell_position(w, io_now()))
			return -1;
		if (!is_over(w) && wait_for_something(w))
			return -1;
	}
	return 0;
}

/* The marks, for those who draw a time line: read from the members that have any. */
static int tell_cues(struct show *w)
{
	struct rec_reader *r = w->p->r;
	struct fbs_record rec;

	for (size_t i = 0; r->seekable && i < r->n_members; i++) {
		if (!r->members[i].marks)
			continue;
		rec_reader_goto(r, i);
		while (rec_reader_next(r, &rec) == 1 && rec_reader_is_in(r, i))
			if (rec.type == FBS_MARK && emit_cue(&w->e, rec.time_us, &rec.mark))
				return -1;
	}
	return 0;
}

void show_prepare(struct show_means *m, const struct settings *s)
{
	*m = (struct show_means){ 0 };
	if (s->mode == MODE_SERVE) {
		server_prepare(&m->server, s->server_args);
		m->terminal = isatty(STDOUT_FILENO) && terminal_enter();
	}
	cli_ending_prepare(terminal_leave);	/* behind the fork: rfbd's own are as they were */
}

/* Plays from the start to the end. 0; -1 and errno. */
static int run(struct show *w)
{
	struct player *p = w->p;

	if (w->e.own_times && p->r->seekable) {		/* a copy of the recording says when it was made */
		(void)player_seek(p, 0);
		fbs_writer_start_at(&w->e.w, p->r->wall_us ? p->r->wall_us : p->r->fbs.preamble.wall_us);
	}
	if (tell_cues(w) || tell_media(w))
		return -1;
	if (p->r->seekable)
		w->have_unit = player_seek(p, start_of(w)) == 1;
	else
		w->have_unit = player_next(p) == 1;
	w->at_end = !w->have_unit;
	if (w->have_unit && p->unit.time_us > w->s->end_us)
		w->have_unit = false, w->at_end = true;
	anchor(w, p->has_frame ? (start_of(w) > p->position ? start_of(w) : p->position) : w->have_unit ? p->unit.time_us : 0);
	w->unread = true;
	if (emit_picture(&w->e, p, p->position, false))
		return -1;
	return loop(w);
}

static int exit_code(const struct player *p)
{
	return p->damage || p->cut ? CLI_NO : CLI_OK;
}

static int failed(void)
{
	if (errno == EPIPE)
		return CLI_OK;
	cli_log(CLI_ERROR, "cannot write the stream: %s", strerror(errno));
	return CLI_SYSTEM;
}

/* stdin gives control events when something is connected there, and it is not the recording. */
static int control_fd(const struct settings *s)
{
	struct stat st;

	if (strcmp(s->file, "-") == 0 || fstat(STDIN_FILENO, &st) || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return -1;
	return STDIN_FILENO;
}

int show_stream(struct player *p, const struct settings *s)
{
	struct show w = { .p = p, .s = s, .out = STDOUT_FILENO, .permille = s->permille };
	int code;

	cli_ending_play(p->r->seekable ? -1 : p->fd, STDOUT_FILENO);
	io_pipe_enlarge(STDOUT_FILENO);
	control_init(&w.control, control_fd(s));
	if (emit_init(&w.e, STDOUT_FILENO, s->permille == 0))
		cli_die_errno("cannot start");
	code = run(&w) ? failed() : exit_code(p);
	if (code != CLI_SYSTEM && !w.gone && emit_end(&w.e, code == CLI_OK ? FBS_END_DONE : FBS_END_LOST, p->problem))
		code = failed();
	emit_fini(&w.e);
	control_fini(&w.control);
	return code;
}

int show_served(struct player *p, const struct settings *s)
{
	const struct server *server = &s->means->server;
	struct show w = { .p = p, .s = s, .permille = s->permille ? s->permille : 1000, .served = true,
			  .out = server->stream, .progress = isatty(STDOUT_FILENO), .terminal = s->means->terminal };
	int code, ended;

	server_start(server);
	cli_ending_play(p->r->seekable ? -1 : p->fd, w.out);
	cli_ending_reader(server->pid);
	io_pipe_enlarge(w.out);
	control_init(&w.control, server->events);
	if (emit_init(&w.e, w.out, false))
		cli_die_errno("cannot start");
	cli_log(CLI_INFO, "serving %s; viewers' keys: space pauses, arrows seek, + and - change the speed, p shows the position", s->file);
	code = run(&w) ? failed() : exit_code(p);
	if (w.progress)
		printf("\n");
	if (!w.gone)
		(void)emit_end(&w.e, FBS_END_DONE, "");
	emit_fini(&w.e);
	control_fini(&w.control);
	cli_ending_reader(0);		/* who is reaped is nobody to be told anything */
	ended = server_stop(server);
	return w.gone && ended ? ended : code;
}
