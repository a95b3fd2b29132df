/* A viewer's connection: bytes in, bytes out, deadlines, its end. */
#include "rfb/put.h"
#include "viewer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "cli/cli.h"
#include "entry/asking.h"
#include "entry/upgrade.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/listen.h"
#include "net/sockopt.h"
#include "worker/control.h"

enum {
	UNSENT_MAX = 64 << 10,		/* bytes that the kernel may hold unsent before the next update waits */
	IOV_MAX_PIECES = 64,
	READS_AT_ONCE = 16,
	TURN_US = 2000,			/* how long a clipboard text may be read before others have their turn */
	WRITE_AT_ONCE = 1 << 20,	/* bytes; likewise */
	DEAD_PEER_SECONDS = 20,
};
static const double handshake_seconds = 30, stalled_seconds = 30;

static void on_io(struct ev_loop *loop, ev_io *io, int events);
static void on_deadline(struct ev_loop *loop, ev_timer *t, int events);
static void on_again(struct ev_loop *loop, ev_timer *t, int events);

/* --- beginning and end -------------------------------------------------------------- */

static void link_viewer(struct worker *w, struct viewer *v)
{
	v->prev = w->viewers_end;
	*(v->prev ? &v->prev->next : &w->viewers) = v;
	w->viewers_end = v;
	w->n_viewers++;
	w->n_handshakes++;
}

static void unlink_viewer(struct worker *w, struct viewer *v)
{
	*(v->prev ? &v->prev->next : &w->viewers) = v->next;
	*(v->next ? &v->next->prev : &w->viewers_end) = v->prev;
	w->n_viewers--;
	if (v->phase == VIEWER_HANDSHAKE)
		w->n_handshakes--;
}

void viewer_open(struct worker *w, struct net_stream *stream, uint32_t peer, const char *address, const char *session)
{
	struct viewer *v = calloc(1, sizeof *v);
	uint8_t *in = malloc(VIEWER_IN_SIZE);
	int fd = net_stream_fd(stream);
	if (!v || !in) {
		cli_log(CLI_ERROR, "%s: no memory for another viewer", address);
		free(in);
		free(v);
		net_stream_close(stream);
		return;
	}
	v->w = w;
	v->in = in;
	v->stream = stream;
	v->id = ++w->last_viewer_id;
	v->peer = peer;
	v->since = io_now();
	snprintf(v->address, sizeof v->address, "%s", address);
	snprintf(v->session, sizeof v->session, "%s", session);
	v->format = pixel_format_native;
	rfb_encodings_init(&v->can);
	picture_init(&v->pic);
	pixman_region32_init(&v->blank);
	net_socket_prepare(fd);
	net_set_lowat(fd, UNSENT_MAX);
	net_set_timeout(fd, DEAD_PEER_SECONDS);
	ev_io_init(&v->io, on_io, fd, EV_READ);
	ev_timer_init(&v->deadline, on_deadline, handshake_seconds, 0);
	ev_timer_init(&v->again, on_again, 0, 0);
	v->io.data = v->deadline.data = v->again.data = v;
	refine_init(v);
	limits_init(v);
	hold_init(v);
	ev_io_start(w->loop, &v->io);
	if (!(peer & MSG_PEER_REPEATER))	/* behind a repeater there is nobody yet */
		ev_timer_start(w->loop, &v->deadline);
	link_viewer(w, v);
	account_opened(v);
	if (handshake_begin(v) < 0)
		viewer_doom(v, "out of memory");
	else
		viewer_flush(v);
}

void viewer_end(struct viewer *v, unsigned kind, const char *why, ...)
{
	va_list ap;
	if (v->doomed)
		return;
	v->ended_by = kind;
	va_start(ap, why);
	vsnprintf(v->why, sizeof v->why, why, ap);
	va_end(ap);
	v->doomed = true;
	v->w->any_doomed = true;
	ev_io_stop(v->w->loop, &v->io);
	ev_timer_stop(v->w->loop, &v->deadline);
	ev_timer_stop(v->w->loop, &v->refine);
	ev_timer_stop(v->w->loop, &v->again);
	limits_end(v);
	hold_end(v);
}

