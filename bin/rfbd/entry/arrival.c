/* Connections on their way to being a viewer: sniffing, TLS, the page's files, WebSocket upgrades. */
#include "arrival.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "habits.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/http.h"
#include "net/listen.h"
#include "net/sniff.h"
#include "net/tls.h"
#include "net/websocket.h"
#include "viewer/viewer.h"
#include "webfiles.h"
#include "worker/control.h"
#include "worker/worker.h"

#define ARRIVALS_MAX 256u
static const double http_seconds = 15;		/* for a request, and between two */

struct arrival {
	struct arrival *prev, *next;
	struct worker *w;
	struct net_stream *stream;
	ev_io io;
	ev_timer deadline;
	uint32_t peer;
	bool tls, web;			/* web: it came to -W, or has begun to speak HTTP */
	char address[NET_TEXT_MAX];
	char in[NET_HTTP_MAX];
	size_t in_len;
	struct webanswer answer;	/* being sent while answering */
	size_t sent;
	bool answering;
};

/* --- beginning and end --------------------------------------------------------------------- */

static void unlink_arrival(struct arrival *a)
{
	struct worker *w = a->w;
	*(a->prev ? &a->prev->next : &w->arrivals) = a->next;
	if (a->next)
		a->next->prev = a->prev;
	w->n_arrivals--;
	ev_io_stop(w->loop, &a->io);
	ev_timer_stop(w->loop, &a->deadline);
}

/* Gives up the arrival; its stream goes to the caller. */
static struct net_stream *take_stream(struct arrival *a)
{
	struct net_stream *s = a->stream;
	unlink_arrival(a);
	wire_buf_fini(&a->answer.head);
	free(a);
	return s;
}

static void refuse(struct arrival *a, const char *why)
{
	const struct cli_event e = { .event = "refused", .address = a->address };
	if (why)
		cli_log_event(CLI_WARN, &e, "%s", why);
	net_stream_close(take_stream(a));
}

void arrivals_close(struct worker *w)
{
	for (struct arrival *a = w->arrivals, *next; a; a = next) {
		next = a->next;
		refuse(a, NULL);
	}
}

/* Waits for what the stream and we want next. */
static void wait_for(struct arrival *a)
{
	const short want = net_stream_events(a->stream, !a->answering, a->answering);
	const int events = (want & POLLIN ? EV_READ : 0) | (want & POLLOUT ? EV_WRITE : 0);
	if (events != (a->io.events & (EV_READ | EV_WRITE))) {
		ev_io_stop(a->w->loop, &a->io);
		ev_io_set(&a->io, net_stream_fd(a->stream), events);
		if (events)	/* none while TLS's handshake goes on aside */
			ev_io_start(a->w->loop, &a->io);
	}
}

static void set_deadline(struct arrival *a, double seconds)
{
	ev_timer_stop(a->w->loop, &a->deadline);
	ev_timer_set(&a->deadline, seconds, 0);
	ev_timer_start(a->w->loop, &a->deadline);
}

/* --- what it turns out to be ------------------------------------------------------------------ */

static void become_viewer(struct arrival *a, const char *session)
{
	struct worker *w = a->w;
	const uint32_t peer = a->peer;
	char address[NET_TEXT_MAX];
	memcpy(address, a->address, sizeof address);
	if (a->in_len && net_stream_unread(a->stream, a->in, a->in_len) != 0) {
		refuse(a, "out of memory");
		return;
	}
	viewer_open(w, take_stream(a), peer, address, session);
}

