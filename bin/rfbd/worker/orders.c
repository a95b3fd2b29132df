/* What the monitor says to the worker: descriptors, secrets, verdicts, the end. */
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "console.h"
#include "entry/arrival.h"
#include "entry/asking.h"
#include "entry/checks.h"
#include "msgpass.h"
#include "viewer/viewer.h"

static void take_secrets(struct worker *w, struct msg *m)
{
	secrets_set_vnc(&w->secrets, m->text, m->len);
	explicit_bzero(m->text, sizeof m->text);
}

static void take_pem(struct worker *w, uint32_t which, int fd)
{
	struct pem *const to[] = { [PEM_CERT] = &w->secrets.cert, [PEM_KEY] = &w->secrets.key, [PEM_CA] = &w->secrets.ca };
	if (which <= PEM_CA)
		secrets_take_pem(to[which], fd);
	else
		close(fd);
}

static void take_rule(struct worker *w, const struct msg *m)
{
	if (m->arg < RULES_MAX && m->len == sizeof w->next_rules.rule[0])
		memcpy(&w->next_rules.rule[m->arg], m->text, m->len);
}

static void use_rules(struct worker *w, uint32_t n)
{
	w->next_rules.n = n < RULES_MAX ? n : RULES_MAX;
	w->rules = w->next_rules;
	rights_reload(w);
}

static void open_viewer(struct worker *w, int fd, const struct msg *m)
{
	if (w->web || w->secrets.tls) {
		arrival_open(w, fd, m->arg, m->text);
		return;
	}
	struct net_stream *stream = net_stream_plain(fd);
	if (stream) {
		viewer_open(w, stream, m->arg, m->text, "");
	} else {
		cli_log(CLI_ERROR, "%s: no memory for another viewer", m->text);
		close(fd);
	}
}

static void act(struct worker *w, struct msg *m, int fd)
{
	switch (m->type) {
	case MSG_SOURCE:
		if (fd >= 0 && m->arg == SOURCE_SOCKET)
			newcomer_open(w, fd);
		else if (fd >= 0)
			source_open(&w->source, fd, (enum msg_source)m->arg);
		return;
	case MSG_VIEWER:
		if (fd >= 0)
			open_viewer(w, fd, m);
		return;
	case MSG_INPUT:
		if (fd >= 0)
			input_open(&w->input, INPUT_CHILD, fd);
		return;
	case MSG_SECRETS:
		take_secrets(w, m);
		break;
	case MSG_PEM:
		if (fd >= 0)
			take_pem(w, m->arg, fd);
		return;
	case MSG_CERTIFICATE:
		secrets_use_certificate(&w->secrets);
		break;
	case MSG_VERDICT:
		checks_verdict(w, m->arg, m->len ? (uint8_t)m->text[0] : VERDICT_NO);
		break;
	case MSG_RULE:
		take_rule(w, m);
		break;
	case MSG_RULES:
		use_rules(w, m->arg);
		break;
	case MSG_CONSENT:
		asking_answer(w, m->arg, m->len ? (uint8_t)m->text[0] : CONSENT_NO);
		break;
	case MSG_CONSOLE:
		if (fd >= 0)
			console_open(w, fd);
		return;
	case MSG_RELOADED:
		consoles_reloaded(w, m->arg == 1);
		break;
	case MSG_STOP:
		worker_stop(w, "the server ends");
		break;
	}
	if (fd >= 0)
		close(fd);
}

void worker_on_monitor(struct ev_loop *loop, ev_io *io, int events)
{
	struct worker *w = io->data;
	struct msg m;
	int fd, rc;
	(void)events;
	while ((rc = msg_recv(io->fd, &m, &fd)) > 0)
		act(w, &m, fd);
	if (rc < 0 && errno == EAGAIN)
		return;
	ev_io_stop(loop, io);		/* no monitor, no worker */
	worker_stop(w, "the server ends");
}
