/* WebSocket frames from any client, through the stream layer. What is read never exceeds what was sent, and the layer
 * ends instead of waiting for ever. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_stream *below, *s;
	uint8_t buf[1000];
	size_t total = 0, turns = 0;
	ssize_t n;
	int fd[2];

	if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
		return 0;
	if (size > 0 && write(fd[1], data, size) != (ssize_t)size)
		abort();
	shutdown(fd[1], SHUT_WR);
	below = net_stream_plain(fd[0]);
	s = net_websocket_server(below);
	if (!s)
		abort();
	while ((n = net_stream_read(s, buf, sizeof buf)) > 0 || (n < 0 && errno == EAGAIN)) {
		total += n > 0 ? (size_t)n : 0;
		if (turns++ > size + 10)
			abort();	/* the other side has ended: so must this one */
	}
	if (total > size)
		abort();
	net_stream_write(s, "hello", 5);
	net_stream_close(s);
	close(fd[1]);
	return 0;
}
