/* Commands in, answers out. A console that does not read its answers gets no further commands done. */
#include "console.h"

#include <errno.h>
#include <ev.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "command.h"
#include "io/io.h"
#include "viewer/viewer.h"

enum { CONSOLES_MAX = 32, ANSWER_MAX = 1 << 20 };

struct console {
	struct console *prev, *next;
	struct worker *w;
	int fd;
	ev_io io;
	bool ended;			/* it says no more; what is to be answered is */
	bool reloading;			/* the answer is the monitor's to give */
	char in[COMMAND_BYTES_MAX];
	size_t in_len;
	struct wire_buf out;
};

static void console_free(struct console *c)
{
	*(c->prev ? &c->prev->next : &c->w->consoles) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	ev_io_stop(c->w->loop, &c->io);
	wire_buf_fini(&c->out);
	close(c->fd);
	free(c);
}

/* --- answers -------------------------------------------------------------------------- */

static void say(struct console *c, const char *text)
{
	wire_put(&c->out, text, strlen(text));
	wire_put(&c->out, "\n", 1);
}

static void say_error(struct console *c, const char *why)
{
	wire_put(&c->out, "error: ", 7);
	say(c, why);
}

static void say_viewer(struct console *c, const struct viewer *v)
{
	const uint32_t rights = viewer_rights(v);
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:f, s:I, s:I, s:I, s:f, s:I, s:o}",
		"id", (json_int_t)v->id, "address", v->address, "user", v->user,
		"access", rights & FBS_RIGHT_INPUT ? "control" : "view", "clipboard_in", (rights & FBS_RIGHT_CLIP_IN) != 0,
		"clipboard_out", (rights & FBS_RIGHT_CLIP_OUT) != 0, "resize", (rights & FBS_RIGHT_RESIZE) != 0,
		"transport", net_stream_transport(v->stream), "encoding", codec_name(v->params.encoding),
		"seconds", (double)(io_now() - v->since) / 1e6, "updates", (json_int_t)v->updates,
		"sent_bytes", (json_int_t)v->sent, "received_bytes", (json_int_t)v->received,
		"rtt_seconds", (double)pace_round_trip(&v->pace) / 1e6, "rule", (json_int_t)v->rule_line, "limits", cli_limits_json(&v->limits));
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	if (text)
		say(c, text);
	free(text);
	json_decref(o);
}

/* --- commands ---------------------------------------------------------------------------- */

static void do_to(struct viewer *v, enum command_verb verb)
{
	const uint32_t before = viewer_rights(v);
	if (verb == COMMAND_DISCONNECT) {
		viewer_end(v, STAT_KICKED, "disconnected by --control");
		return;
	}
	v->told = verb == COMMAND_CONTROL ? TOLD_CONTROL : TOLD_VIEW;
	if (viewer_rights(v) != before)
		rights_changed(v);
}

/* Viewers that are here; those who have not come in yet have nothing that could be changed, but can be closed. */
static unsigned do_to_viewers(struct console *c, const struct command *m)
{
	unsigned n = 0;
	for (struct viewer *v = c->w->viewers; v; v = v->next)
		if (!v->doomed && (m->all || v->id == m->viewer) && (v->phase != VIEWER_HANDSHAKE || m->verb == COMMAND_DISCONNECT)) {
			do_to(v, m->verb);
			n++;
		}
	return n;
}

static void act(struct console *c, const struct command *m)
{
	switch (m->verb) {
	case COMMAND_LIST:
		for (const struct viewer *v = c->w->viewers; v; v = v->next)
			if (v->phase != VIEWER_HANDSHAKE && !v->doomed)
				say_viewer(c, v);
		break;
	case COMMAND_CONTROL:
		if (c->w->config->view_only) {
			say_error(c, "this server is view-only (-v)");
			return;
		}
		/* fall through */
	case COMMAND_VIEW_ONLY:
	case COMMAND_DISCONNECT:
		if (!do_to_viewers(c, m) && !m->all) {
			say_error(c, "there is no such viewer");
			return;
		}
		break;
	case COMMAND_RELOAD:
		c->reloading = true;
		if (msg_send(c->w->monitor_fd, MSG_RELOAD, 0, NULL, 0, -1) == 0)
			return;
		c->reloading = false;
		say_error(c, strerror(errno));
		return;
	case COMMAND_STOP:
		msg_send(c->w->monitor_fd, MSG_END, 0, NULL, 0, -1);
		break;
	}
	say(c, "ok");
}

