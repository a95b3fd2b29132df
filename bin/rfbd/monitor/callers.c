/* Connections that no listener takes: the one on stdin (--inetd); for those that we make see calls.c. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "msgpass.h"
#include "net/peer.h"

uint32_t monitor_peer_flags(const struct net_peer *peer, uint32_t more)
{
	return (peer->is_unix ? MSG_PEER_UNIX : 0) | (peer->is_unix || peer->is_loopback ? MSG_PEER_LOCAL : 0) |
		(net_peer_is_ours(peer) ? MSG_PEER_OURS : 0) | more;
}

void monitor_send_viewer(struct monitor *m, int fd, uint32_t more)
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
	monitor_send_viewer(m, STDIN_FILENO, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		cli_die_errno("/dev/null");
	close(null);
}
