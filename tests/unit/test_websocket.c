/* The WebSocket layer over a socket pair: bytes there and back, and frames that are refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/io.h"
#include "net/websocket.h"

static int raw;				/* the peer's end, when it is played by hand */
static struct net_stream *server;

static void open_pair(struct net_stream **client)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	server = net_websocket_server(net_stream_plain(fds[0]));
	assert_non_null(server);
	raw = fds[1];
	if (client)
		assert_non_null(*client = net_websocket_client(net_stream_plain(fds[1])));
}

static void bytes_go_both_ways(void **state)
{
	struct net_stream *client;
	static uint8_t sent[300000], got[300000];
	size_t at = 0, n = 0;
	(void)state;
	open_pair(&client);
	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (uint8_t)(i * 7 + i / 251);
	for (int turn = 0; turn < 2; turn++, at = n = 0) {
		struct net_stream *from = turn ? server : client, *to = turn ? client : server;
		while (n < sizeof got) {
			ssize_t k = at < sizeof sent ? net_stream_write(from, sent + at, sizeof sent - at) : 0;
			at += k > 0 ? (size_t)k : 0;
			assert_true(net_stream_flush(from) >= 0);
			k = net_stream_read(to, got + n, sizeof got - n);
			assert_true(k > 0 || (k < 0 && errno == EAGAIN));
			n += k > 0 ? (size_t)k : 0;
		}
		assert_memory_equal(sent, got, sizeof sent);
		memset(got, 0, sizeof got);
	}
	assert_string_equal(net_stream_transport(server), "ws");
	net_stream_close(client);
	assert_int_equal(net_stream_read(server, got, 1), 0);	/* a close frame is an end */
	net_stream_close(server);
}

/* What the server answers to these bytes: its close frame's status, and the error of its read. */
static unsigned refusal(const void *bytes, size_t n)
{
	uint8_t in[64], answer[256];
	ssize_t k;
	open_pair(NULL);
	assert_int_equal(write(raw, bytes, n), (ssize_t)n);
	while ((k = net_stream_read(server, in, sizeof in)) > 0)
		;
	assert_int_equal(k, -1);
	assert_int_equal(errno, EPROTO);
	assert_true(net_stream_error(server)[0]);
	k = read(raw, answer, sizeof answer);
	assert_true(k >= 4);
	assert_int_equal(answer[0], 0x88);
	net_stream_close(server);
	close(raw);
	return (unsigned)(answer[2] << 8 | answer[3]);
}
#define REFUSAL(s) refusal(s, sizeof s - 1)

static void rules_are_kept(void **state)
{
	(void)state;
	assert_int_equal(REFUSAL("\x82\x03" "abc"), 1002);				/* not masked */
	assert_int_equal(REFUSAL("\x81\x83" "\0\0\0\0abc"), 1003);			/* text */
	assert_int_equal(REFUSAL("\xc2\x83" "\0\0\0\0abc"), 1002);			/* reserved bit */
	assert_int_equal(REFUSAL("\x80\x83" "\0\0\0\0abc"), 1002);			/* continues nothing */
	assert_int_equal(REFUSAL("\x02\x81" "\0\0\0\0a" "\x82\x81" "\0\0\0\0b"), 1002);	/* a message within a message */
	assert_int_equal(REFUSAL("\x09\x80" "\0\0\0\0"), 1002);				/* a ping in parts */
	assert_int_equal(REFUSAL("\x83\x80" "\0\0\0\0"), 1002);				/* unknown kind */
	assert_int_equal(REFUSAL("\x82\xff" "\0\0\0\0\0\x20\0\0" "\0\0\0\0x"), 1009);	/* 2 MiB */
}

static void fragments_and_pings(void **state)
{
	static const char bytes[] = "\x02\x83\1\2\3\4" "``" "`" "\x89\x82\0\0\0\0hi" "\x80\x82\0\0\0\0xy";
	uint8_t in[64], answer[64];
	size_t n = 0;
	(void)state;
	open_pair(NULL);
	assert_int_equal(write(raw, bytes, sizeof bytes - 1), (ssize_t)sizeof bytes - 1);
	for (ssize_t k; (k = net_stream_read(server, in + n, sizeof in - n)) > 0; )
		n += (size_t)k;
	assert_int_equal(n, 5);
	assert_memory_equal(in, "abcxy", 5);
	assert_int_equal(read(raw, answer, sizeof answer), 4);
	assert_memory_equal(answer, "\x8a\x02hi", 4);		/* the pong */
	net_stream_close(server);
	close(raw);
}

static void byte_by_byte(void **state)
{
	static const char bytes[] = "\x82\x85\1\2\3\4" "``````";
	uint8_t in[8];
	size_t n = 0;
	(void)state;
	open_pair(NULL);
	for (size_t i = 0; i + 2 < sizeof bytes; i++) {
		assert_int_equal(write(raw, bytes + i, 1), 1);
		const ssize_t k = net_stream_read(server, in + n, sizeof in - n);
		n += k > 0 ? (size_t)k : 0;
	}
	assert_int_equal(n, 5);
	assert_memory_equal(in, "abcda", 5);
	net_stream_close(server);
	close(raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_both_ways), cmocka_unit_test(rules_are_kept), cmocka_unit_test(fragments_and_pings),
		cmocka_unit_test(byte_by_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
