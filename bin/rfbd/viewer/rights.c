/* What a viewer may do, and what it gets at most: by the command line, its password, the rules, and who controls this rfbd.
 * All of it may change while it is here. */
#include "viewer.h"

#include <stdio.h>
#include <string.h>

#include "account.h"
#include "cli/cli.h"
#include "io/io.h"

uint32_t viewer_rights(const struct viewer *v)
{
	const struct config *c = v->w->config;
	const uint32_t all = FBS_RIGHT_INPUT | (c->clip_in ? FBS_RIGHT_CLIP_IN : 0) | (c->clip_out ? FBS_RIGHT_CLIP_OUT : 0) |
		(c->resizing == RESIZE_SCREEN ? FBS_RIGHT_RESIZE : 0);
	if (c->view_only || v->told == TOLD_VIEW)
		return 0;
	if (v->told == TOLD_CONTROL)
		return all;
	return v->rights == AUTH_FULL ? all & v->allowed : 0;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* Rules say nothing about it. */
static void allow_all(struct viewer *v)
{
	v->allowed = UINT32_MAX;
	v->rule_line = 0;
	v->limits = (struct cli_limits){ 0 };
}

static enum rules_answer find(const struct viewer *v, const char *user, const struct rule **rule)
{
	struct rule_address from;
	rule_address_parse(&from, v->address);
	from.is_unix = from.is_unix || (v->peer & MSG_PEER_UNIX);
	return rules_find(&v->w->rules, &from, user, rule);
}

bool rights_denied(struct viewer *v, const char *user)
{
	const struct rule *r = NULL;
	if (!v->w->config->rules_file)
		return false;
	const enum rules_answer answer = find(v, user, &r);
	if (answer == RULES_LATER || (answer == RULES_FOUND && !r->deny))
		return false;
	v->rule_line = r ? r->line : 0;
	return true;
}

static void log_rule(const struct viewer *v)
{
	char text[CLI_LIMITS_TEXT];
	const char *limits = cli_limits_text(&v->limits, text, sizeof text);
	const struct cli_event e = { .event = "rights", .viewer = v->id, .address = v->address, .user = v->user[0] ? v->user : NULL };
	if (v->rule_line)
		cli_log_event(CLI_INFO, &e, "rule of line %u: %s%s%s", v->rule_line,
			      viewer_rights(v) & FBS_RIGHT_INPUT ? "control" : "view-only", *limits ? ", " : "", limits);
}

bool rights_begin(struct viewer *v)
{
	const struct rule *r = NULL;
	allow_all(v);
	if (!v->w->config->rules_file)
		return true;
	if (find(v, v->user, &r) != RULES_FOUND || r->deny) {
		v->rule_line = r ? r->line : 0;
		return false;
	}
	v->allowed = r->rights;
	v->rule_line = r->line;
	v->limits = r->limits;
	throttle_set(&v->throttle, r->limits.millifps, r->limits.rate, io_now());
	log_rule(v);
	return true;
}

const char *rights_denial(const struct viewer *v, char out[RIGHTS_DENIAL])
{
	if (v->rule_line)
		snprintf(out, RIGHTS_DENIAL, "denied by the rule of line %u", v->rule_line);
	else
		snprintf(out, RIGHTS_DENIAL, "no rule lets it in");
	return out;
}

/* --- while it is here --------------------------------------------------------------------------- */

void rights_changed(struct viewer *v)
{
	if (v->joined) {
		input_join(&v->w->input, v->id, viewer_rights(v), v->address);
		input_flush(&v->w->input);
	}
	account_rights(v);
}

static bool same_region(const struct cli_limits *a, const struct cli_limits *b)
{
	return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

/* It sees another part from now on; what it asked for means the same place in its framebuffer. */
static void move_view(struct viewer *v, const pixman_box32_t *before)
{
	const pixman_box32_t now = viewer_frame(v);
	const int dx = now.x1 - before->x1, dy = now.y1 - before->y1;
	pixman_box32_t *const boxes[] = { &v->asked_box, &v->continuous_box };
	for (unsigned i = 0; i < 2; i++) {
		boxes[i]->x1 += dx;
		boxes[i]->x2 += dx;
		boxes[i]->y1 += dy;
		boxes[i]->y2 += dy;
	}
	picture_reset(&v->pic, v->w->screen.w, v->w->screen.h);
	v->due |= DUE_POINTER | DUE_LAYOUT;
	viewer_blank(v);
}

static void reload_one(struct viewer *v)
{
	const uint32_t rights = viewer_rights(v), line = v->rule_line;
	const struct cli_limits limits = v->limits;
	const pixman_box32_t frame = viewer_frame(v);
	char why[RIGHTS_DENIAL];
	const struct rule *r = NULL;
	if (find(v, v->user, &r) != RULES_FOUND || r->deny) {
		v->rule_line = r ? r->line : 0;
		viewer_end(v, STAT_KICKED, "%s", rights_denial(v, why));
		return;
	}
	v->allowed = r->rights;
	v->rule_line = r->line;
	v->limits = r->limits;
	throttle_set(&v->throttle, r->limits.millifps, r->limits.rate, io_now());
	limits_begin(v);
	account_limits(v);
	if (!same_region(&limits, &v->limits) && v->phase == VIEWER_RUNNING)
		move_view(v, &frame);
	if (viewer_rights(v) != rights)
		rights_changed(v);
	if (v->rule_line != line || memcmp(&limits, &v->limits, sizeof limits) != 0 || viewer_rights(v) != rights)
		log_rule(v);
	viewer_resume(v);
}

void rights_reload(struct worker *w)
{
	for (struct viewer *v = w->viewers, *next; v; v = next) {
		next = v->next;
		if (v->phase != VIEWER_HANDSHAKE && !v->doomed)
			reload_one(v);
	}
	w->interest_stale = true;
}
