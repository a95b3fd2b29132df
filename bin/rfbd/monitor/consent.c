/* Running the --accept command: few at once, each in a process group of its own that ends with its time. */
#include "consent.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "monitor.h"
#include "msgpass.h"
#include "packet.h"

enum { AT_ONCE_MAX = 4 };	/* who wants more windows on a screen than these wants them only to be clicked away */

struct question {
	struct question *next;
	struct monitor *m;
	uint32_t id;
	pid_t pid;
	bool late;			/* we ended it: what it says is of no interest any more */
	ev_child child;
	ev_timer timeout;
};

static void answer(struct monitor *m, uint32_t id, enum consent a)
{
	const uint8_t byte = (uint8_t)a;
	msg_send(m->worker_fd, MSG_CONSENT, id, &byte, 1, -1);
}

/* --- the command --------------------------------------------------------------------------------- */

/* In the child: the facts become its environment. */
static void tell_all(uint32_t id, char facts[FACTS][PACKET_FACT_MAX + 1])
{
	static const char *const names[FACTS] = {
		[FACT_ADDRESS] = "RFB_ADDRESS", [FACT_USER] = "RFB_USER", [FACT_SECURITY] = "RFB_SECURITY",
		[FACT_TRANSPORT] = "RFB_TRANSPORT", [FACT_RIGHTS] = "RFB_RIGHTS", [FACT_DISPLAY] = "RFB_DISPLAY",
	};
	char number[16];
	snprintf(number, sizeof number, "%u", id);
	setenv("RFB_VIEWER", number, 1);
	for (unsigned i = 0; i < FACTS; i++)
		setenv(names[i], facts[i], 1);
}

static pid_t run(const struct monitor *m, uint32_t id, char facts[FACTS][PACKET_FACT_MAX + 1])
{
	char *argv[] = { "sh", "-c", (char *)(uintptr_t)m->config->accept_command, NULL };
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const pid_t parent = getpid(), pid = null < 0 ? -1 : fork();
	if (pid == 0) {
		tell_all(id, facts);
		child_become(argv, null, STDERR_FILENO, parent);
	}
	if (pid > 0)
		setpgid(pid, pid);
	if (null >= 0)
		close(null);
	return pid;
}

/* --- its end -------------------------------------------------------------------------------------- */

static struct question **find(struct monitor *m, uint32_t id)
{
	struct question **at = &m->questions;
	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void end(struct question *q)
{
	kill(-q->pid, SIGTERM);
}

static enum consent meaning(const struct question *q, int status)
{
	if (q->late)
		return CONSENT_LATE;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 2)
		cli_log(CLI_WARN, "the --accept command ended with %s %d", WIFEXITED(status) ? "status" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (!WIFEXITED(status))
		return CONSENT_NO;
	return WEXITSTATUS(status) == 0 ? CONSENT_FULL : WEXITSTATUS(status) == 2 ? CONSENT_VIEW : CONSENT_NO;
}

static void on_exit_of_command(struct ev_loop *loop, ev_child *child, int events)
{
	struct question *q = child->data, **at = find(q->m, q->id);
	(void)events;
	ev_child_stop(loop, child);
	ev_timer_stop(loop, &q->timeout);
	end(q);		/* what it left behind */
	answer(q->m, q->id, meaning(q, child->rstatus));
	*at = q->next;
	free(q);
}

/* TERM, and two seconds later KILL. */
static void give_up(struct question *q)
{
	kill(-q->pid, q->late ? SIGKILL : SIGTERM);
	q->late = true;
	ev_timer_stop(EV_DEFAULT, &q->timeout);
	ev_timer_set(&q->timeout, 2, 0);
	ev_timer_start(EV_DEFAULT, &q->timeout);
}

static void on_timeout(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	give_up(t->data);
}

/* --- asking ------------------------------------------------------------------------------------------ */

void consent_start(struct monitor *m, uint32_t id, const char *text, size_t len)
{
	char facts[FACTS][PACKET_FACT_MAX + 1];
	struct question *q;
	unsigned n = 0;
	if (!m->config->accept_command)
		return;
	for (q = m->questions; q; q = q->next)
		n++;
	if (n >= AT_ONCE_MAX) {
		answer(m, id, CONSENT_BUSY);
		return;
	}
	if (!packet_facts_parse(facts, text, len)) {
		cli_log(CLI_WARN, "the worker asks about nobody");
		answer(m, id, CONSENT_NO);
		return;
	}
	q = calloc(1, sizeof *q);
	const pid_t pid = q ? run(m, id, facts) : -1;
	if (pid < 0) {
		cli_log(CLI_ERROR, "cannot run the --accept command: %s", strerror(errno));
		answer(m, id, CONSENT_NO);
		free(q);
		return;
	}
	*q = (struct question){ .next = m->questions, .m = m, .id = id, .pid = pid };
	m->questions = q;
	ev_child_init(&q->child, on_exit_of_command, pid, 0);
	ev_timer_init(&q->timeout, on_timeout, m->config->accept_seconds, 0);
	q->child.data = q->timeout.data = q;
	ev_child_start(EV_DEFAULT, &q->child);
	ev_timer_start(EV_DEFAULT, &q->timeout);
}

void consent_stop(struct monitor *m, uint32_t id)
{
	struct question *q = *find(m, id);
	if (q && !q->late)
		give_up(q);
}

void consent_end(struct monitor *m)
{
	for (struct question *q = m->questions, *next; q; q = next) {
		next = q->next;
		kill(-q->pid, SIGKILL);
		waitpid(q->pid, NULL, 0);
		free(q);
	}
	m->questions = NULL;
}