static void viewer_free(struct viewer *v)
{
	struct worker *w = v->w;
	account_closed(v);
	clip_viewer_left(&w->clip, v);	/* what it offered is taken back before it has left */
	if (v->joined) {
		input_leave(&w->input, v->id);
		input_flush(&w->input);
	}
	asking_forget(v);
	if (v->peer & MSG_PEER_REPEATER)
		msg_send(w->monitor_fd, MSG_CALL_OVER, v->peer >> MSG_PEER_CALL_SHIFT, NULL, 0, -1);
	update_cancel(v);
	follow_fini(v);
	outq_fini(&v->out, &w->cache);
	outq_fini(&v->behind, &w->cache);
	picture_fini(&v->pic);
	pixman_region32_fini(&v->blank);
	rfb_server_free(v->handshake);
	net_stream_close(v->stream);
	unlink_viewer(w, v);
	free(v->in);
	free(v);
}

void viewers_tidy(struct worker *w)
{
	controls_watch_source(w);
	if (!w->any_doomed)
		return;
	w->any_doomed = false;
	for (struct viewer *v = w->viewers, *next; v; v = next) {
		next = v->next;
		if (v->doomed && !v->step.busy)
			viewer_free(v);
	}
	controls_tidy(w, 0);
	worker_update_interest(w);
}

static void on_deadline(struct ev_loop *loop, ev_timer *t, int events)
{
	struct viewer *v = t->data;
	(void)loop;
	(void)events;
	if (v->phase == VIEWER_HANDSHAKE)
		viewer_end(v, STAT_TIMEOUT, "the handshake took longer than %g s", handshake_seconds);
	else
		viewer_end(v, STAT_SLOW, "took nothing for %g s, with %zu bytes waiting", stalled_seconds, v->out.bytes);
}

/* --- bytes out ------------------------------------------------------------------------ */

/* Only a viewer that is being let in, or waits for the screen, may have more to say than there is room for. */
static bool may_read(const struct viewer *v)
{
	return v->in_len < VIEWER_IN_SIZE && (net_stream_events(v->stream, true, false) & POLLIN);
}

static void watch_as_needed(struct viewer *v)
{
	if (v->doomed)
		return;
	short want = net_stream_events(v->stream, true, (v->out.bytes > 0 && !v->held) || v->choked);
	int events = (may_read(v) ? EV_READ : 0) | (want & POLLOUT ? EV_WRITE : 0);
	if (events != (v->io.events & (EV_READ | EV_WRITE))) {
		ev_io_stop(v->w->loop, &v->io);
		ev_io_modify(&v->io, events);
		if (events)	/* none: what goes on aside calls viewer_go_on */
			ev_io_start(v->w->loop, &v->io);
	}
}

/* Nothing may wait for longer than stalled_seconds without any of it being taken. */
static void watch_progress(struct viewer *v, bool some_went)
{
	if (v->phase == VIEWER_HANDSHAKE || v->doomed)
		return;
	if (v->out.bytes == 0) {
		ev_timer_stop(v->w->loop, &v->deadline);
	} else if (some_went || !ev_is_active(&v->deadline)) {
		v->deadline.repeat = stalled_seconds;
		ev_timer_again(v->w->loop, &v->deadline);
	}
}

/* Whether the kernel holds enough unsent bytes. It is asked only when what went since it was last asked could be as much. */
static bool holds_much(struct viewer *v)
{
	if (v->unsent + (v->sent - v->unsent_at) < UNSENT_MAX)
		return false;
	v->unsent = net_unsent(net_stream_fd(v->stream));
	v->unsent_at = v->sent;
	return v->unsent >= UNSENT_MAX;
}

