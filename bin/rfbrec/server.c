/* Recording a VNC server: a viewer that asks for everything that it can decode without loss, and for the
 * next update when it has put away the last. When the connection breaks it comes back, and the gap is marked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "link.h"
#include "rec/viewer.h"
#include "record.h"
#include "rfb/put.h"

#define FIRST_RETRY_US INT64_C(500000)
#define LAST_RETRY_US INT64_C(30000000)
enum { POLL_US = 1000, OUTPUT_GONE = 1 };

/* Best first. No quality levels: so nothing is lost on the way. */
static const int32_t encodings[] = {
	CODEC_COPYRECT, CODEC_ZRLE, CODEC_TIGHT, CODEC_TRLE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_CORRE, CODEC_RRE, CODEC_RAW,
	RFB_PSEUDO_LAST_RECT, RFB_PSEUDO_ALPHA_CURSOR, RFB_PSEUDO_VMWARE_CURSOR, RFB_PSEUDO_CURSOR, RFB_PSEUDO_XCURSOR,
	RFB_PSEUDO_POINTER_POS, RFB_PSEUDO_DESKTOP_SIZE, RFB_PSEUDO_EXT_DESKTOP_SIZE, RFB_PSEUDO_DESKTOP_NAME,
	RFB_PSEUDO_QEMU_LEDS, RFB_PSEUDO_VMWARE_LEDS, RFB_PSEUDO_FENCE,
};

struct session {
	const struct settings *s;
	struct out *out;
	struct loop loop;
	struct link link;
	struct rec_viewer viewer;
	int64_t start_us;
	uint64_t asked;			/* updates asked for so far */
	bool unread, gone;		/* of the plain stream on stdout */
	bool had_picture;
};

static int put(void *arg, const struct fbs_record *r)
{
	struct session *e = arg;

	if (out_put(e->out, r)) {
		e->gone = true;
		return -1;
	}
	e->unread = e->unread || (!e->s->file && r->type == FBS_FRAME);
	return 0;
}

static void ask(struct session *e, bool incremental)
{
	rfb_put_request(&e->link.out, incremental, 0, 0, e->viewer.w, e->viewer.h);
	e->asked++;
}

/* The next update, once the last one is here and nobody is behind. */
static void ask_if_due(struct session *e)
{
	if (e->unread && io_pipe_unread(STDOUT_FILENO) == 0)
		e->unread = false;
	if (e->viewer.resized) {
		e->viewer.resized = false;
		ask(e, false);
	} else if (!e->unread && e->viewer.updates >= e->asked) {
		e->asked = e->viewer.updates;
		ask(e, true);
	}
}

static bool start_viewer(struct session *e)
{
	const struct rfb_client_info *info = rfb_client_info(e->link.client);
	int64_t now = io_now() - e->start_us;

	e->asked = 0;
	if (!rec_viewer_init(&e->viewer, FBS_RELAY, info->w, info->h, &pixel_format_native, put, e)) {
		snprintf(e->link.why, sizeof e->link.why, "%s", e->viewer.why);
		return false;
	}
	if (e->had_picture)
		out_gap(e->out);
	rfb_put_set_format(&e->link.out, &pixel_format_native);
	rfb_put_set_encodings(&e->link.out, encodings, sizeof encodings / sizeof *encodings);
	ask(e, false);
	return rec_viewer_open(&e->viewer, now, info->name, info->name_len, e->had_picture) == 0;
}

static bool take_bytes(struct session *e)
{
	int result = rec_viewer_feed(&e->viewer, e->link.in.data, e->link.in.len, io_now() - e->start_us);

	wire_buf_reset(&e->link.in);
	wire_put(&e->link.out, e->viewer.replies.data, e->viewer.replies.len);
	wire_buf_reset(&e->viewer.replies);
	e->had_picture = e->had_picture || e->viewer.updates > 0;
	if (result && !e->gone)
		snprintf(e->link.why, sizeof e->link.why, "%s", e->viewer.why ? e->viewer.why : "cannot go on");
	return result == 0;
}

/* One connection, until it is over: link.why. */
static void connection(struct session *e)
{
	int watch = e->s->file ? -1 : STDOUT_FILENO;

	if (!link_open(&e->link, e->s, &e->loop))
		return;
	cli_log_event(CLI_INFO, &(struct cli_event){ .event = "connect", .address = e->s->target }, "recording %s, %ux%u",
		      rfb_client_info(e->link.client)->name, rfb_client_info(e->link.client)->w, rfb_client_info(e->link.client)->h);
	if (!start_viewer(e))
		goto out;
	while (!e->loop.stop && !e->gone && take_bytes(e)) {
		ask_if_due(e);
		if (!link_turn(&e->link, &e->loop, e->unread ? io_now() + POLL_US : IO_FOREVER, watch, &e->gone))
			break;
	}
out:
	rec_viewer_fini(&e->viewer);
}

/* Waits before the next attempt. */
static void rest(struct session *e, int64_t us)
{
	int64_t until = io_now() + us;

	while (!e->loop.stop && !e->gone && io_now() < until) {
		struct pollfd fds[1] = { { .fd = e->s->file ? -1 : STDOUT_FILENO } };

		loop_wait(&e->loop, fds, 1, until);
		e->gone = (fds[0].revents & (POLLERR | POLLHUP)) != 0;
	}
}

static int failed_at_once(struct session *e, bool refused)
{
	cli_log_event(CLI_ERROR, &(struct cli_event){ .event = "refused", .address = e->s->target }, "%s", e->link.why);
	out_close(e->out, FBS_END_LOST, e->link.why);
	return refused ? CLI_NO : CLI_SYSTEM;
}

int record_server(struct out *o, const struct settings *s)
{
	struct session e = { .s = s, .out = o, .start_us = io_now() };
	int64_t retry = FIRST_RETRY_US;

	loop_init(&e.loop, o);
	if (!s->file)
		io_pipe_enlarge(STDOUT_FILENO);
	for (;;) {
		bool was_ready, refused;

		connection(&e);
		was_ready = e.link.ready;
		refused = e.link.refused;
		link_close(&e.link);
		if (e.loop.stop || e.gone)
			break;
		if (refused || (!was_ready && !e.had_picture))
			return failed_at_once(&e, refused);
		cli_log_event(CLI_WARN, &(struct cli_event){ .event = "disconnect", .address = s->target }, "connection lost: %s", e.link.why);
		if (was_ready)
			out_mark(o, FBS_MARK_LOST, e.link.why);
		if (s->once) {
			out_stop(o, FBS_END_LOST, e.link.why);
			return CLI_OK;
		}
		retry = was_ready ? FIRST_RETRY_US : retry * 2 < LAST_RETRY_US ? retry * 2 : LAST_RETRY_US;
		rest(&e, retry);
	}
	if (!e.gone)
		out_stop(o, FBS_END_DONE, "stopped");
	return CLI_OK;
}
