/* Connections that no listener takes: the one on stdin (--inetd), and one that we make (--connect). */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/listen.h"
#include "net/peer.h"

uint32_t monitor_peer_flags(const struct net_peer *peer, uint32_t more)
{
	return (peer->is_unix ? MSG_PEER_UNIX : 0) | (peer->is_unix || peer->is_loopback ? MSG_PEER_LOCAL : 0) |
		(net_peer_is_ours(peer) ? MSG_PEER_OURS : 0) | more;
}

static void send_viewer(struct monitor *m, int fd, uint32_t more)
{
	struct net_peer peer;
	if (net_peer_get(&peer, fd) < 0)
		cli_die_errno("the viewer's connection");
	if (msg_send(m->worker_fd, MSG_VIEWER, monitor_peer_flags(&peer, more), peer.text, strlen(peer.text), fd) < 0)
		cli_die_errno("%s: cannot pass the connection on", peer.text);
}

/* --inetd: whoever called is on stdin. */
void monitor_pass_stdin(struct monitor *m)
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
void monitor_start_reverse(struct child *c)
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
	send_viewer(m, fd, MSG_PEER_OURS | MSG_PEER_CALLED);
	_exit(CLI_OK);
}
