/* Letting viewers in: who may come without a password, how many, and whether others have to go. */
#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "checks.h"
#include "cli/cli.h"
#include "guard.h"
#include "habits.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/sniff.h"
#include "rfb/put.h"
#include "upgrade.h"
#include "viewer/account.h"
#include "viewer/viewer.h"

/* What this peer may come in by. */
static void choose_types(struct viewer *v)
{
	const struct secrets *s = &v->w->secrets;
	const char *transport = net_stream_transport(v->stream);
	const struct offer_peer peer = {
		.ours = v->peer & MSG_PEER_OURS, .trusted = (v->peer & MSG_PEER_UNIX) && (v->peer & MSG_PEER_OURS),
		.secret = net_stream_private(v->stream), .tls = !strcmp(transport, "tls") || !strcmp(transport, "wss") || !strcmp(transport, "ws"),
	};
	v->offer.types = v->offered;
	v->offer.n = offer_types(v->offered, v->w->config, &s->means, &peer);
	v->offer.rsa = s->rsa;
	v->offer.password_only = !s->means.users;
	v->offer.tight = true;
	v->offer.check_all = asking_is_needed(v);
	v->offer.refusal = s->means.vnc || s->means.users ? "no security type is left for this connection"
		: "this server takes only its own user without a password";
}

static void send_out(struct viewer *v, struct wire_buf *out)
{
	if (out->bad)
		v->out.bad = true;
	outq_put(&v->out, out->data, out->len);
	wire_buf_fini(out);
}

static const char not_allowed[] = "this server's rules do not let you in";
static const char too_many[] = "too many failed attempts: try again later";

/* As many are here as may be; those who have to go for somebody else are not. */
static bool is_full(const struct worker *w)
{
	unsigned n = 0;
	for (const struct viewer *v = w->viewers; v; v = v->next)
		n += v->phase != VIEWER_HANDSHAKE && !v->doomed;
	return n >= w->config->max_viewers;
}

int handshake_begin(struct viewer *v)
{
	struct wire_buf out = { 0 };
	choose_types(v);
	v->handshake = rfb_server_new(&v->offer);
	if (!v->handshake)
		return -1;
	rfb_server_start(v->handshake, &out);
	guard_crowd(v);
	if (is_full(v->w) && v->w->config->sharing != SHARE_EXCLUSIVE)	/* it may want to be alone */
		rfb_server_refuse(v->handshake, &out, "too many viewers");
	else if (rights_denied(v, NULL))
		rfb_server_refuse(v->handshake, &out, not_allowed);
	else if (v->offer.n && guard_blocks(v)) {
		account_auth(auth_type_info(v->offer.types[0])->name, STAT_AUTH_BLOCKED);
		rfb_server_refuse(v->handshake, &out, too_many);
	}
	send_out(v, &out);
	return 0;
}

/* The verdict is there: counts it, logs it, and tells the handshake. */
static void decide(struct viewer *v, bool ok, enum auth_rights rights)
{
	const struct auth_check *check = rfb_server_check(v->handshake);
	const char *type = auth_type_info(check->type)->name;
	const struct cli_event e = { .event = "auth", .viewer = v->id, .address = v->address,
				     .user = check->user[0] ? check->user : NULL };
	const bool denied = ok && rights_denied(v, check->user);
	guard_note(v, ok && !denied);
	account_auth(type, ok ? STAT_AUTH_OK : STAT_AUTH_FAILED);
	if (denied) {		/* to the viewer a wrong password: a right one is nobody's business whom it does not let in */
		char why[RIGHTS_DENIAL];
		cli_log_event(CLI_WARN, &e, "%s: the password is right, but %s", type, rights_denial(v, why));
		rfb_server_checked(v->handshake, false, rights, NULL);
		return;
	}
	cli_log_event(ok ? CLI_INFO : CLI_WARN, &e, "%s: %s", type,
		      !ok ? "wrong password" : rights == AUTH_FULL ? "full access" : "view-only access");
	if (ok && asking_is_needed(v))
		asking_begin(v, rights);
	else
		rfb_server_checked(v->handshake, ok, rights, NULL);
}

