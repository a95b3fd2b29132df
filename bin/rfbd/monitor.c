/* The monitor: listens, accepts, looks up who a peer is, reads the password file, runs children,
 * and hands descriptors to the worker. It ends when the worker ends, and takes care that
 * nothing that it started outlives it. */
#include "monitor.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/vncauth.h"
#include "children.h"
#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/listen.h"
#include "net/peer.h"
#include "secrets.h"
#include "verify.h"
#include "worker.h"

enum {
	LISTENERS_MAX = 64,
	ACCEPTS_PER_SECOND = 1000,	/* and as many at once; what comes faster waits in the kernel */
};
static const double breath = 0.1;	/* how long nothing is accepted then */

struct listening {
	struct monitor *m;
	struct net_listener l;
	enum purpose { FOR_VIEWERS, FOR_BROWSERS, FOR_SOURCES } purpose;
	ev_io io;
};

struct monitor {
	const struct config *config;
	struct listening listeners[LISTENERS_MAX];
	unsigned n_listeners;
	int worker_fd;
	pid_t worker_pid;
	int worker_status;
	bool stopping, accepting, failed;
	ev_io worker_io;
	ev_child worker_child;
	ev_signal term, intr, hup;
	ev_timer patience, retry_accept;
	double may_accept, counted_at;	/* a bucket of ACCEPTS_PER_SECOND, and when it was filled */
	struct child input, source, reverse;
	char display[FBS_TEXT_MAX + 1];
	bool authenticates;		/* a stranger has to prove something */
};

/* --- listeners ------------------------------------------------------------------------ */

static void on_accept(struct ev_loop *loop, ev_io *io, int events);
static void on_stop(struct ev_loop *loop, ev_signal *s, int events);
static void start_reverse(struct child *c);

static void set_accepting(struct monitor *m, bool on)
{
	m->accepting = on;
	for (unsigned i = 0; i < m->n_listeners; i++)
		if (on)
			ev_io_start(EV_DEFAULT, &m->listeners[i].io);
		else
			ev_io_stop(EV_DEFAULT, &m->listeners[i].io);
}

static void pass_viewer(struct listening *g, int fd)
{
	struct net_peer peer;
	if (net_peer_get(&peer, fd) < 0)
		return;		/* gone already */
	uint32_t flags = (peer.is_unix ? MSG_PEER_UNIX : 0) | (peer.is_unix || peer.is_loopback ? MSG_PEER_LOCAL : 0) |
		(net_peer_is_ours(&peer) ? MSG_PEER_OURS : 0) | (g->purpose == FOR_BROWSERS ? MSG_PEER_WEB : 0);
	if (msg_send(g->m->worker_fd, MSG_VIEWER, flags, peer.text, strlen(peer.text), fd) < 0)
		cli_log(CLI_WARN, "%s: cannot pass the connection on: %s", peer.text, strerror(errno));
}

static void pass_source(struct listening *g, int fd)
{
	struct ucred cred;
	socklen_t n = sizeof cred;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0 || (cred.uid != geteuid() && cred.uid != 0)) {
		cli_log(CLI_WARN, "%s: refused a connection of another user", g->l.text);
		return;
	}
	if (msg_send(g->m->worker_fd, MSG_SOURCE, SOURCE_SOCKET, NULL, 0, fd) < 0)
		cli_log(CLI_WARN, "%s: cannot pass the connection on: %s", g->l.text, strerror(errno));
}

static void on_retry_accept(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	set_accepting(t->data, true);
}

static void pause_accepting(struct monitor *m, double seconds)
{
	set_accepting(m, false);
	ev_timer_set(&m->retry_accept, seconds, 0);
	ev_timer_start(EV_DEFAULT, &m->retry_accept);
}

/* False when connections come faster than is good for those that are here. */
static bool may_accept(struct monitor *m, double now)
{
	m->may_accept += (now - m->counted_at) * ACCEPTS_PER_SECOND;
	m->counted_at = now;
	if (m->may_accept > ACCEPTS_PER_SECOND)
		m->may_accept = ACCEPTS_PER_SECOND;
	return m->may_accept >= 1;
}

static void on_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct listening *g = io->data;
	(void)events;
	for (int i = 0; i < 64; i++) {
		if (!may_accept(g->m, ev_now(loop))) {
			pause_accepting(g->m, breath);
			return;
		}
		struct sockaddr_storage from;
		socklen_t from_len = sizeof from;
		int fd = net_accept(&g->l, &from, &from_len);
		if (fd < 0) {
			if (errno == EAGAIN)
				return;
			/* out of descriptors or memory: trying at once would only spin */
			cli_log(CLI_WARN, "%s: cannot accept: %s", g->l.text, strerror(errno));
			pause_accepting(g->m, 1);
			return;
		}
		g->m->may_accept--;
		if (g->purpose == FOR_SOURCES)
			pass_source(g, fd);
		else
			pass_viewer(g, fd);
		close(fd);
	}
}

