/* The monitor: starts the worker and answers it, reads secrets anew on SIGHUP, ends in order. It ends when the
 * worker ends, and takes care that nothing that it started outlives it. */
#include "monitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "consent.h"
#include "msgpass.h"
#include "rulefile.h"
#include "secretfiles.h"
#include "verify.h"
#include "worker/worker.h"

/* --- secrets ------------------------------------------------------------------------------ */

static void on_verdict(void *arg, uint32_t viewer, unsigned verdict)
{
	struct monitor *m = arg;
	const uint8_t byte = (uint8_t)verdict;
	msg_send(m->worker_fd, MSG_VERDICT, viewer, &byte, 1, -1);
}

/* --- the worker -------------------------------------------------------------------------------- */

static void act(struct monitor *m, const struct msg *msg)
{
	switch (msg->type) {
	case MSG_READY:
		listening_begin(m);
		break;
	case MSG_WANT_INPUT:
		if (msg->len > FBS_TEXT_MAX || m->config->view_only)
			break;
		memcpy(m->display, msg->text, msg->len);
		m->display[msg->len] = '\0';
		child_want(&m->input);
		break;
	case MSG_CHECK:
		verify_start(m->config, msg->arg, msg->text, msg->len, on_verdict, m);
		break;
	case MSG_ASK:
		consent_start(m, msg->arg, msg->text, msg->len);
		break;
	case MSG_ASK_OVER:
		consent_stop(m, msg->arg);
		break;
	case MSG_RELOAD:
		msg_send(m->worker_fd, MSG_RELOADED, monitor_reload(m) ? 1 : 0, NULL, 0, -1);
		break;
	case MSG_END:
		monitor_stop(m);
		break;
	case MSG_CALL_OVER:
		calls_again(m, msg->arg);
		break;
	case MSG_SOURCE_DAMAGED:
		if (m->source.pid)
			kill(-m->source.pid, SIGTERM);	/* and starts anew */
		break;
	case MSG_DROP_INPUT:
		child_drop(&m->input, 0);	/* its stdin ends: it lets go of what is held, and goes */
		break;
	}
}

static void on_worker(struct ev_loop *loop, ev_io *io, int events)
{
	struct monitor *m = io->data;
	struct msg msg;
	int passed, rc;
	(void)events;
	while ((rc = msg_recv(io->fd, &msg, &passed)) > 0) {
		if (passed >= 0)
			close(passed);
		act(m, &msg);
		explicit_bzero(msg.text, msg.len);
	}
	if (rc == 0 || errno != EAGAIN) {
		ev_io_stop(loop, io);	/* it is ending: its exit status comes */
		child_drop(&m->input, 0);
	}
}

static void on_worker_exit(struct ev_loop *loop, ev_child *w, int events)
{
	struct monitor *m = w->data;
	(void)events;
	m->worker_status = w->rstatus;
	m->worker_pid = 0;
	ev_break(loop, EVBREAK_ALL);
}

static void on_patience(struct ev_loop *loop, ev_timer *t, int events)
{
	struct monitor *m = t->data;
	(void)loop;
	(void)events;
	if (m->worker_pid)
		kill(m->worker_pid, SIGKILL);
}

void monitor_stop(struct monitor *m)
{
	if (m->stopping)
		return;
	m->stopping = true;
	child_drop(&m->source, 0);	/* one that has ended is not started again for a worker that goes */
	listening_accept(m, false);
	msg_send(m->worker_fd, MSG_STOP, 0, NULL, 0, -1);
	ev_timer_set(&m->patience, 3, 0);
	ev_timer_start(EV_DEFAULT, &m->patience);
}

static void on_stop(struct ev_loop *loop, ev_signal *s, int events)
{
	(void)loop;
	(void)events;
	monitor_stop(s->data);
}

/* Without its source, -e has nothing to show, ever. */
static void source_given_up(struct child *c, int status)
{
	struct monitor *m = c->arg;
	m->failed = status == CLI_MISUSE ? CLI_MISUSE : CLI_SYSTEM;
	monitor_stop(m);
}