static void block(struct viewer *v)
{
	account_auth(auth_type_info(rfb_server_check(v->handshake)->type)->name, STAT_AUTH_BLOCKED);
	rfb_server_checked(v->handshake, false, AUTH_VIEW, too_many);
}

/* Verifies what the viewer showed, here or, for users, in the monitor. False: the verdict comes later. */
static bool verify(struct viewer *v)
{
	const struct auth_check *check = rfb_server_check(v->handshake);
	const struct secrets *s = &v->w->secrets;
	enum auth_rights rights = AUTH_VIEW;
	if (guard_blocks(v)) {
		block(v);
		return true;
	}
	if (check->proof == AUTH_PROVES_NOTHING) {
		asking_begin(v, AUTH_FULL);
		return false;
	}
	if (check->proof == AUTH_PROVES_VNC || !s->means.users) {
		const bool ok = check->proof == AUTH_PROVES_VNC ? auth_vnc_check(&s->vnc, check, &rights)
			: auth_vnc_check_password(&s->vnc, check->password, &rights);
		decide(v, ok, rights);
		return !v->asking;
	}
	checks_add(v);
	return false;
}

void handshake_checked(struct viewer *v, unsigned verdict)
{
	v->checking = CHECK_NONE;
	if (verdict == VERDICT_BLOCKED)
		block(v);
	else
		decide(v, verdict != VERDICT_NO, verdict == VERDICT_FULL ? AUTH_FULL : AUTH_VIEW);
	handshake_feed(v);
	viewer_flush(v);
}

/* Applies -x. False: this viewer cannot come in now. */
static bool may_share(struct viewer *v, bool shared)
{
	struct worker *w = v->w;
	bool others = false, alone = false;
	v->shared = shared || w->config->sharing == SHARE_ALL;
	for (struct viewer *o = w->viewers; o; o = o->next)
		if (o != v && o->phase != VIEWER_HANDSHAKE && !o->doomed) {
			others = true;
			alone = alone || !o->shared;
		}
	if (!others || w->config->sharing == SHARE_ALL)
		return true;
	if (w->config->sharing == SHARE_FIRST)
		return v->shared && !alone;
	for (struct viewer *o = w->viewers; o; o = o->next)
		if (o != v && o->phase != VIEWER_HANDSHAKE && (!v->shared || !o->shared))
			viewer_end(o, STAT_KICKED, "viewer %u wants to be alone", v->id);
	return true;
}

static void come_in(struct viewer *v)
{
	struct worker *w = v->w;
	const struct rfb_server_info *info = rfb_server_info(v->handshake);
	snprintf(v->user, sizeof v->user, "%s", info->user);
	v->rights = info->rights;
	if (!rights_begin(v)) {
		char why[RIGHTS_DENIAL];
		viewer_end(v, STAT_REFUSED, "%s", rights_denial(v, why));
		return;
	}
	if (!may_share(v, info->shared)) {
		viewer_end(v, STAT_REFUSED, "another viewer is alone here");
		return;
	}
	if (is_full(w)) {
		viewer_end(v, STAT_REFUSED, "too many viewers");
		return;
	}
	w->n_handshakes--;
	v->phase = VIEWER_WAITING;
	w->had_viewer = true;
	limits_begin(v);
	ev_timer_stop(w->loop, &v->deadline);
	account_came_in(v);
	struct cli_event e = { .event = "join", .viewer = v->id, .address = v->address, .user = info->user[0] ? info->user : NULL };
	cli_log_event(CLI_INFO, &e, "came in by %s (RFB 3.%u, %s)", auth_type_info(info->type)->name, info->minor,
		      viewer_rights(v) & FBS_RIGHT_INPUT ? "full access" : "view-only");
	if (w->screen.ready)
		handshake_finish(v);
}

static void give_up(struct viewer *v)
{
	snprintf(v->why_refused, sizeof v->why_refused, "%s", rfb_server_reason(v->handshake));
	v->refusal = v->why_refused;
	v->closing = true;
}

