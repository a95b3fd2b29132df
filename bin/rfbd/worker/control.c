/* Time lines: see control.h. A line goes out whole or the connection ends; a slow page loses its
 * time line, never anybody else's time. */
#include "control.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "entry/arrival.h"
#include "io/io.h"
#include "viewer/viewer.h"
#include "wish.h"
#include "worker.h"

enum { LINE_MAX_BYTES = 1024, CONTROLS_MAX = 256 };

struct control {
	struct control *prev, *next;
	struct worker *w;
	struct net_stream *stream;
	ev_io io;
	bool source_told;		/* what it was told last of the source */
	char session[SESSION_MAX];
	char address[NET_TEXT_MAX];
	char in[LINE_MAX_BYTES];
	size_t in_len;
};

/* The viewer whose page opened this time line; NULL when it is gone or not let in (yet). */
static struct viewer *viewer_of(const struct control *c)
{
	for (struct viewer *v = c->w->viewers; v; v = v->next)
		if (v->phase == VIEWER_RUNNING && !v->doomed && !strcmp(v->session, c->session))
			return v;
	return NULL;
}

static void control_free(struct control *c)
{
	struct worker *w = c->w;
	*(c->prev ? &c->prev->next : &w->controls) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	ev_io_stop(w->loop, &c->io);
	net_stream_close(c->stream);
	free(c);
}

static bool has_source(const struct worker *w)
{
	return w->source.fd >= 0;
}

/* False: the connection is of no use any more. */
static bool tell(struct control *c)
{
	c->source_told = has_source(c->w);
	char *line = media_json(&c->w->media, c->source_told, io_now());
	if (!line)
		return false;
	const size_t n = strlen(line);
	const ssize_t put = net_stream_write(c->stream, line, n);
	free(line);
	return put == (ssize_t)n && net_stream_flush(c->stream) >= 0;
}

/* What one line asks for. False: it is not what we speak. */
static bool act(struct control *c, const char *line, size_t n)
{
	const struct viewer *v = viewer_of(c);
	struct fbs_record r;
	if (!wish_parse(&r, line, n))
		return false;
	if (v && (viewer_rights(v) & FBS_RIGHT_INPUT))
		input_media(&c->w->input, v->id, &r);
	return true;
}

/* False: close it. */
static bool read_lines(struct control *c)
{
	const ssize_t n = net_stream_read(c->stream, c->in + c->in_len, sizeof c->in - c->in_len);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	c->in_len += (size_t)n;
	for (char *lf; (lf = memchr(c->in, '\n', c->in_len)); ) {
		const size_t used = (size_t)(lf + 1 - c->in);
		if (!act(c, c->in, used - 1)) {
			const struct cli_event e = { .event = "refused", .address = c->address };
			cli_log_event(CLI_WARN, &e, "a time line asked for something unknown");
			return false;
		}
		c->in_len -= used;
		memmove(c->in, lf + 1, c->in_len);
	}
	input_flush(&c->w->input);
	return c->in_len < sizeof c->in;
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct control *c = io->data;
	(void)loop, (void)events;
	do {
		if (!viewer_of(c) || !read_lines(c)) {
			control_free(c);
			return;
		}
	} while (net_stream_pending(c->stream));
}

void control_open(struct worker *w, struct net_stream *s, const char *address, const char *session)
{
	struct control *c = calloc(1, sizeof *c);
	unsigned n = 0;
	for (const struct control *o = w->controls; o; o = o->next)
		n++;
	if (!c || n >= CONTROLS_MAX) {
		free(c);
		net_stream_close(s);
		return;
	}
	c->w = w;
	c->stream = s;
	snprintf(c->session, sizeof c->session, "%s", session);
	snprintf(c->address, sizeof c->address, "%s", address);
	c->next = w->controls;
	if (c->next)
		c->next->prev = c;
	w->controls = c;
	ev_io_init(&c->io, on_io, net_stream_fd(s), EV_READ);
	c->io.data = c;
	ev_io_start(w->loop, &c->io);
	if (!session[0] || !viewer_of(c)) {
		const struct cli_event e = { .event = "refused", .address = c->address };
		cli_log_event(CLI_WARN, &e, "a time line without a viewer of its session");
		control_free(c);
	} else if (!tell(c)) {
		control_free(c);
	}
}

void controls_tell(struct worker *w)
{
	for (struct control *c = w->controls, *next; c; c = next) {
		next = c->next;
		if (!tell(c))
			control_free(c);
	}
}

void controls_watch_source(struct worker *w)
{
	for (struct control *c = w->controls, *next; c; c = next) {
		next = c->next;
		if (c->source_told != has_source(w) && !tell(c))
			control_free(c);
	}
}

void controls_tidy(struct worker *w, int all)
{
	for (struct control *c = w->controls, *next; c; c = next) {
		next = c->next;
		if (all || !viewer_of(c))
			control_free(c);
	}
}
