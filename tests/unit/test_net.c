/* Addresses, listeners, plain streams, and who is at the other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io.h"
#include "net/listen.h"
#include "net/peer.h"
#include "net/sockopt.h"
#include "net/stream.h"

static int64_t soon(void)
{
	return io_now() + 20 * 1000000;
}

static void addresses(void **state)
{
	static const struct { const char *text; const char *host; int port; } good[] = {
		{ "5900", "", 5900 }, { "0", "", 0 }, { "*:80", "*", 80 }, { "127.0.0.1:5901", "127.0.0.1", 5901 },
		{ "[::1]:5900", "::1", 5900 }, { "host.example:65535", "host.example", 65535 },
	};
	static const char *const bad[] = { "", ":", ":80", "host", "host:", "host:x", "host:65536", "5900++", "+", "0+", "host:+", "99999+", "+5900", "::1:80", "[::1]", "[::1]80", "[]:80", "-1", "unix:", "5900 " };
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(net_address_parse(&a, good[i].text), 0);
		assert_string_equal(a.host, good[i].host);
		assert_int_equal(a.port, good[i].port);
		assert_false(a.is_unix);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(net_address_parse(&a, bad[i]), -1);
	assert_int_equal(net_address_parse(&a, "[::1]:5900"), 0);
	assert_false(a.or_next);
	assert_int_equal(net_address_parse(&a, "[::1]:5900+"), 0);
	assert_int_equal(a.port, 5900);
	assert_true(a.or_next);
	assert_int_equal(net_address_parse(&a, "65535+"), 0);
	assert_true(a.or_next);
	assert_int_equal(net_address_parse(&a, "unix:/run/x:1"), 0);
	assert_true(a.is_unix);
	assert_string_equal(a.host, "/run/x:1");
}

static void targets(void **state)
{
	static const struct { const char *text; const char *host; int port; } good[] = {
		{ "host", "host", 5900 }, { "host:1", "host", 5901 }, { "host:99", "host", 5999 }, { "host:100", "host", 100 },
		{ "host:5901", "host", 5901 }, { "host::1", "host", 1 }, { "host::5901", "host", 5901 }, { "[::1]", "::1", 5900 },
		{ "[::1]:2", "::1", 5902 }, { "[::1]::80", "::1", 80 }, { ":3", "localhost", 5903 }, { "", "localhost", 5900 },
	};
	static const char *const bad[] = { "host:", "host::", "host:x", "host::70000", "[::1", "[::1]x" };
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(net_target_parse(&a, good[i].text, 5900), 0);
		assert_string_equal(a.host, good[i].host);
		assert_int_equal(a.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(net_target_parse(&a, bad[i], 5900), -1);
}

/* Connects to a listener and accepts. */
static void pair(struct net_listener *l, int *client, int *server)
{
	struct net_address a;
	struct sockaddr_storage from;
	socklen_t len;
	char text[NET_HOST_MAX + 8];

	snprintf(text, sizeof text, "%s%s", l->path[0] ? "unix:" : "", l->path[0] ? l->path : l->text);
	assert_int_equal(net_address_parse(&a, text), 0);
	*client = net_connect(&a, soon(), NULL);
	assert_true(*client >= 0);
	assert_int_equal(io_wait(l->fd, POLLIN, soon()), 1);
	*server = net_accept(l, &from, &len);
	assert_true(*server >= 0);
	assert_int_equal(net_accept(l, &from, &len), -1);
	assert_int_equal(errno, EAGAIN);
}

/* "PORT+": taken ports are passed over, by both families alike. */
static void next_port(void **state)
{
	struct net_listener first[4], second[4], third;
	struct net_address a;
	char text[NET_TEXT_MAX];
	int n, m;

	(void)state;
	assert_int_equal(net_address_parse(&a, "0"), 0);
	n = net_listen(first, 4, &a);
	assert_in_range(n, 1, 2);
	snprintf(text, sizeof text, "%s+", strrchr(first[0].text, ':') + 1);
	assert_int_equal(net_address_parse(&a, text), 0);
	m = net_listen(second, 4, &a);
	assert_int_equal(m, n);
	assert_true(atoi(strrchr(second[0].text, ':') + 1) > a.port);
	if (m == 2)
		assert_string_equal(strrchr(second[0].text, ':'), strrchr(second[1].text, ':'));
	a.or_next = false;
	assert_int_equal(net_listen(&third, 1, &a), -1);
	assert_int_equal(errno, EADDRINUSE);
	for (int i = 0; i < n; i++) {
		net_listener_close(&first[i]);
		net_listener_close(&second[i]);
	}
}