/* A step has consumed bytes, answered and said what happened. True: another may follow. */
static bool follow(struct viewer *v, size_t used, struct wire_buf *out, enum rfb_server_event event)
{
	memmove(v->in, v->in + used, v->in_len - used);
	explicit_bzero(v->in + v->in_len - used, used);	/* it may have been a password */
	v->in_len -= used;
	send_out(v, out);
	switch (event) {
	case RFB_SERVER_MORE:
		return used > 0;
	case RFB_SERVER_CHECK:
		return verify(v);
	case RFB_SERVER_READY:
		come_in(v);
		break;
	case RFB_SERVER_FAILED:
		give_up(v);
		break;
	case RFB_SERVER_TLS:
	case RFB_SERVER_AES:
		upgrade_ask(v, event);
		break;
	}
	return false;
}

/* --- steps that are taken aside ----------------------------------------------------------------- */

/* Meanwhile the loop only appends to v->in, and does not free the viewer (viewers_tidy). */
static void step_aside(struct net_job *j)
{
	struct viewer_step *s = (struct viewer_step *)j;
	s->used = rfb_server_step(s->v->handshake, s->v->in, s->n, &s->out, &s->event);
}

static void step_is_over(struct net_job *j)
{
	struct viewer_step *s = (struct viewer_step *)j;
	struct viewer *v = s->v;
	struct wire_buf out = s->out;
	s->out = (struct wire_buf){ 0 };
	s->busy = false;
	if (v->doomed) {
		v->w->any_doomed = true;
		explicit_bzero(v->in, v->in_len);
		wire_buf_fini(&out);
		return;
	}
	const bool more = v->in_len > s->n;	/* came meanwhile */
	if (follow(v, s->used, &out, s->event) || more)
		handshake_feed(v);
	viewer_go_on(v);
}

static void take_aside(struct viewer *v)
{
	v->step = (struct viewer_step){ .job = { .run = step_aside, .over = step_is_over }, .v = v, .busy = true, .n = v->in_len };
	net_aside_submit(v->w->aside, &v->step.job);
}

/* What it says first, in the clear: a browser that was slow gets more time for its next connection, a viewer none. */
static void note_habit(struct viewer *v)
{
	if (v->in_len < 4 || v->habit_noted)
		return;
	v->habit_noted = true;
	const enum net_sniff what = net_sniff(v->in, v->in_len);
	if (!net_stream_is_plain(v->stream))
		return;
	if (what == NET_SNIFF_HTTP || what == NET_SNIFF_TLS)
		habits_note(&v->w->habits, v->address, HABIT_HTTP, io_now());
	else if (!memcmp(v->in, "RFB ", 4))
		habits_note(&v->w->habits, v->address, HABIT_RFB, io_now());
}

void handshake_feed(struct viewer *v)
{
	struct wire_buf out = { 0 };
	enum rfb_server_event event;
	size_t used;
	if (v->checking || v->asking || v->upgrade || v->step.busy)
		return;
	note_habit(v);
	do {
		if (rfb_server_is_costly(v->handshake, v->in, v->in_len)) {
			take_aside(v);
			return;
		}
		used = rfb_server_step(v->handshake, v->in, v->in_len, &out, &event);
	} while (follow(v, used, &out, event));
}

void handshake_finish(struct viewer *v)
{
	struct worker *w = v->w;
	struct wire_buf out = { 0 };
	const char *name = worker_name(w);
	const struct rfb_server_info *info = rfb_server_info(v->handshake);
	const pixman_box32_t frame = viewer_frame(v);
	v->w_sent = (uint16_t)(frame.x2 - frame.x1);
	v->h_sent = (uint16_t)(frame.y2 - frame.y1);
	rfb_put_server_init(&out, v->w_sent, v->h_sent, &v->format, name, strlen(name));
	if (info->tight)
		rfb_put_tight_capabilities(&out);
	send_out(v, &out);
	v->counts_rects = info->minor == 3;
	rfb_server_free(v->handshake);
	v->handshake = NULL;
	v->phase = VIEWER_RUNNING;
	picture_reset(&v->pic, w->screen.w, w->screen.h);
	viewer_blank(v);
	quality_choose(v);
	v->joined = true;
	input_join(&w->input, v->id, viewer_rights(v), v->address);
}