void viewer_flush(struct viewer *v)
{
	struct iovec iov[IOV_MAX_PIECES];
	size_t most = WRITE_AT_ONCE;
	const uint64_t before = v->sent;
	if (v->out.bad)
		viewer_doom(v, "out of memory");
	while (!v->doomed && v->out.bytes > 0 && most > 0) {
		const size_t room = hold_lets_bytes(v, v->out.bytes);
		if (!room)
			break;
		ssize_t n = net_stream_writev(v->stream, iov, outq_iov(&v->out, iov, IOV_MAX_PIECES, room));
		if (n < 0) {
			if (errno == EAGAIN)
				break;
			viewer_doom(v, "%s", errno == EPIPE || errno == ECONNRESET ? "the viewer is gone" : strerror(errno));
			return;
		}
		outq_sent(&v->out, (size_t)n, &v->w->cache);
		v->sent += (uint64_t)n;
		throttle_spend(&v->throttle, (size_t)n);
		most -= (size_t)n < most ? (size_t)n : most;
	}
	if (v->doomed)
		return;
	if (net_stream_flush(v->stream) < 0) {
		viewer_doom(v, "%s", net_stream_error(v->stream));
		return;
	}
	viewer_said(v);
	const bool some_went = v->sent > before;
	drain_note(&v->drain, (size_t)(v->sent - before), v->out.bytes, io_now());
	if (some_went && v->out.bytes == 0)
		account_flushed(v);
	if (some_went)
		v->choked = (v->out.bytes > 0 && !v->held) || holds_much(v);
	if (some_went && (v->choked || v->out.bytes > 0))
		v->w->interest_stale = true;	/* when it will be free is known better now */
	if (v->upgrade && v->out.bytes == 0) {
		upgrade_now(v);
		return;
	}
	if (v->closing && v->out.bytes == 0 && net_stream_held(v->stream) == 0)
		viewer_end(v, STAT_REFUSED, "%s", v->refusal ? v->refusal : "done");
	watch_progress(v, some_went);
	watch_as_needed(v);
}

void viewer_resume(struct viewer *v)
{
	viewer_flush(v);
	if (!v->doomed && v->phase == VIEWER_RUNNING && !v->closing)
		update_consider(v);
}

/* --- bytes in --------------------------------------------------------------------------- */

static void act_on_messages(struct viewer *v)
{
	const int64_t until = io_now() + TURN_US;
	struct rfb_msg m;
	size_t at = 0;
	while (!v->doomed && !v->closing && !ev_is_active(&v->again)) {
		long n = rfb_msg_parse(&v->parser, &m, v->in + at, v->in_len - at);
		if (n == 0)
			break;
		if (n < 0) {
			viewer_end(v, STAT_PROTOCOL, "%s (message type %u)", rfb_strerror(n), v->in[at]);
			return;
		}
		viewer_act(v, &m);
		at += (size_t)n;
		if (m.kind == RFB_MSG_CUT_TEXT && !v->doomed && io_now() > until)
			ev_timer_start(v->w->loop, &v->again);
	}
	memmove(v->in, v->in + at, v->in_len - at);
	v->in_len -= at;
}

static void feed(struct viewer *v)
{
	if (v->phase == VIEWER_HANDSHAKE)
		handshake_feed(v);
	if (v->phase == VIEWER_RUNNING && !v->doomed)
		act_on_messages(v);
}

static const char *why_unreadable(const struct viewer *v, int error)
{
	const char *why = net_stream_error(v->stream);
	return error == ECONNRESET ? "the viewer is gone" : *why ? why : strerror(error);
}

