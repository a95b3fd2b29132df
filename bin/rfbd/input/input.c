/* Viewers' events on their way out. They are written at once, before frames are looked at. If the
 * consumer stalls, pointer moves are merged; keys and buttons wait, up to a bound that only a dead
 * consumer reaches. */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "fbs/writer.h"
#include "io/io.h"
#include "msgpass.h"
#include "viewer/viewer.h"
#include "worker/hangup.h"
#include "worker/worker.h"

enum { QUEUE_MAX = 1 << 20 };

static void on_io(struct ev_loop *loop, ev_io *io, int events);
static void on_hangup(struct ev_loop *loop, ev_io *io, int events);

void input_init(struct input *in, struct worker *w)
{
	memset(in, 0, sizeof *in);
	in->w = w;
	in->fd = in->watch_fd = -1;
	in->last_motion = SIZE_MAX;
	ev_init(&in->io, on_io);
	ev_init(&in->watch, on_hangup);
	in->io.data = in->watch.data = in;
}

static void close_consumer(struct input *in)
{
	if (in->fd < 0)
		return;
	ev_io_stop(in->w->loop, &in->io);
	ev_io_stop(in->w->loop, &in->watch);
	if (in->watch_fd >= 0)
		close(in->watch_fd);
	close(in->fd);
	in->fd = in->watch_fd = -1;
	fbs_reader_fini(&in->reader);
	wire_buf_reset(&in->out);
	in->last_motion = SIZE_MAX;
	in->motion_viewer = 0;	/* to the next one a button that is held is pressed by the first record */
	in->route = INPUT_NONE;
	clip_consumer_lost(&in->w->clip);
	viewer_resizes_lost(in->w);
}

void input_fini(struct input *in)
{
	input_flush(in);
	close_consumer(in);
	wire_buf_fini(&in->out);
}

/* --- writing --------------------------------------------------------------------------- */

static void watch_as_needed(struct input *in)
{
	int events = (in->route == INPUT_STDOUT ? 0 : EV_READ) | (in->out.len ? EV_WRITE : 0);
	ev_io_stop(in->w->loop, &in->io);
	if (in->fd >= 0 && events) {
		ev_io_set(&in->io, in->fd, events);
		ev_io_start(in->w->loop, &in->io);
	}
}

/* The consumer is gone. Our own child comes back by itself; with -i - it was what we were for. */
static void lose(struct input *in, const char *why)
{
	enum input_route route = in->route;
	close_consumer(in);
	if (route == INPUT_STDOUT) {
		cli_log(CLI_INFO, "the reader of the events is gone");
		worker_end(in->w, CLI_OK);
	} else {
		cli_log(CLI_DEBUG, "the input consumer is gone: %s", why);
		source_look(&in->w->source);	/* it ends with its display */
	}
}

static void send_queued(struct input *in)
{
	while (in->fd >= 0 && in->out.len > 0) {
		ssize_t n = write(in->fd, in->out.data, in->out.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			lose(in, strerror(errno));
			return;
		}
		wire_buf_drop(&in->out, (size_t)n);
		in->last_motion = in->last_motion != SIZE_MAX && in->last_motion >= (size_t)n ?
			in->last_motion - (size_t)n : SIZE_MAX;
		clip_pump(&in->w->clip);	/* a long text goes on, behind what else came meanwhile */
	}
}

void input_flush(struct input *in)
{
	bool pending = in->out.len > 0;
	send_queued(in);
	if (pending)
		watch_as_needed(in);
}

static void put(struct input *in, struct fbs_record *r)
{
	if (in->fd < 0)
		return;
	if (in->out.len > QUEUE_MAX || in->out.bad) {
		cli_log(CLI_ERROR, "the input consumer takes nothing: it is given up");
		lose(in, "stalled");
		return;
	}
	r->time_us = io_now() - in->start_us;
	fbs_record_put(&in->out, r);
	in->last_motion = SIZE_MAX;
}

static void join_all(struct input *in)
{
	for (struct viewer *v = in->w->viewers; v; v = v->next)
		if (v->joined)
			input_join(in, v->id, viewer_rights(v), v->address);
}

/* --- consumers --------------------------------------------------------------------------- */

static void start(struct input *in, enum input_route route, int fd)
{
	in->route = route;
	in->fd = fd;
	in->start_us = io_now();
	io_set_nonblock(fd, true);
	if (route == INPUT_STDOUT && (in->watch_fd = hangup_watch(fd)) >= 0) {
		ev_io_set(&in->watch, in->watch_fd, EV_READ);
		ev_io_start(in->w->loop, &in->watch);
	}
	fbs_preamble_put(&in->out, "rfbd", io_wallclock());
	join_all(in);
	input_flush(in);
	watch_as_needed(in);
}

