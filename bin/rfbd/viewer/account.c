/* Counting viewers: stores into the statistics file, and the log's last line for each. */
#include "account.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/escape.h"
#include "cli/stats.h"
#include "fbs/fbs.h"
#include "io/io.h"
#include "net/sockopt.h"
#include "viewer.h"

#define RTT_EVERY_US 1000000

static unsigned transport_of(const struct viewer *v)
{
	static const char *const names[] = { "tcp", "unix", "tls", "ws", "wss" };	/* STAT_TCP … STAT_WSS */
	const char *t = net_stream_transport(v->stream);
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(t, names[i]))
			return i;
	return STAT_TCP;
}

static unsigned access_of(const struct viewer *v)
{
	return viewer_rights(v) & FBS_RIGHT_INPUT ? STAT_FULL : STAT_VIEW;
}

/* Clients are few and gauges are absolute: counted anew whenever somebody comes or goes. */
static void count_clients(const struct worker *w, const struct viewer *but)
{
	unsigned n[2] = { 0 };
	for (const struct viewer *v = w->viewers; v; v = v->next)
		if (v != but && v->phase != VIEWER_HANDSHAKE)
			n[access_of(v)]++;
	cli_stat_set(STAT_CLIENTS, STAT_FULL, n[STAT_FULL]);
	cli_stat_set(STAT_CLIENTS, STAT_VIEW, n[STAT_VIEW]);
}

void account_opened(struct viewer *v)
{
	const struct cli_event e = { .event = "connect", .viewer = v->id, .address = v->address };
	cli_stat_add(STAT_CONNECTIONS, transport_of(v), 1);
	cli_log_event(CLI_INFO, &e, "connected");
}

void account_limits(struct viewer *v)
{
	if (!v->stat)
		return;
	v->stat->rule = v->rule_line;
	v->stat->limits = v->limits;
}

void account_came_in(struct viewer *v)
{
	count_clients(v->w, NULL);
	v->stat = cli_stat_viewer_new(v->id, v->address);
	if (v->stat) {
		v->stat->view_only = access_of(v) == STAT_VIEW;
		v->stat->transport = transport_of(v);
		cli_escape(v->stat->user, sizeof v->stat->user, v->user);
		v->stat->encoding = v->params.encoding;
		v->stat->received_bytes = v->received;
		account_limits(v);
	}
}

void account_rights(struct viewer *v)
{
	const struct cli_event e = { .event = "rights", .viewer = v->id, .address = v->address, .user = v->user[0] ? v->user : NULL };
	count_clients(v->w, NULL);
	if (v->stat)
		v->stat->view_only = access_of(v) == STAT_VIEW;
	cli_log_event(CLI_INFO, &e, "has %s now", access_of(v) == STAT_VIEW ? "view-only access" : "full access");
}

void account_auth(const char *type, unsigned result)
{
	cli_stat_add(STAT_AUTH_ATTEMPTS, cli_stat_series2(STAT_AUTH_ATTEMPTS, cli_metric_security(type), result), 1);
}

void account_unit(struct viewer *v, const struct unit *u)
{
	const unsigned e = cli_metric_encoding(u->key.params.encoding);
	cli_stat_add(STAT_SENT_BYTES, e, u->enc.out.len);
	cli_stat_add(STAT_RAW_BYTES, e, (uint64_t)u->key.w * u->key.h * pixel_bytes(&v->format));
	cli_stat_add(STAT_RECTANGLES, e, u->enc.n_rects);
}

void account_copy(const struct viewer *v, unsigned w, unsigned h)
{
	enum { BYTES = 12 + 4 };	/* a rectangle's header, and where it is copied from */
	const unsigned e = cli_metric_encoding(CODEC_COPYRECT);
	cli_stat_add(STAT_SENT_BYTES, e, BYTES);
	cli_stat_add(STAT_RAW_BYTES, e, (uint64_t)w * h * pixel_bytes(&v->format));
	cli_stat_add(STAT_RECTANGLES, e, 1);
}