static void add_listener(struct monitor *m, const struct net_listener *l, enum purpose purpose)
{
	struct listening *g = &m->listeners[m->n_listeners];
	if (m->n_listeners == LISTENERS_MAX)
		cli_misuse("-l: too many addresses");
	g->m = m;
	g->l = *l;
	g->purpose = purpose;
	if (purpose != FOR_SOURCES && !g->l.local && !m->authenticates && !m->config->insecure)
		cli_misuse("listening on %s needs authentication: give -p FILE (or --insecure)", g->l.text);
	ev_io_init(&g->io, on_accept, g->l.fd, EV_READ);
	g->io.data = g;
	m->n_listeners++;
}

static void adopt_listeners(struct monitor *m)
{
	for (unsigned i = 0; i < m->config->n_listen_fds; i++) {
		struct net_listener l;
		if (net_listen_adopt(&l, m->config->listen_fds[i]) < 0)
			cli_misuse("--listen-fd: descriptor %d is no listening socket", m->config->listen_fds[i]);
		add_listener(m, &l, FOR_VIEWERS);
	}
}

static void listen_at(struct monitor *m, const struct net_address *a, enum purpose purpose)
{
	struct net_listener found[NET_LISTEN_MAX];
	int n = net_listen(found, NET_LISTEN_MAX, a);
	if (n < 0) {
		if (a->is_unix)
			cli_die_errno("cannot listen at unix:%s", a->host);
		else
			cli_die_errno("cannot listen on %s%sport %u", a->host, a->host[0] ? " " : "", a->port);
	}
	for (int i = 0; i < n; i++)
		add_listener(m, &found[i], purpose);
}

static void announce(const struct monitor *m)
{
	static const char *const what[] = { "listening on ", "the browser page is at http://", "taking sources at " };
	for (unsigned i = 0; i < m->n_listeners; i++)
		cli_log(CLI_INFO, "%s%s", what[m->listeners[i].purpose], m->listeners[i].l.text);
	cli_stat_set(STAT_LISTENING, 0, m->n_listeners);
	if (m->config->notify_fd >= 0) {
		if (write(m->config->notify_fd, "\n", 1) != 1)
			cli_log(CLI_WARN, "--notify-fd: %s", strerror(errno));
		close(m->config->notify_fd);
	}
}

/* --- secrets ------------------------------------------------------------------------------ */

static void on_verdict(void *arg, uint32_t viewer, unsigned verdict)
{
	struct monitor *m = arg;
	const uint8_t byte = (uint8_t)verdict;
	msg_send(m->worker_fd, MSG_VERDICT, viewer, &byte, 1, -1);
}

/* --- children ------------------------------------------------------------------------------- */

static void start_input(struct child *c)
{
	struct monitor *m = c->arg;
	int pair[2];
	char path[4096];
	char *shell[] = { "sh", "-c", (char *)(uintptr_t)m->config->input_command, NULL };
	char *own[] = { NULL, "-a", "-d", m->display, "-L", (char *)(uintptr_t)cli_log_level_name(),
			cli_log_is_json() ? "-J" : NULL, NULL };
	own[0] = (char *)(uintptr_t)child_program("fbinput", path, sizeof path);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    child_spawn(c, m->config->input_command ? shell : own, pair[1], pair[1]) < 0)
		cli_die_errno("cannot start %s", c->what);
	close(pair[1]);
	io_set_nonblock(pair[0], true);
	if (msg_send(m->worker_fd, MSG_INPUT, 0, NULL, 0, pair[0]) < 0)
		cli_log(CLI_WARN, "cannot pass %s on: %s", c->what, strerror(errno));
	close(pair[0]);
}

static void start_source(struct child *c)
{
	struct monitor *m = c->arg;
	int pipe_fds[2];
	char *shell[] = { "sh", "-c", (char *)(uintptr_t)m->config->source_command, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0 || child_spawn(c, shell, null, pipe_fds[1]) < 0)
		cli_die_errno("cannot start the source");
	close(null);
	close(pipe_fds[1]);
	io_pipe_enlarge(pipe_fds[0]);
	if (msg_send(m->worker_fd, MSG_SOURCE, SOURCE_COMMAND, NULL, 0, pipe_fds[0]) < 0)
		cli_log(CLI_WARN, "cannot pass the source on: %s", strerror(errno));
	close(pipe_fds[0]);
}

/* Without its source, -e has nothing to show, ever. */
static void source_given_up(struct child *c)
{
	struct monitor *m = c->arg;
	m->failed = true;
	on_stop(EV_DEFAULT, &m->term, 0);
}

/* --- connections that no listener takes ------------------------------------------------------------ */