static void loopback(void **state)
{
	struct net_listener l[4];
	struct net_address a;
	int n, client, server;

	(void)state;
	assert_int_equal(net_address_parse(&a, "0"), 0);
	n = net_listen(l, 4, &a);
	assert_in_range(n, 1, 2);
	for (int i = 0; i < n; i++) {
		struct net_peer peer;
		struct net_tcp tcp;

		assert_true(l[i].local);
		pair(&l[i], &client, &server);
		assert_int_equal(net_peer_get(&peer, server), 0);
		assert_true(peer.is_loopback);
		assert_true(peer.uid_known);
		assert_int_equal(peer.uid, geteuid());
		assert_true(net_peer_is_ours(&peer));
		assert_true(net_tcp_info(server, &tcp));
		assert_int_equal(net_set_lowat(server, 16384), 0);
		assert_int_equal(net_set_timeout(server, 30), 0);
		assert_int_equal(net_unsent(server), 0);
		close(client);
		close(server);
		net_listener_close(&l[i]);
	}
}

/* Another user's connection is known as another user's. Root only. */
static void another_user(void **state)
{
	struct net_listener l;
	struct net_address a;
	struct net_peer peer;
	struct sockaddr_storage from;
	socklen_t len;
	int fd, status, go[2];
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(net_address_parse(&a, "127.0.0.1:0"), 0);
	assert_int_equal(net_listen(&l, 1, &a), 1);
	assert_int_equal(net_address_parse(&a, l.text), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		char c;

		close(go[1]);
		if (setuid(65534))
			_exit(1);
		fd = net_connect(&a, soon(), NULL);
		_exit(fd < 0 || read(go[0], &c, 1) != 0);
	}
	close(go[0]);
	assert_int_equal(io_wait(l.fd, POLLIN, soon()), 1);
	fd = net_accept(&l, &from, &len);
	assert_int_equal(net_peer_get(&peer, fd), 0);
	assert_true(peer.uid_known);
	assert_int_equal(peer.uid, 65534);
	assert_false(net_peer_is_ours(&peer));
	close(go[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* its socket is gone: the owner is not known, and not taken for ours */
	assert_int_equal(net_peer_get(&peer, fd), 0);
	assert_false(net_peer_is_ours(&peer));
	close(fd);
	net_listener_close(&l);
}

static void unix_sockets(void **state)
{
	char dir[] = "/tmp/test_net.XXXXXX", text[64];
	struct net_listener l, second;
	struct net_address a;
	struct net_peer peer;
	struct stat st;
	int client, server;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof text, "unix:%s/s", dir);
	assert_int_equal(net_address_parse(&a, text), 0);
	assert_int_equal(net_listen(&l, 1, &a), 1);
	assert_true(l.local);
	assert_int_equal(stat(l.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(net_listen(&second, 1, &a), -1);	/* somebody answers */
	assert_int_equal(errno, EADDRINUSE);
	{	/* that attempt's connection waits in the queue */
		struct sockaddr_storage from;
		socklen_t len;
		int fd = net_accept(&l, &from, &len);

		if (fd >= 0)
			close(fd);
	}
	pair(&l, &client, &server);
	assert_int_equal(net_peer_get(&peer, server), 0);
	assert_true(peer.is_unix && peer.uid_known && net_peer_is_ours(&peer));
	assert_int_equal(peer.uid, geteuid());
	close(client);
	close(server);
	close(l.fd);	/* a crash: the file stays */
	assert_int_equal(net_listen(&second, 1, &a), 1);
	net_listener_close(&second);
	assert_int_equal(stat(text + 5, &st), -1);
	/* a file that is no socket is left alone */
	{
		FILE *f = fopen(text + 5, "w");

		fclose(f);
	}
	assert_int_equal(net_listen(&second, 1, &a), -1);
	assert_int_equal(stat(text + 5, &st), 0);
	unlink(text + 5);
	rmdir(dir);
}

static void busy_and_adopted(void **state)
{
	struct net_listener l, second;
	struct net_address a;
	int fd;

	(void)state;
	assert_int_equal(net_address_parse(&a, "127.0.0.1:0"), 0);
	assert_int_equal(net_listen(&l, 1, &a), 1);
	assert_int_equal(net_address_parse(&a, l.text), 0);
	assert_int_equal(net_listen(&second, 1, &a), -1);
	assert_int_equal(errno, EADDRINUSE);
	fd = dup(l.fd);
	assert_int_equal(net_listen_adopt(&second, fd), 0);
	assert_string_equal(second.text, l.text);
	net_listener_close(&second);
	net_listener_close(&l);
	assert_int_equal(net_listen_adopt(&second, 0), -1);
	assert_int_equal(net_address_parse(&a, "no-such-host.invalid:1"), 0);
	assert_int_equal(net_listen(&second, 1, &a), -1);
}

static void plain_streams(void **state)
{
	struct net_listener l;
	struct net_address a;
	struct net_stream *c, *s;
	char buf[64];
	int client, server;

	(void)state;
	assert_int_equal(net_address_parse(&a, "127.0.0.1:0"), 0);
	assert_int_equal(net_listen(&l, 1, &a), 1);
	pair(&l, &client, &server);
	c = net_stream_plain(client);
	s = net_stream_plain(server);
	assert_string_equal(net_stream_transport(s), "tcp");
	assert_false(net_stream_private(s));
	assert_int_equal(net_stream_read(s, buf, sizeof buf), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(net_stream_events(s, true, false), POLLIN);
	assert_int_equal(net_stream_events(s, true, true), POLLIN | POLLOUT);
	assert_int_equal(net_stream_write(c, "world", 5), 5);
	assert_int_equal(net_stream_flush(c), 1);
	assert_int_equal(io_wait(net_stream_fd(s), POLLIN, soon()), 1);
	assert_int_equal(net_stream_unread(s, "lo ", 3), 0);
	assert_int_equal(net_stream_unread(s, "hel", 3), 0);
	assert_true(net_stream_pending(s));
	assert_int_equal(net_stream_read(s, buf, 4), 4);
	assert_memory_equal(buf, "hell", 4);
	assert_int_equal(net_stream_read(s, buf, 64), 2);
	assert_memory_equal(buf, "o ", 2);
	assert_false(net_stream_pending(s));
	assert_int_equal(net_stream_read(s, buf, 64), 5);
	net_stream_close(c);
	assert_int_equal(io_wait(net_stream_fd(s), POLLIN, soon()), 1);
	assert_int_equal(net_stream_read(s, buf, 64), 0);
	net_stream_close(s);
	net_listener_close(&l);
}

/* Nobody reads: the socket takes what it can and says so; a gone reader is EPIPE or ECONNRESET without a signal. */
static void full_and_gone(void **state)
{
	static char block[1 << 20];
	struct net_listener l;
	struct net_address a;
	struct net_stream *s;
	ssize_t n;
	int client, server;

	(void)state;
	assert_int_equal(net_address_parse(&a, "127.0.0.1:0"), 0);
	assert_int_equal(net_listen(&l, 1, &a), 1);
	pair(&l, &client, &server);
	s = net_stream_plain(server);
	do
		n = net_stream_write(s, block, sizeof block);
	while (n > 0);
	assert_int_equal(errno, EAGAIN);
	close(client);
	assert_int_equal(io_wait(server, POLLHUP, soon()), 1);
	do
		n = net_stream_write(s, block, sizeof block);
	while (n > 0);
	assert_true(errno == EPIPE || errno == ECONNRESET);
	net_stream_close(s);
	net_listener_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(targets),
		cmocka_unit_test(next_port),
		cmocka_unit_test(loopback),
		cmocka_unit_test(another_user),
		cmocka_unit_test(unix_sockets),
		cmocka_unit_test(busy_and_adopted),
		cmocka_unit_test(plain_streams),
		cmocka_unit_test(full_and_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
