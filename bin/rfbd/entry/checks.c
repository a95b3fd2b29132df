/* Whose turn it is: the oldest in the list of viewers that may. Nobody is kept for longer than the handshake's deadline. */
#include "checks.h"

#include <errno.h>
#include <string.h>

#include "guard.h"
#include "msgpass.h"
#include "packet.h"
#include "viewer/viewer.h"

static void ask(struct viewer *v)
{
	const struct auth_check *check = rfb_server_check(v->handshake);
	char text[PACKET_CHECK_MAX];
	const size_t n = packet_check_put(text, check->user, check->password);
	const int rc = msg_send(v->w->monitor_fd, MSG_CHECK, v->id, text, n, -1);
	explicit_bzero(text, sizeof text);
	v->checking = CHECK_RUNS;
	if (rc == 0)
		v->w->n_checks++;
	else
		viewer_doom(v, "its password cannot be checked: %s", strerror(errno));
}

static void go_on(struct worker *w)
{
	for (struct viewer *v = w->viewers; v && w->n_checks < CHECKS_AT_ONCE; v = v->next) {
		if (v->checking != CHECK_WAITS || v->doomed)
			continue;
		if (guard_blocks(v))
			handshake_checked(v, VERDICT_BLOCKED);
		else if (!guard_busy(v))
			ask(v);
	}
}

void checks_add(struct viewer *v)
{
	v->checking = CHECK_WAITS;
	if (v->w->n_checks < CHECKS_AT_ONCE && !guard_busy(v))
		ask(v);
}

void checks_verdict(struct worker *w, uint32_t id, unsigned verdict)
{
	w->n_checks -= w->n_checks > 0;
	for (struct viewer *v = w->viewers; v; v = v->next)
		if (v->id == id && v->checking == CHECK_RUNS && !v->doomed) {
			handshake_checked(v, verdict);
			break;
		}
	go_on(w);
}