bool monitor_reload(struct monitor *m)
{
	const bool secrets = secretfiles_send(m->config, m->worker_fd), rules = rulefile_send(m->config->rules_file, m->worker_fd);
	if (secrets && rules)
		cli_log(CLI_INFO, "reloaded");
	else
		cli_log(CLI_WARN, "%s", secrets ? "the rules that were in force before stay" : "what was in force before stays");
	return secrets && rules;
}

static void on_reload(struct ev_loop *loop, ev_signal *s, int events)
{
	(void)loop;
	(void)events;
	monitor_reload(s->data);
}

static void start_worker(struct monitor *m)
{
	int pair[2];
	pid_t parent = getpid();
	if (msg_pair(pair) < 0)
		cli_die_errno("socketpair");
	m->worker_pid = fork();
	if (m->worker_pid < 0)
		cli_die_errno("fork");
	if (m->worker_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(CLI_SYSTEM);
		close(pair[0]);
		listening_forget(m);
		if (m->config->notify_fd >= 0)
			close(m->config->notify_fd);
		exit(worker_run(m->config, pair[1]));
	}
	close(pair[1]);
	m->worker_fd = pair[0];
}

static void watch_signal(struct monitor *m, ev_signal *s, void (*act_on)(struct ev_loop *, ev_signal *, int), int sig)
{
	ev_signal_init(s, act_on, sig);
	s->data = m;
	ev_signal_start(EV_DEFAULT, s);
}

static void watch(struct monitor *m)
{
	watch_signal(m, &m->term, on_stop, SIGTERM);
	watch_signal(m, &m->intr, on_stop, SIGINT);
	watch_signal(m, &m->hup, on_reload, SIGHUP);
	ev_init(&m->patience, on_patience);
	m->patience.data = m;
	ev_child_init(&m->worker_child, on_worker_exit, m->worker_pid, 0);
	m->worker_child.data = m;
	ev_child_start(EV_DEFAULT, &m->worker_child);
	ev_io_init(&m->worker_io, on_worker, m->worker_fd, EV_READ);
	m->worker_io.data = m;
	ev_io_start(EV_DEFAULT, &m->worker_io);
	child_init(&m->input, m->config->input_command ? "the input command" : "fbinput", monitor_start_input, m);
	child_init(&m->source, "the source", monitor_start_source, m);
	m->source.given_up = source_given_up;
}

static int finish(struct monitor *m)
{
	listening_close(m);
	consent_end(m);
	child_drop(&m->source, SIGTERM);
	child_drop(&m->input, 0);
	calls_end(m);
	child_reap(&m->input, 1);
	child_reap(&m->source, 1);
	if (m->failed)
		return m->failed;
	if (WIFEXITED(m->worker_status))
		return WEXITSTATUS(m->worker_status);
	if (!m->stopping)
		cli_log(CLI_ERROR, "the worker was killed by signal %d", WTERMSIG(m->worker_status));
	return m->stopping ? CLI_OK : CLI_SYSTEM;
}

static void raise_descriptor_limit(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

int monitor_run(const struct config *config)
{
	struct monitor *m = calloc(1, sizeof *m);
	if (!m)
		cli_die_errno("cannot start");
	m->config = config;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);	/* it reads keys and passwords: no core of it, no tracing */
	raise_descriptor_limit();
	cli_stats_open("rfbd", "monitor");
	const struct offer_means means = secretfiles_open(config);
	char why[160];
	if (offer_check(config, &means, why, sizeof why))
		cli_misuse("%s", why);
	if (!rulefile_send(config->rules_file, -1))
		exit(CLI_NO);
	m->authenticates = offer_authenticates(config, &means);
	calls_check(m);
	listening_open(m);
	start_worker(m);
	if (!ev_default_loop(0))
		cli_die(CLI_SYSTEM, "no event loop");
	watch(m);
	if (!secretfiles_send(config, m->worker_fd) || !rulefile_send(config->rules_file, m->worker_fd)) {
		kill(m->worker_pid, SIGKILL);
		exit(CLI_SYSTEM);
	}
	if (config->source_command)
		child_want(&m->source);
	if (config->inetd)
		monitor_pass_stdin(m);
	calls_begin(m);
	ev_run(EV_DEFAULT, 0);
	int code = finish(m);
	cli_stats_close();
	free(m);
	return code;
}
