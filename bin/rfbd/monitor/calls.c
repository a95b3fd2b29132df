/* A call is a process of its own, which looks the name up, waits, and hands the connection to the worker itself. */
#include "calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "monitor.h"
#include "msgpass.h"
#include "net/listen.h"

enum { REPEATER_HELLO = 250 };	/* "ID:" and the ID, filled up with NULs */
static const int64_t patience_us = 20000000;

/* Tells a repeater which viewers this connection is for. 0, or -1 and errno. */
static int introduce(int fd, const char *id, int64_t deadline)
{
	char hello[REPEATER_HELLO] = "ID:";
	strcpy(hello + 3, id);
	return io_write_full(fd, hello, sizeof hello, deadline);
}

static _Noreturn void make_call(const struct caller *caller)
{
	const struct call *call = &caller->m->config->calls[caller->i];
	const int64_t deadline = io_now() + patience_us;
	const char *option = call->id[0] ? "--repeater" : "--connect", *why = NULL;
	const int fd = net_connect(&call->to, deadline, &why);
	if (fd < 0 || (call->id[0] && introduce(fd, call->id, deadline) < 0)) {
		cli_log(CLI_INFO, "%s %s: %s; trying again", option, call->text, why ? why : strerror(errno));
		_exit(CLI_NO);
	}
	cli_log(CLI_INFO, call->id[0] ? "waiting for viewers at the repeater of %s" : "connected to %s", call->text);
	/* whom we chose to call is as good as one of our own; who comes by a repeater was chosen by nobody here */
	monitor_send_viewer(caller->m, fd, (call->id[0] ? MSG_PEER_REPEATER : MSG_PEER_OURS | MSG_PEER_CALLED) | caller->i << MSG_PEER_CALL_SHIFT);
	_exit(CLI_OK);
}

static void start_call(struct child *c)
{
	const pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		cli_die_errno("fork");
	if (pid > 0) {
		setpgid(pid, pid);
		child_watch(c, pid);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (getppid() != parent)
		_exit(CLI_SYSTEM);
	make_call(c->arg);
}

void calls_check(const struct monitor *m)
{
	for (unsigned i = 0; i < m->config->n_calls; i++)
		if (m->config->calls[i].id[0] && !m->authenticates && !m->config->insecure)
			cli_misuse("--repeater needs authentication: give -p FILE (or --insecure)");
}

void calls_begin(struct monitor *m)
{
	for (unsigned i = 0; i < m->config->n_calls; i++) {
		struct caller *c = &m->calls.caller[i];
		c->m = m;
		c->i = i;
		child_init(&c->child, "a call", start_call, c);
		c->child.once = true;
		child_want(&c->child);
	}
}

void calls_again(struct monitor *m, uint32_t i)
{
	if (i < m->config->n_calls && m->config->calls[i].id[0] && !m->stopping)
		child_want_later(&m->calls.caller[i].child);
}

void calls_end(struct monitor *m)
{
	for (unsigned i = 0; i < m->config->n_calls; i++)
		child_drop(&m->calls.caller[i].child, SIGKILL);
	for (unsigned i = 0; i < m->config->n_calls; i++)
		child_reap(&m->calls.caller[i].child, 1);
}
