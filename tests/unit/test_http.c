/* HTTP request heads: what is taken, and what is refused with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/http.h"
#include "net/sniff.h"

#define WS "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

static long parse(struct net_http *r, const char *text) { return net_http_parse(r, text, strlen(text)); }

static void takes_requests(void **state)
{
	struct net_http r;
	const char *text = "GET /a%20b/c.js?x=1 HTTP/1.1\r\nHost: h:1\r\nIf-None-Match: \"1\"\r\n\r\nrest";
	(void)state;
	assert_int_equal(parse(&r, text), (long)strlen(text) - 4);
	assert_string_equal(r.path, "/a b/c.js");
	assert_memory_equal(r.target.at, "/a%20b/c.js?x=1", r.target.len);
	assert_true(r.keep_alive);
	assert_false(r.upgrade);
	assert_memory_equal(r.if_none_match.at, "\"1\"", r.if_none_match.len);
	assert_true(parse(&r, "GET / HTTP/1.0\r\n\r\n") > 0);
	assert_false(r.keep_alive);
	assert_true(parse(&r, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") > 0);
	assert_false(r.keep_alive);
}

static void waits_for_the_whole_head(void **state)
{
	const char *text = "GET / HTTP/1.1\r\nHost: h\r\n" WS "\r\n";
	struct net_http r;
	(void)state;
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(net_http_parse(&r, text, n), 0);
	assert_int_equal(parse(&r, text), (long)strlen(text));
	assert_true(r.upgrade);
}

static void refuses(void **state)
{
	static const struct { long status; const char *text; } cases[] = {
		{ -400, "GET / HTTP/1.1\nHost: h\n\n" },			/* bare LF */
		{ -400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n" },	/* bare CR */
		{ -400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n" },	/* folded */
		{ -400, "GET / HTTP/1.1\r\nHost : h\r\n\r\n" },
		{ -400, "GET / HTTP/1.1\r\nHost: h\r\nHost: g\r\n\r\n" },
		{ -400, "GET / HTTP/1.1\r\n\r\n" },				/* no host */
		{ -400, "GET /../x HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET /%2e%2E/x HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET /a/%2e. HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET /a%00 HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET /a%0 HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET x HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -400, "GET /\r\n\r\n" },
		{ -400, "G(T / HTTP/1.1\r\nHost: h\r\n\r\n" },
		{ -413, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" },
		{ -400, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" },
		{ -413, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n" },
		{ -501, "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" },
		{ -505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n" },
		{ -426, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n" },
		{ -400, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n" },
	};
	struct net_http r;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(parse(&r, cases[i].text), cases[i].status);
}

static void bounds_the_head(void **state)
{
	static char text[NET_HTTP_MAX + 100];
	struct net_http r;
	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(net_http_parse(&r, text, sizeof text), -414);
	memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	assert_int_equal(net_http_parse(&r, text, sizeof text), -431);
}

static void answers_the_upgrade(void **state)
{
	struct wire_buf out = { 0 };
	struct net_http r;
	(void)state;
	/* the key and answer of RFC 6455, 1.3 */
	assert_true(parse(&r, "GET /x HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Protocol: chat, binary\r\n" WS "\r\n") > 0);
	net_http_put_upgrade(&out, &r);
	wire_put_u8(&out, 0);
	assert_non_null(strstr((char *)out.data, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert_non_null(strstr((char *)out.data, "Sec-WebSocket-Protocol: binary\r\n\r\n"));
	wire_buf_fini(&out);
}

static bool origin(const char *host, const char *from, const char *allowed)
{
	char text[512];
	struct net_http r;
	snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n%s%s\r\n\r\n", host, from ? "Origin: " : "X: ", from ? from : "y");
	assert_true(parse(&r, text) > 0);
	return net_http_origin_ok(&r, &allowed, allowed ? 1 : 0);
}

static bool number(const char *host)
{
	char text[512];
	struct net_http r;
	snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
	assert_true(parse(&r, text) > 0);
	return net_http_host_is_number(&r);
}

static void judges_origins_and_hosts(void **state)
{
	(void)state;
	assert_true(origin("h:1", NULL, NULL));
	assert_true(origin("h:1", "http://h:1", NULL));
	assert_true(origin("H:1", "https://h:1", NULL));
	assert_false(origin("h:1", "http://h:2", NULL));
	assert_false(origin("h:1", "http://evil", NULL));
	assert_false(origin("h:1", "null", NULL));
	assert_true(origin("h:1", "https://good", "https://good"));
	assert_true(origin("h:1", "https://any", "*"));
	assert_true(number("localhost:5800") && number("127.0.0.1:1") && number("[::1]:1") && number("10.0.0.1"));
	assert_false(number("evil.example:5800") || number("[::1") || number("127.0.0.1.nip.io") || number("1:2:3"));
}

static void sniffs(void **state)
{
	(void)state;
	assert_int_equal(net_sniff(NULL, 0), NET_SNIFF_MORE);
	assert_int_equal(net_sniff((const uint8_t *)"GE", 2), NET_SNIFF_MORE);
	assert_int_equal(net_sniff((const uint8_t *)"GET /", 5), NET_SNIFF_HTTP);
	assert_int_equal(net_sniff((const uint8_t *)"RFB 003.008\n", 12), NET_SNIFF_RFB);
	assert_int_equal(net_sniff((const uint8_t *)"R", 1), NET_SNIFF_RFB);
	assert_int_equal(net_sniff((const uint8_t *)"\x16\x03\x01", 3), NET_SNIFF_TLS);
	assert_int_equal(net_sniff((const uint8_t *)"\x16", 1), NET_SNIFF_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_requests), cmocka_unit_test(waits_for_the_whole_head), cmocka_unit_test(refuses),
		cmocka_unit_test(bounds_the_head), cmocka_unit_test(answers_the_upgrade),
		cmocka_unit_test(judges_origins_and_hosts), cmocka_unit_test(sniffs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