void input_open(struct input *in, enum input_route route, int fd)
{
	close_consumer(in);
	fbs_reader_init(&in->reader);
	start(in, route, fd);
}

/* What a consumer says. */
static void take_answers(struct input *in)
{
	struct fbs_record r;
	char line[256];
	int rc;
	while (in->fd >= 0 && (rc = fbs_next(&in->reader, &r)) != 0) {
		if (rc < 0) {
			cli_log(CLI_ERROR, "the input consumer: %s", fbs_reader_explain(&in->reader, rc, line, sizeof line));
			lose(in, "what it said is damaged");
			return;
		}
		if (r.type == FBS_HELLO) {
			in->consumer_flags = r.hello.flags;
			clip_consumer_ready(&in->w->clip);
		} else if (r.type == FBS_RESULT) {
			viewer_resize_result(in->w, &r.result);
		} else {
			clip_record(&in->w->clip, &r);
		}
	}
}

void input_adopt(struct input *in, int fd, struct fbs_reader *reader, const struct fbs_hello *hello)
{
	if (in->w->config->view_only) {
		cli_log(CLI_WARN, "view-only: an input consumer is not wanted");
		fbs_reader_fini(reader);
		close(fd);
		return;
	}
	if (in->fd >= 0)
		cli_log(CLI_INFO, "a new input consumer takes the place of the former one");
	close_consumer(in);
	in->reader = *reader;
	memcpy(in->consumer_boot_id, hello->boot_id, 16);
	in->consumer_flags = hello->flags;
	start(in, INPUT_SOCKET, fd);
	clip_consumer_ready(&in->w->clip);
	take_answers(in);
	input_flush(in);	/* what it asked for */
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct input *in = io->data;
	(void)loop;
	if (events & EV_WRITE)
		input_flush(in);
	if (!(events & EV_READ) || in->fd < 0)
		return;
	size_t room;
	uint8_t *p = fbs_feed(&in->reader, &room);
	ssize_t n = p ? read(in->fd, p, room) : -1;
	if (n < 0 && p && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lose(in, n == 0 ? "it ended" : strerror(errno));
		return;
	}
	fbs_fed(&in->reader, (size_t)n);
	take_answers(in);
	input_flush(in);	/* what it asked for */
}

static void on_hangup(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	lose(io->data, "it ended");
}

/* --- where events go ---------------------------------------------------------------------- */

static const char *why_not(const struct input *in, const struct fbs_screen *s)
{
	static const uint8_t none[16];
	if (s->kind == FBS_RECORDING)
		return "the source is a recording";
	if (s->kind == FBS_RELAY)
		return "the source is a relay";
	if (memcmp(s->boot_id, none, 16) == 0 || memcmp(s->boot_id, in->w->config->boot_id, 16) != 0)
		return "the source is another machine";
	return NULL;
}

/* A consumer on the socket serves the machine that it says it is on. */
static bool is_elsewhere(const struct input *in, const struct fbs_screen *s)
{
	return in->route == INPUT_SOCKET && memcmp(in->consumer_boot_id, s->boot_id, 16) != 0;
}

/* The consumer stays, but nobody may do anything: what viewers hold goes up. */
static void block(struct input *in, bool blocked)
{
	if (in->blocked == blocked)
		return;
	in->blocked = blocked;
	join_all(in);
	input_flush(in);
}

void input_source_changed(struct input *in, const struct fbs_screen *s, const char *display)
{
	const struct config *c = in->w->config;
	const char *why = why_not(in, s);
	in->origin_x = s->origin_x;
	in->origin_y = s->origin_y;
	if (c->view_only || c->input_stdout)
		return;
	if (in->route == INPUT_SOCKET || (c->source_socket && !c->input_command)) {
		block(in, s->kind != FBS_LIVE || is_elsewhere(in, s));
		why = s->kind != FBS_LIVE ? why : "the input consumer is on another machine than the source";
	} else if (why) {
		if (in->wants_child)
			msg_send(in->w->monitor_fd, MSG_DROP_INPUT, 0, NULL, 0, -1);
		in->wants_child = false;
		close_consumer(in);
		in->blocked = true;
	} else if (!in->wants_child || strcmp(in->display, display) != 0) {
		in->blocked = false;
		if (in->wants_child) {
			msg_send(in->w->monitor_fd, MSG_DROP_INPUT, 0, NULL, 0, -1);
			close_consumer(in);
		}
		snprintf(in->display, sizeof in->display, "%s", display);
		in->wants_child = true;
		msg_send(in->w->monitor_fd, MSG_WANT_INPUT, 0, display, strlen(display), -1);
	}
	if (in->blocked && why && (!in->told || strcmp(in->told, why) != 0)) {
		cli_log(CLI_INFO, "view-only: %s", why);
		in->told = why;
	}
}