static void send_viewer(struct monitor *m, int fd, uint32_t more)
{
	struct net_peer peer;
	if (net_peer_get(&peer, fd) < 0)
		cli_die_errno("the viewer's connection");
	uint32_t flags = (peer.is_unix ? MSG_PEER_UNIX : 0) | (peer.is_unix || peer.is_loopback ? MSG_PEER_LOCAL : 0) |
		(net_peer_is_ours(&peer) ? MSG_PEER_OURS : 0) | more;
	if (msg_send(m->worker_fd, MSG_VIEWER, flags, peer.text, strlen(peer.text), fd) < 0)
		cli_die_errno("%s: cannot pass the connection on", peer.text);
}

/* --inetd: whoever called is on stdin. */
static void pass_stdin(struct monitor *m)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	io_set_nonblock(STDIN_FILENO, true);
	send_viewer(m, STDIN_FILENO, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		cli_die_errno("/dev/null");
	close(null);
}

/* --connect: a process of its own looks the name up and waits; it hands the connection to the worker itself. We chose
 * whom to call: that is as good as one of our own. */
static void start_reverse(struct child *c)
{
	struct monitor *m = c->arg;
	pid_t parent = getpid(), pid = fork();
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
	const char *why;
	int fd = net_connect(&m->config->connect_to, io_now() + 20000000, &why);
	if (fd < 0) {
		cli_log(CLI_INFO, "--connect %s: %s; trying again", m->config->connect, why ? why : strerror(errno));
		_exit(CLI_NO);
	}
	cli_log(CLI_INFO, "connected to %s", m->config->connect);
	send_viewer(m, fd, MSG_PEER_OURS);
	_exit(CLI_OK);
}

/* --- the worker -------------------------------------------------------------------------------- */

static void act(struct monitor *m, const struct msg *msg)
{
	switch (msg->type) {
	case MSG_READY:
		set_accepting(m, true);
		announce(m);
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

static void on_stop(struct ev_loop *loop, ev_signal *s, int events)
{
	struct monitor *m = s->data;
	(void)events;
	if (m->stopping)
		return;
	m->stopping = true;
	set_accepting(m, false);
	msg_send(m->worker_fd, MSG_STOP, 0, NULL, 0, -1);
	ev_timer_set(&m->patience, 3, 0);
	ev_timer_start(loop, &m->patience);
}

static void on_reload(struct ev_loop *loop, ev_signal *s, int events)
{
	(void)loop;
	(void)events;
	if (secretfiles_send(((struct monitor *)s->data)->config, ((struct monitor *)s->data)->worker_fd))
		cli_log(CLI_INFO, "reloaded");
	else
		cli_log(CLI_WARN, "what was in force before stays");
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
		for (unsigned i = 0; i < m->n_listeners; i++)
			close(m->listeners[i].l.fd);
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
	ev_init(&m->retry_accept, on_retry_accept);
	m->retry_accept.data = m;
	ev_child_init(&m->worker_child, on_worker_exit, m->worker_pid, 0);
	m->worker_child.data = m;
	ev_child_start(EV_DEFAULT, &m->worker_child);
	ev_io_init(&m->worker_io, on_worker, m->worker_fd, EV_READ);
	m->worker_io.data = m;
	ev_io_start(EV_DEFAULT, &m->worker_io);
	child_init(&m->input, m->config->input_command ? "the input command" : "fbinput", start_input, m);
	child_init(&m->source, "the source", start_source, m);
	m->source.given_up = source_given_up;
	child_init(&m->reverse, "--connect", start_reverse, m);
	m->reverse.once = true;
}

static int finish(struct monitor *m)
{
	for (unsigned i = 0; i < m->n_listeners; i++)
		net_listener_close(&m->listeners[i].l);
	child_drop(&m->source, SIGTERM);
	child_drop(&m->input, 0);
	child_drop(&m->reverse, SIGKILL);
	child_reap(&m->reverse, 1);
	child_reap(&m->input, 1);
	child_reap(&m->source, 1);
	if (m->failed)
		return CLI_SYSTEM;
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
	m->authenticates = offer_authenticates(config, &means);
	for (unsigned i = 0; i < config->n_listens; i++)
		listen_at(m, &config->listens[i], FOR_VIEWERS);
	for (unsigned i = 0; i < config->n_webs; i++)
		listen_at(m, &config->webs[i], FOR_BROWSERS);
	if (config->source_socket) {
		struct net_address a = { .is_unix = true };
		if (strlen(config->source_socket) >= sizeof a.host)
			cli_misuse("-S: the path is too long");
		strcpy(a.host, config->source_socket);
		listen_at(m, &a, FOR_SOURCES);
	}
	adopt_listeners(m);
	start_worker(m);
	if (!ev_default_loop(0))
		cli_die(CLI_SYSTEM, "no event loop");
	watch(m);
	if (!secretfiles_send(config, m->worker_fd)) {
		kill(m->worker_pid, SIGKILL);
		exit(CLI_SYSTEM);
	}
	if (config->source_command)
		child_want(&m->source);
	if (config->inetd)
		pass_stdin(m);
	if (config->connect)
		child_want(&m->reverse);
	ev_run(EV_DEFAULT, 0);
	int code = finish(m);
	cli_stats_close();
	free(m);
	return code;
}