/* The value of `session` in the query: letters and digits only; "" when there is none. */
static void session_of(const struct net_http *r, char out[SESSION_MAX])
{
	static const char key[] = "session=";
	size_t n = 0;
	const char *end = r->target.at + r->target.len;
	const char *at = memmem(r->target.at, r->target.len, key, sizeof key - 1);
	for (at = at ? at + sizeof key - 1 : end; at < end && n + 1 < SESSION_MAX; at++, n++) {
		if (!((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
			break;
		out[n] = *at;
	}
	out[n] = 0;
}

/* Answers the request with an error that was decided here, and closes. */
static void answer_status(struct arrival *a, int status, const char *why)
{
	const struct cli_event e = { .event = "refused", .address = a->address };
	cli_log_event(CLI_WARN, &e, "HTTP %d: %s", status, why);
	a->answer = (struct webanswer){ .status = status };
	net_http_put_error(&a->answer.head, status, why);
	a->answering = true;
}

/* False: the arrival is gone, refused or become a viewer or a time line. */
static bool upgrade(struct arrival *a, const struct net_http *r, size_t used)
{
	struct worker *w = a->w;
	const bool control = !strcmp(r->path, "/control");
	struct wire_buf out = { 0 };
	char session[SESSION_MAX];
	if (!control && strcmp(r->path, "/") != 0 && strcmp(r->path, "/websockify") != 0) {
		answer_status(a, 404, "no WebSocket here");
		return true;
	}
	if (!net_http_origin_ok(r, w->config->origins, w->config->n_origins)) {
		answer_status(a, 403, "a page of another origin may not connect");
		return true;
	}
	if (!w->secrets.means.vnc && !w->secrets.means.users && !w->config->insecure && !net_http_host_is_number(r)) {
		answer_status(a, 403, "without authentication only localhost and numeric addresses: a name may point anywhere");
		return true;
	}
	session_of(r, session);
	net_http_put_upgrade(&out, r);
	/* the answer is far smaller than a socket's empty buffer: if it does not go out whole, the peer is broken */
	const ssize_t n = out.bad ? -1 : net_stream_write(a->stream, out.data, out.len);
	const bool whole = n >= 0 && (size_t)n == out.len;
	wire_buf_fini(&out);
	a->in_len -= used;
	memmove(a->in, a->in + used, a->in_len);
	if (!whole || (a->in_len && net_stream_unread(a->stream, a->in, a->in_len) != 0)) {
		refuse(a, "the WebSocket upgrade could not be answered");
		return false;
	}
	a->in_len = 0;
	struct net_stream *ws = net_websocket_server(a->stream);
	if (!ws) {
		refuse(a, "out of memory");
		return false;
	}
	a->stream = ws;
	if (!control) {
		become_viewer(a, session);
		return false;
	}
	char address[NET_TEXT_MAX];
	memcpy(address, a->address, sizeof address);
	control_open(w, take_stream(a), address, session);
	return false;
}

/* Deals with the request that has come, or waits for more of it. False: the arrival is gone. */
static bool take_request(struct arrival *a)
{
	struct net_http r;
	const long parsed = net_http_parse(&r, a->in, a->in_len);
	if (parsed == 0)
		return true;
	habits_note(&a->w->habits, a->address, HABIT_HTTP, io_now());
	if (parsed > 0 && r.upgrade)
		return upgrade(a, &r, (size_t)parsed);
	a->answer = (struct webanswer){ 0 };
	webfiles_answer(&a->answer, a->w->web, &r, parsed);
	if (a->answer.status >= 400) {
		const struct cli_event e = { .event = "refused", .address = a->address };
		cli_log_event(CLI_INFO, &e, "HTTP %d", a->answer.status);
	}
	if (parsed > 0) {
		a->in_len -= (size_t)parsed;
		memmove(a->in, a->in + parsed, a->in_len);
	}
	a->answering = true;
	a->sent = 0;
	return true;
}

/* Sends what is left of the answer. 1 done, 0 more later, -1 failed. */
static int send_answer(struct arrival *a)
{
	struct webanswer *w = &a->answer;
	const size_t all = w->head.len + w->body_len;
	while (!w->head.bad && a->sent < all) {
		struct iovec iov[2];
		int k = 0;
		if (a->sent < w->head.len)
			iov[k++] = (struct iovec){ w->head.data + a->sent, w->head.len - a->sent };
		const size_t skip = a->sent > w->head.len ? a->sent - w->head.len : 0;
		if (w->body_len > skip)
			iov[k++] = (struct iovec){ (void *)(uintptr_t)(w->body + skip), w->body_len - skip };
		const ssize_t n = net_stream_writev(a->stream, iov, k);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		a->sent += (size_t)n;
	}
	return w->head.bad ? -1 : net_stream_flush(a->stream);
}

static void advance(struct arrival *a);

static void go_on(void *a)
{
	advance(a);
}

/* Puts TLS on the stream; the hello that came is its first bytes. False: the arrival is gone. */
static bool start_tls(struct arrival *a)
{
	struct net_stream *s;
	if (net_stream_unread(a->stream, a->in, a->in_len) != 0 || !(s = net_tls_stream(a->w->secrets.tls, a->stream, NULL))) {
		refuse(a, "out of memory");
		return false;
	}
	net_tls_on_progress(s, go_on, a);
	a->stream = s;
	a->in_len = 0;
	a->tls = true;
	set_deadline(a, http_seconds);
	return true;
}

/* Finds out what the bytes so far are. False: the arrival is gone. */
static bool recognise(struct arrival *a)
{
	switch (net_sniff((const uint8_t *)a->in, a->in_len)) {
	case NET_SNIFF_MORE:
		break;
	case NET_SNIFF_RFB:
		if (a->peer & MSG_PEER_WEB) {
			refuse(a, "neither HTTP nor TLS on the web port");
			return false;
		}
		become_viewer(a, "");
		return false;
	case NET_SNIFF_HTTP:
		a->web = true;
		habits_note(&a->w->habits, a->address, HABIT_HTTP, io_now());
		set_deadline(a, http_seconds);
		break;
	case NET_SNIFF_TLS:
		if (a->tls || !a->w->secrets.tls) {
			refuse(a, a->tls ? "TLS inside TLS" : "TLS, but no certificate was given (-C)");
			return false;
		}
		habits_note(&a->w->habits, a->address, HABIT_HTTP, io_now());
		return start_tls(a);
	}
	return true;
}

/* Reads once. 1 bytes came, 0 none now, -1 the arrival is gone. */
static int read_more(struct arrival *a)
{
	if (a->in_len == sizeof a->in) {
		answer_status(a, 431, net_http_reason(431));
		return 0;
	}
	const ssize_t n = net_stream_read(a->stream, a->in + a->in_len, sizeof a->in - a->in_len);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		refuse(a, n < 0 ? net_stream_error(a->stream) : NULL);
		return -1;
	}
	a->in_len += (size_t)n;
	return 1;
}

/* Goes on as far as it can without waiting. */
static void advance(struct arrival *a)
{
	while (true) {
		if (a->answering) {
			const int done = send_answer(a);
			if (done == 0)
				break;
			const bool keep = done > 0 && a->answer.keep_alive;
			wire_buf_fini(&a->answer.head);
			a->answering = false;
			if (!keep) {
				refuse(a, NULL);
				return;
			}
			set_deadline(a, http_seconds);
		}
		if (a->in_len && ((!a->web && !recognise(a)) || (a->web && !take_request(a))))
			return;
		if (a->answering)
			continue;
		const int got = read_more(a);
		if (got < 0)
			return;
		if (got == 0 && !a->answering)
			break;
	}
	wait_for(a);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop, (void)events;
	advance(io->data);
}

static void on_deadline(struct ev_loop *loop, ev_timer *t, int events)
{
	struct arrival *a = t->data;
	(void)loop, (void)events;
	if (a->web || a->tls || (a->peer & MSG_PEER_WEB)) {
		refuse(a, a->in_len || !a->web ? "no request in time" : NULL);
		return;
	}
	const int got = read_more(a);	/* the deadline may be known before what has come */
	if (got > 0)
		advance(a);
	else if (got == 0)
		become_viewer(a, "");	/* it waits for us: an RFB viewer */
}

void arrival_open(struct worker *w, int fd, uint32_t peer, const char *address)
{
	struct arrival *a = w->n_arrivals < ARRIVALS_MAX ? calloc(1, sizeof *a) : NULL;
	if (!a || !(a->stream = net_stream_plain(fd))) {
		cli_log(CLI_WARN, "%s: refused: too many connections are arriving", address);
		free(a);
		close(fd);
		return;
	}
	a->w = w;
	a->peer = peer;
	a->next = w->arrivals;
	if (a->next)
		a->next->prev = a;
	w->arrivals = a;
	w->n_arrivals++;
	snprintf(a->address, sizeof a->address, "%s", address);
	net_socket_prepare(fd);
	ev_io_init(&a->io, on_io, fd, EV_READ);
	ev_timer_init(&a->deadline, on_deadline, peer & MSG_PEER_WEB ? http_seconds :
		      habits_patience(&w->habits, address, io_now(), w->secrets.tls), 0);
	a->io.data = a->deadline.data = a;
	ev_io_start(w->loop, &a->io);
	ev_timer_start(w->loop, &a->deadline);
	advance(a);
}