/* --- events ---------------------------------------------------------------------------------- */

static bool accepts(const struct input *in)
{
	return in->fd >= 0 && !in->blocked;
}

void input_join(struct input *in, uint32_t viewer, uint32_t rights, const char *address)
{
	struct fbs_record r = { .type = FBS_JOIN, .join = { viewer, in->blocked ? 0 : rights, { address, (uint32_t)strlen(address) } } };
	put(in, &r);
}

void input_leave(struct input *in, uint32_t viewer)
{
	struct fbs_record r = { .type = FBS_LEAVE, .leave = { viewer } };
	put(in, &r);
}

void input_media(struct input *in, uint32_t viewer, struct fbs_record *r)
{
	switch (r->type) {	/* the viewer stands first in each */
	case FBS_PAUSE: r->pause.viewer = viewer; break;
	case FBS_SEEK: r->seek.viewer = viewer; break;
	default: r->speed.viewer = viewer; break;
	}
	put(in, r);
}

void input_key(struct input *in, uint32_t viewer, uint32_t keysym, uint32_t code, bool down)
{
	struct fbs_record r = { .type = FBS_KEY, .key = { viewer, keysym, code, down } };
	if (!accepts(in))
		return;
	cli_stat_add(STAT_INPUT_EVENTS, STAT_KEY, 1);
	put(in, &r);
}

void input_pointer(struct input *in, uint32_t viewer, int x, int y, uint32_t buttons)
{
	struct fbs_record r = { .type = FBS_MOTION, .motion = { viewer, x + in->origin_x, y + in->origin_y, buttons } };
	if (!accepts(in))
		return;
	cli_stat_add(STAT_INPUT_EVENTS, in->motion_buttons != buttons ? STAT_BUTTON : STAT_MOTION, 1);
	const bool moves = in->motion_viewer == viewer && in->motion_buttons == buttons;
	if (moves && in->last_motion != SIZE_MAX)
		in->out.len = in->last_motion;	/* only the newest of several moves counts */
	size_t at = in->out.len;
	put(in, &r);
	if (in->fd >= 0) {
		in->last_motion = moves ? at : SIZE_MAX;	/* a press is where it is, whatever moves come behind it */
		in->motion_viewer = viewer;
		in->motion_buttons = buttons;
	}
}

/* --- clipboard and size ------------------------------------------------------------------------ */

bool input_can_clip(const struct input *in)
{
	return accepts(in) && (in->consumer_flags & FBS_HELLO_CLIP);
}

bool input_is_one_way(const struct input *in)
{
	return in->route == INPUT_STDOUT;
}

size_t input_queued(const struct input *in)
{
	return in->out.len;
}

bool input_clip_offer(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial, uint64_t size)
{
	struct fbs_record r = { .type = FBS_CLIP_OFFER, .clip_offer = { viewer, selection, serial, size } };
	if (accepts(in))
		put(in, &r);
	return accepts(in);
}

void input_clip_want(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial)
{
	struct fbs_record r = { .type = FBS_CLIP_WANT, .clip_want = { viewer, selection, serial } };
	if (accepts(in))
		put(in, &r);
	input_flush(in);
}

void input_clip(struct input *in, uint32_t viewer, uint32_t selection, uint64_t serial, uint64_t offset,
		const char *text, size_t n, bool last)
{
	struct fbs_record r = { .type = FBS_CLIP, .flags = last ? FBS_CLIP_LAST : 0,
				.clip = { viewer, selection, serial, offset, { text, (uint32_t)n } } };
	if (accepts(in))
		put(in, &r);
}

bool input_resize(struct input *in, uint32_t viewer, uint32_t request, const struct rfb_msg_resize *m)
{
	struct fbs_record r = { .type = FBS_RESIZE, .resize = { .viewer = viewer, .request = request, .w = m->w, .h = m->h } };
	if (!accepts(in) || !(in->consumer_flags & FBS_HELLO_RESIZE))
		return false;
	cli_stat_add(STAT_INPUT_EVENTS, STAT_RESIZE, 1);
	r.resize.n_outputs = m->n_screens < FBS_OUTPUTS_MAX ? m->n_screens : FBS_OUTPUTS_MAX;
	for (unsigned i = 0; i < r.resize.n_outputs; i++) {
		struct rfb_screen s = rfb_msg_screen(m, i);
		r.resize.outputs[i] = (struct fbs_output){ s.id, s.x, s.y, s.w, s.h };
	}
	if (!scaler_back_resize(&in->w->scaler, &r.resize))
		return false;
	put(in, &r);
	input_flush(in);
	return true;
}