static void read_some(struct viewer *v)
{
	for (int i = 0; i < READS_AT_ONCE && !v->doomed && !ev_is_active(&v->again); i++) {
		if (v->in_len == VIEWER_IN_SIZE) {
			if (v->phase == VIEWER_RUNNING)
				viewer_end(v, STAT_PROTOCOL, "a message that does not end");
			return;		/* or it talks on before it has been answered: that can wait */
		}
		const size_t room = VIEWER_IN_SIZE - v->in_len;
		ssize_t n = net_stream_read(v->stream, v->in + v->in_len, room);
		if (n == 0) {
			viewer_end(v, STAT_CLOSED, "the viewer left");
		} else if (n < 0 && errno == EAGAIN) {
			return;
		} else if (n < 0) {
			viewer_doom(v, "%s", why_unreadable(v, errno));
		} else {
			v->in_len += (size_t)n;
			account_received(v, (uint64_t)n);
			if (v->phase == VIEWER_HANDSHAKE && (v->peer & MSG_PEER_REPEATER) && !v->asking)
				ev_timer_start(v->w->loop, &v->deadline);
			feed(v);
			if ((size_t)n < room)
				break;		/* that was all; whatever comes later is told */
		}
	}
	/* what a layer has already decoded does not make the descriptor readable */
	if (!v->doomed && may_read(v) && net_stream_pending(v->stream))
		ev_timer_start(v->w->loop, &v->again);
}

/* What it sent is acted on, and goes out before anything is encoded. */
static void handle(struct viewer *v, int events)
{
	if (events & EV_READ)
		read_some(v);
	input_flush(&v->w->input);
	if (v->doomed)
		return;
	if (events & EV_WRITE)
		v->choked = false;
	viewer_resume(v);
}

void viewer_go_on(struct viewer *v)
{
	if (!v->doomed)
		handle(v, EV_READ);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	handle(io->data, events);
}

static void on_again(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	feed(t->data);
	handle(t->data, EV_READ);
}

/* --- the screen --------------------------------------------------------------------------- */

void viewers_screen_ready(struct worker *w)
{
	for (struct viewer *v = w->viewers; v; v = v->next)
		if (v->phase == VIEWER_WAITING && !v->doomed) {
			handshake_finish(v);
			feed(v);
			viewer_flush(v);
		}
}

/* Repaints where the cursor was painted, and where it is to be painted now. */
static void repaint_cursor(struct viewer *v)
{
	pixman_box32_t box;
	if (v->painted.x1 < v->painted.x2)
		picture_damage_box(&v->pic, &v->painted);
	if (pseudo_painted_box(v, &box))
		picture_damage_box(&v->pic, &box);
}

static void send_bell(struct viewer *v)
{
	struct wire_buf out = { 0 };
	rfb_put_bell(&out);
	viewer_say(v, &out);
	viewer_flush(v);
}

void viewer_apply(struct viewer *v, const struct screen_change *c)
{
	if (v->phase != VIEWER_RUNNING || v->doomed)
		return;
	if (c->what & SCREEN_RESIZED) {
		picture_reset(&v->pic, v->w->screen.w, v->w->screen.h);
		viewer_blank(v);
		v->painted = (pixman_box32_t){ 0 };
	}
	bool painted = v->painted.x1 < v->painted.x2;
	for (unsigned i = 0; i < c->n_ops; i++) {
		const struct screen_op *op = &c->ops[i];
		if (!op->is_copy) {
			picture_damage(&v->pic, &op->damage);
			continue;
		}
		/* a copy must neither take the painted cursor along nor leave half of it */
		if (painted)
			picture_damage_box(&v->pic, &v->painted);
		viewer_copy(v, &op->copy);
		if (painted)
			picture_damage_box(&v->pic, &v->painted);
	}
	if (c->what & (SCREEN_CURSOR | SCREEN_POINTER))
		repaint_cursor(v);
	if (c->bells)
		send_bell(v);
	if (c->what & SCREEN_CURSOR)
		v->due |= DUE_CURSOR;
	if (c->what & SCREEN_POINTER)
		v->due |= DUE_POINTER;
	if ((c->what & SCREEN_NAME) && !v->w->config->name)
		v->due |= DUE_NAME;
	if (c->what & SCREEN_LEDS)
		v->due |= DUE_LEDS;
	if (c->what & SCREEN_OUTPUTS)
		v->due |= DUE_LAYOUT;
}