static void look_at_link(struct viewer *v, int64_t now)
{
	struct net_tcp tcp;
	if (now - v->rtt_asked_us < RTT_EVERY_US || !net_tcp_info(net_stream_fd(v->stream), &tcp))
		return;
	v->rtt_asked_us = now;
	cli_stat_observe(STAT_CLIENT_RTT, 0, tcp.rtt_us);
	if (v->stat)
		v->stat->rtt_us = tcp.rtt_us;
}

void account_update(struct viewer *v, int64_t captured_us)
{
	v->updates++;
	cli_stat_add(STAT_UPDATES, 0, 1);
	if (!v->captured_us)
		v->captured_us = captured_us;
	look_at_link(v, io_now());
	if (v->stat) {
		v->stat->encoding = follow_is_watching(v) ? CODEC_H264 : v->params.encoding;
		v->stat->updates = v->updates;
		v->stat->queue_bytes = v->out.bytes;
	}
}

void account_flushed(struct viewer *v)
{
	const int64_t now = v->captured_us ? io_now() : 0;
	if (now > v->captured_us)
		cli_stat_observe(STAT_UPDATE_LATENCY, 0, (uint64_t)(now - v->captured_us));
	v->captured_us = 0;
	if (v->stat) {
		v->stat->sent_bytes = v->sent;
		v->stat->queue_bytes = 0;
	}
}

void account_received(struct viewer *v, uint64_t n)
{
	v->received += n;
	cli_stat_add(STAT_RECEIVED_BYTES, 0, n);
	if (v->stat)
		v->stat->received_bytes = v->received;
}

void account_control(struct viewer *v)
{
	const struct cli_event e = { .event = "control", .viewer = v->id, .address = v->address };
	if (v->controls)
		return;
	v->controls = true;
	cli_log_event(CLI_INFO, &e, "uses the keyboard or the pointer");
}

void account_clip(const struct viewer *v, unsigned direction, size_t bytes)
{
	const struct cli_event e = { .event = "clipboard", .viewer = v->id, .address = v->address };
	cli_stat_add(STAT_CLIPBOARD_BYTES, direction, bytes);
	if (direction == STAT_IN)
		cli_stat_add(STAT_INPUT_EVENTS, STAT_CLIPBOARD, 1);
	cli_log_event(CLI_INFO, &e, "%s a text of %zu bytes", direction == STAT_IN ? "gave" : "was given", bytes);
}

void account_closed(struct viewer *v)
{
	const struct cli_event e = { .event = "disconnect", .viewer = v->id, .address = v->address };
	const double seconds = (double)(io_now() - v->since) / 1e6;
	cli_stat_add(STAT_DISCONNECTS, v->ended_by, 1);
	cli_stat_viewer_free(v->stat);
	v->stat = NULL;
	count_clients(v->w, v);
	if (v->phase == VIEWER_HANDSHAKE)
		cli_log_event(CLI_INFO, &e, "closed: %s", v->why);
	else
		cli_log_event(CLI_INFO, &e, "closed: %s; %.1f s, %llu updates, %llu rectangles, %llu bytes sent, %llu received",
			      v->why, seconds, (unsigned long long)v->updates, (unsigned long long)v->rectangles,
			      (unsigned long long)v->sent, (unsigned long long)v->received);
}

void account_frame(const struct worker *w)
{
	size_t queued = 0;
	for (const struct viewer *v = w->viewers; v; v = v->next)
		queued += v->out.bytes;
	cli_stat_add(STAT_FRAMES, 0, 1);
	cli_stat_set(STAT_LAST_FRAME, 0, (uint64_t)io_wallclock());
	cli_stat_set(STAT_FB_WIDTH, 0, w->screen.w);
	cli_stat_set(STAT_FB_HEIGHT, 0, w->screen.h);
	cli_stat_set(STAT_SEND_QUEUE, 0, queued);
}