static void take_line(struct console *c, const char *line, size_t n)
{
	struct command m;
	const char *why = command_parse(&m, line, n);
	const struct cli_event e = { .event = "command" };
	if (!why && m.verb != COMMAND_LIST)
		cli_log_event(CLI_INFO, &e, "--control: %.*s", (int)n, line);
	if (why)
		say_error(c, why);
	else
		act(c, &m);
}

/* Commands are done one after the other: the next once the last is answered. */
static void take_lines(struct console *c)
{
	for (char *lf; !c->reloading && c->out.len < ANSWER_MAX && (lf = memchr(c->in, '\n', c->in_len)); ) {
		const size_t used = (size_t)(lf + 1 - c->in);
		take_line(c, c->in, used - 1);
		c->in_len -= used;
		memmove(c->in, lf + 1, c->in_len);
	}
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* False: it is of no use any more. */
static bool receive(struct console *c)
{
	while (!c->ended && c->in_len < sizeof c->in) {
		const ssize_t n = read(c->fd, c->in + c->in_len, sizeof c->in - c->in_len);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->ended = n == 0;
		c->in_len += (size_t)n;
		if (c->ended && c->in_len && c->in[c->in_len - 1] != '\n')
			c->in[c->in_len++] = '\n';	/* the last line ends with what it says */
		take_lines(c);
	}
	take_lines(c);
	if (c->in_len == sizeof c->in && !memchr(c->in, '\n', sizeof c->in)) {
		say_error(c, "the line is too long");
		c->ended = true;
		c->in_len = 0;
	}
	return true;
}

static bool transmit(struct console *c)
{
	while (c->out.len && !c->out.bad) {
		const ssize_t n = write(c->fd, c->out.data, c->out.len);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		wire_buf_drop(&c->out, (size_t)n);
	}
	return !c->out.bad;
}

static void serve(struct console *c)
{
	const bool useful = receive(c) && transmit(c) && (c->out.len || c->reloading || !c->ended || memchr(c->in, '\n', c->in_len));
	if (!useful) {
		console_free(c);
		return;
	}
	const bool listens = !c->ended && c->in_len < sizeof c->in;
	const int events = (listens ? EV_READ : 0) | (c->out.len ? EV_WRITE : 0);
	ev_io_stop(c->w->loop, &c->io);
	ev_io_modify(&c->io, events);
	if (events)
		ev_io_start(c->w->loop, &c->io);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	serve(io->data);
}

/* The one that came first goes: those that somebody has left open must not keep others out. */
static void make_room(struct worker *w)
{
	static const char why[] = "error: too many connections: the oldest makes room\n";
	struct console *oldest = NULL;
	unsigned n = 0;
	for (struct console *c = w->consoles; c; c = c->next, n++)
		oldest = c;
	if (n < CONSOLES_MAX)
		return;
	cli_log(CLI_WARN, "--control: %u connections are open: the oldest is closed", n);
	(void)!write(oldest->fd, why, sizeof why - 1);
	console_free(oldest);
}

void console_open(struct worker *w, int fd)
{
	struct console *c = calloc(1, sizeof *c);
	if (!c) {
		close(fd);
		return;
	}
	make_room(w);
	c->w = w;
	c->fd = fd;
	c->next = w->consoles;
	if (c->next)
		c->next->prev = c;
	w->consoles = c;
	ev_io_init(&c->io, on_io, fd, EV_READ);
	c->io.data = c;
	ev_io_start(w->loop, &c->io);
}

void consoles_reloaded(struct worker *w, bool good)
{
	for (struct console *c = w->consoles, *next; c; c = next) {
		next = c->next;
		if (!c->reloading)
			continue;
		c->reloading = false;
		if (good)
			say(c, "ok");
		else
			say_error(c, "what was in force before stays: the log says why");
		serve(c);
	}
}

void consoles_close(struct worker *w)
{
	for (struct console *c = w->consoles, *next; c; c = next) {
		next = c->next;
		console_free(c);
	}
}
