#include "asking.h"

#include <stdio.h>
#include <string.h>

#include "auth/types.h"
#include "cli/cli.h"
#include "guard.h"
#include "packet.h"
#include "viewer/viewer.h"

bool asking_is_needed(const struct viewer *v)
{
	const bool own_socket = (v->peer & MSG_PEER_UNIX) && (v->peer & MSG_PEER_OURS);
	return v->w->config->accept_command && !own_socket && !(v->peer & MSG_PEER_CALLED);
}

void asking_begin(struct viewer *v, enum auth_rights rights)
{
	const struct auth_check *check = rfb_server_check(v->handshake);
	const struct worker *w = v->w;
	const struct fbs_screen *screen = &w->source.screen;
	const bool here = screen->kind == FBS_LIVE && memcmp(screen->boot_id, w->config->boot_id, 16) == 0;
	const char *const fact[FACTS] = {
		[FACT_ADDRESS] = v->address, [FACT_USER] = check->user, [FACT_SECURITY] = auth_type_info(check->type)->name,
		[FACT_TRANSPORT] = net_stream_transport(v->stream),
		[FACT_RIGHTS] = rights == AUTH_FULL && !w->config->view_only ? "full" : "view",
		[FACT_DISPLAY] = here ? w->source.display : "",
	};
	char facts[MSG_TEXT_MAX];
	const size_t n = packet_facts_put(facts, fact);
	v->asked_rights = rights;
	v->asking = true;
	ev_timer_stop(w->loop, &v->deadline);	/* a person may take longer than a viewer */
	if (msg_send(w->monitor_fd, MSG_ASK, v->id, facts, n, -1) < 0)
		viewer_doom(v, "--accept: nobody can be asked");
}

void asking_answer(struct worker *w, uint32_t id, unsigned answer)
{
	static const char *const refusal[CONSENTS] = {
		[CONSENT_NO] = "you were not let in", [CONSENT_LATE] = "nobody answered whether to let you in",
		[CONSENT_BUSY] = "too many others wait to be let in: try again later",
	};
	struct viewer *v = w->viewers;
	while (v && v->id != id)
		v = v->next;
	if (!v || !v->asking || v->doomed)
		return;
	v->asking = false;
	ev_timer_start(w->loop, &v->deadline);
	const char *why = answer < CONSENTS ? refusal[answer] : refusal[CONSENT_NO];
	const enum auth_rights rights = answer == CONSENT_VIEW ? AUTH_VIEW : v->asked_rights;
	const struct cli_event e = { .event = "consent", .viewer = v->id, .address = v->address };
	cli_log_event(CLI_INFO, &e, "--accept: %s", why ? why : rights == AUTH_FULL ? "let in" : "let in to watch");
	if (answer == CONSENT_NO)
		guard_note(v, false);	/* who is turned away may not knock for ever */
	rfb_server_checked(v->handshake, !why, rights, why);
	handshake_feed(v);
	viewer_flush(v);
}

void asking_forget(struct viewer *v)
{
	if (v->asking)
		msg_send(v->w->monitor_fd, MSG_ASK_OVER, v->id, NULL, 0, -1);
}
