/* The monitor's listening sockets: opens or adopts them, accepts, looks up who a peer is, and hands the connection to the
 * worker. */
#include "listening.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"
#include "monitor.h"
#include "msgpass.h"
#include "net/peer.h"

enum { ACCEPTS_PER_SECOND = 1000 };	/* and as many at once; what comes faster waits in the kernel */
static const double breath = 0.1;	/* how long nothing is accepted then */

/* --- accepting ------------------------------------------------------------------------ */

void listening_accept(struct monitor *m, bool on)
{
	on = on && !m->stopping;	/* who comes now is for the next rfbd, where the socket outlives this one */
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
	uint32_t flags = monitor_peer_flags(&peer, g->purpose == FOR_BROWSERS ? MSG_PEER_WEB : 0);
	if (msg_send(g->m->worker_fd, MSG_VIEWER, flags, peer.text, strlen(peer.text), fd) < 0)
		cli_log(CLI_WARN, "%s: cannot pass the connection on: %s", peer.text, strerror(errno));
}

/* A source, or a console: only of our own user. */
static void pass_own(struct listening *g, int fd, enum msg_type type, uint32_t arg)
{
	struct ucred cred;
	socklen_t n = sizeof cred;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0 || (cred.uid != geteuid() && cred.uid != 0)) {
		cli_log(CLI_WARN, "%s: refused a connection of another user", g->l.text);
		return;
	}
	if (msg_send(g->m->worker_fd, type, arg, NULL, 0, fd) < 0)
		cli_log(CLI_WARN, "%s: cannot pass the connection on: %s", g->l.text, strerror(errno));
}

static void on_retry_accept(struct ev_loop *loop, ev_timer *t, int events)
{
	(void)loop;
	(void)events;
	listening_accept(t->data, true);
}

static void pause_accepting(struct monitor *m, double seconds)
{
	listening_accept(m, false);
	ev_timer_set(&m->retry_accept, seconds, 0);
	ev_timer_start(EV_DEFAULT, &m->retry_accept);
}

/* False when connections come faster than is good for those that are here. */
static bool may_accept(struct monitor *m)
{
	const int64_t now = io_now();
	m->may_accept += (double)(now - m->counted_us) * 1e-6 * ACCEPTS_PER_SECOND;
	m->counted_us = now;
	if (m->may_accept > ACCEPTS_PER_SECOND)
		m->may_accept = ACCEPTS_PER_SECOND;
	return m->may_accept >= 1;
}

static void on_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct listening *g = io->data;
	(void)loop;
	(void)events;
	for (int i = 0; i < 64; i++) {
		if (!may_accept(g->m)) {
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
			pass_own(g, fd, MSG_SOURCE, SOURCE_SOCKET);
		else if (g->purpose == FOR_CONSOLES)
			pass_own(g, fd, MSG_CONSOLE, 0);
		else
			pass_viewer(g, fd);
		close(fd);
	}
}

/* --- opening --------------------------------------------------------------------------- */

static void add_listener(struct monitor *m, const struct net_listener *l, enum purpose purpose)
{
	struct listening *g = &m->listeners[m->n_listeners];
	if (m->n_listeners == LISTENERS_MAX)
		cli_misuse("-l: too many addresses");
	g->m = m;
	g->l = *l;
	g->purpose = purpose;
	if (purpose < FOR_SOURCES && !g->l.local && !m->authenticates && !m->config->insecure)
		cli_misuse("listening on %s needs authentication: give -p FILE (or --insecure)", g->l.text);
	ev_io_init(&g->io, on_accept, g->l.fd, EV_READ);
	g->io.data = g;
	m->n_listeners++;
}

static void adopt_listeners(struct monitor *m, const char *option, const int *fds, unsigned n, enum purpose purpose)
{
	for (unsigned i = 0; i < n; i++) {
		struct net_listener l;
		if (net_listen_adopt(&l, fds[i]) < 0)
			cli_misuse("%s: descriptor %d is no listening socket", option, fds[i]);
		add_listener(m, &l, purpose);
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
			cli_die(CLI_SYSTEM, "cannot listen on %s%sport %u: %s", a->host, a->host[0] ? " " : "", a->port, net_listen_strerror(a));
	}
	for (int i = 0; i < n; i++)
		add_listener(m, &found[i], purpose);
}

static void listen_at_path(struct monitor *m, const char *option, const char *path, enum purpose purpose)
{
	struct net_address a;
	if (!path)
		return;
	if (net_address_set_path(&a, path) < 0)
		cli_misuse("%s: `%s' cannot be a socket's path: it is %s", option, path, net_path_fault(path));
	listen_at(m, &a, purpose);
}

static void announce(const struct monitor *m)
{
	static const char *const what[] = { "listening on ", "the browser page is at http://", "taking sources at ", "taking commands at " };
	for (unsigned i = 0; i < m->n_listeners; i++)
		cli_log(CLI_INFO, "%s%s", what[m->listeners[i].purpose], m->listeners[i].l.text);
	cli_stat_set(STAT_LISTENING, 0, m->n_listeners);
	if (m->config->notify_fd >= 0) {
		if (write(m->config->notify_fd, "\n", 1) != 1)
			cli_log(CLI_WARN, "--notify-fd: %s", strerror(errno));
		close(m->config->notify_fd);
	}
}

void listening_open(struct monitor *m)
{
	const struct config *c = m->config;
	ev_init(&m->retry_accept, on_retry_accept);
	m->retry_accept.data = m;
	for (unsigned i = 0; i < c->n_listens; i++)
		listen_at(m, &c->listens[i], FOR_VIEWERS);
	for (unsigned i = 0; i < c->n_webs; i++)
		listen_at(m, &c->webs[i], FOR_BROWSERS);
	listen_at_path(m, "-S", c->source_socket, FOR_SOURCES);
	listen_at_path(m, "--control", c->control_socket, FOR_CONSOLES);
	adopt_listeners(m, "--listen-fd", c->listen_fds, c->n_listen_fds, FOR_VIEWERS);
	adopt_listeners(m, "--web-fd", c->web_fds, c->n_web_fds, FOR_BROWSERS);
}

void listening_begin(struct monitor *m)
{
	listening_accept(m, true);
	announce(m);
}

void listening_forget(struct monitor *m)
{
	for (unsigned i = 0; i < m->n_listeners; i++)
		close(m->listeners[i].l.fd);
}

void listening_close(struct monitor *m)
{
	for (unsigned i = 0; i < m->n_listeners; i++)
		net_listener_close(&m->listeners[i].l);
}
