/* TLS as a stream layer: certificates made and checked, anonymous TLS, bulk both ways, failures with reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/tls.h"
#include "pump.h"

static char dir[] = "/tmp/test_tls.XXXXXX", cert[64], key[64], cert2[64], key2[64];
static char err[256];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(cert, sizeof cert, "%s/cert", dir);
	snprintf(key, sizeof key, "%s/key", dir);
	snprintf(cert2, sizeof cert2, "%s/cert2", dir);
	snprintf(key2, sizeof key2, "%s/key2", dir);
	return net_tls_make_certificate(cert, key, err, sizeof err) == 1 && net_tls_make_certificate(cert2, key2, err, sizeof err) == 1 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(cert);
	unlink(key);
	unlink(cert2);
	unlink(key2);
	rmdir(dir);
	return 0;
}

static void layer(struct end *e, struct net_tls *t, const char *host)
{
	struct net_stream *s = net_tls_stream(t, e->s, host);

	assert_non_null(s);
	e->s = s;
}

static void fill(struct wire_buf *b, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		wire_put_u8(b, (uint8_t)(i * seed >> 3));
}

/* Sends megabytes both ways at once, compares, closes. */
static void talk(struct end *c, struct end *s)
{
	enum { N = 1000003 };
	struct wire_buf to_s = { 0 }, to_c = { 0 };

	fill(&to_s, N, 7);
	fill(&to_c, N, 11);
	wire_put(&c->out, to_s.data, N);
	wire_put(&s->out, to_c.data, N);
	pump(c, N, s, N);
	assert_int_equal(c->error, 0);
	assert_int_equal(s->error, 0);
	assert_int_equal(c->in.len, N);
	assert_int_equal(s->in.len, N);
	assert_memory_equal(c->in.data, to_c.data, N);
	assert_memory_equal(s->in.data, to_s.data, N);
	assert_true(net_tls_established(c->s));
	assert_true(net_stream_private(s->s));
	assert_string_equal(net_stream_transport(s->s), "tls");
	assert_int_equal(net_stream_held(s->s), 0);
	pump_close(c);
	pump(s, (size_t)-1, s, 0);
	assert_true(s->eof);	/* close-notify */
	pump_close(s);
	wire_buf_fini(&to_s);
	wire_buf_fini(&to_c);
}

static void certificate_files(void **state)
{
	struct stat st;
	struct net_tls *t;
	char text[96], other[96];

	(void)state;
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(net_tls_make_certificate(cert, key, err, sizeof err), 0);
	assert_int_equal(net_tls_make_certificate(cert, "/tmp/no-such-dir/key", err, sizeof err), -1);
	assert_int_equal(net_tls_make_certificate("/tmp/no-such-dir/cert", "/tmp/no-such-dir/key", err, sizeof err), -1);
	t = net_tls_server(cert, key, NULL, err, sizeof err);
	assert_non_null(t);
	assert_true(net_tls_fingerprint(t, text));
	assert_int_equal(strlen(text), 95);
	net_tls_free(t);
	t = net_tls_server(cert2, key2, NULL, err, sizeof err);
	assert_true(net_tls_fingerprint(t, other));
	assert_string_not_equal(text, other);
	net_tls_free(t);
	assert_null(net_tls_server(cert, key2, NULL, err, sizeof err));
	assert_string_equal(err, "private key: it is not the certificate's");
	assert_null(net_tls_server(cert, NULL, NULL, err, sizeof err));
	assert_string_equal(err, "private key: there is none without a passphrase");
	assert_null(net_tls_server(key, key, NULL, err, sizeof err));
	assert_non_null(strstr(err, "certificate: "));
	assert_null(net_tls_server("/no/such", key, NULL, err, sizeof err));
	assert_string_equal(err, "/no/such: No such file or directory");
	assert_null(net_tls_server(cert, key, key, err, sizeof err));
	assert_string_equal(err, "client CA: no certificate is there");
}

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 10000);

	*n = fread(text, 1, 9999, f);
	fclose(f);
	return text;
}

static void with_certificates(void **state)
{
	size_t cert_len, key_len;
	char *cert_pem = slurp(cert, &cert_len), *key_pem = slurp(key, &key_len);
	struct net_tls *server = net_tls_server_pem(cert_pem, cert_len, key_pem, key_len, NULL, 0, err, sizeof err);
	struct net_tls *client = net_tls_client(cert, false, err, sizeof err), *careless = net_tls_client(NULL, true, err, sizeof err);
	struct end c, s;

	(void)state;
	assert_non_null(server);
	assert_non_null(client);
	for (int i = 0; i < 3; i++) {
		pump_pair(&c, &s);
		layer(&c, i < 2 ? client : careless, i == 0 ? "localhost" : i == 1 ? "127.0.0.1" : "elsewhere.example");
		layer(&s, server, NULL);
		assert_false(net_tls_established(s.s));
		talk(&c, &s);
	}
	net_tls_free(server);
	net_tls_free(client);
	net_tls_free(careless);
	free(cert_pem);
	free(key_pem);
}

static void anonymous(void **state)
{
	struct net_tls *server = net_tls_server_anonymous(err, sizeof err), *client = net_tls_client_anonymous(err, sizeof err);
	struct end c, s;
	char text[96];

	(void)state;
	assert_non_null(server);
	assert_non_null(client);
	assert_false(net_tls_fingerprint(server, text));
	pump_pair(&c, &s);
	layer(&c, client, NULL);
	layer(&s, server, NULL);
	net_tls_free(server);	/* streams keep what they need */
	net_tls_free(client);
	talk(&c, &s);
}

static void refuse(struct net_tls *client, const char *host, struct net_tls *server, const char *client_says, const char *server_says)
{
	struct end c, s;

	assert_non_null(client);
	assert_non_null(server);
	pump_pair(&c, &s);
	layer(&c, client, host);
	layer(&s, server, NULL);
	wire_put(&c.out, "hello", 5);
	wire_put(&s.out, "hello", 5);
	pump(&c, 5, &s, 5);
	assert_int_equal(s.in.len, 0);
	if (client_says)
		assert_non_null(strstr(net_stream_error(c.s), client_says));
	if (server_says)
		assert_non_null(strstr(net_stream_error(s.s), server_says));
	pump_close(&c);
	pump_close(&s);
	net_tls_free(client);
	net_tls_free(server);
}

static void refusals(void **state)
{
	(void)state;
	refuse(net_tls_client(cert2, false, err, sizeof err), "localhost", net_tls_server(cert, key, NULL, err, sizeof err),
	       "self-signed", "alert");
	refuse(net_tls_client(cert, false, err, sizeof err), "elsewhere.example", net_tls_server(cert, key, NULL, err, sizeof err),
	       "hostname mismatch", "alert");
	refuse(net_tls_client(cert, false, err, sizeof err), "localhost", net_tls_server_anonymous(err, sizeof err), "alert", "no shared cipher");
	refuse(net_tls_client_anonymous(err, sizeof err), NULL, net_tls_server(cert, key, NULL, err, sizeof err), "alert", "no shared cipher");
	/* a server that wants a client's certificate, which this client lacks */
	refuse(net_tls_client(cert, false, err, sizeof err), "localhost", net_tls_server(cert, key, cert2, err, sizeof err),
	       NULL, "peer did not return a certificate");
}

/* Garbage instead of a hello; the other side leaves in the middle. */
static void not_tls(void **state)
{
	struct net_tls *server = net_tls_server(cert, key, NULL, err, sizeof err);
	struct end c, s;

	(void)state;
	pump_pair(&c, &s);
	layer(&s, server, NULL);
	wire_put(&c.out, "GET / HTTP/1.0\r\n\r\n", 18);
	while (!s.error && !s.eof && (pump_both(&c, &s) || pump_wait(&c, &s)))
		;
	assert_int_equal(s.error, EPROTO);
	assert_non_null(strstr(net_stream_error(s.s), "TLS: "));
	pump_close(&c);
	pump_close(&s);
	pump_pair(&c, &s);
	layer(&s, server, NULL);
	pump_close(&c);
	while (pump_turn(&s))
		;
	assert_int_equal(s.error, EPROTO);
	assert_string_equal(net_stream_error(s.s), "TLS: closed during the handshake");
	pump_close(&s);
	net_tls_free(server);
}

/* Bytes read before the layer was there belong to it. */
static void bytes_put_back(void **state)
{
	struct net_tls *server = net_tls_server(cert, key, NULL, err, sizeof err), *client = net_tls_client(cert, false, err, sizeof err);
	struct end c, s;
	uint8_t early[4];

	(void)state;
	pump_pair(&c, &s);
	layer(&c, client, "localhost");	/* the hello is on its way, though nobody read or wrote */
	assert_int_equal(net_stream_read(s.s, early, 4), 4);
	assert_int_equal(early[0], 22);
	assert_int_equal(net_stream_unread(s.s, early, 4), 0);
	layer(&s, server, NULL);
	assert_true(net_stream_pending(s.s));
	talk(&c, &s);
	net_tls_free(server);
	net_tls_free(client);
}

/* Certificates of clients: one that the CA knows gets in, and its name is known; another does not. */
static void client_certificates(void **state)
{
	struct net_tls *server = net_tls_server(cert, key, cert2, err, sizeof err), *known = net_tls_client(cert, false, err, sizeof err);
	struct net_tls *stranger = net_tls_client(cert, false, err, sizeof err);
	struct end c, s;

	(void)state;
	assert_true(net_tls_client_certificate(known, cert2, key2, err, sizeof err));
	assert_true(net_tls_client_certificate(stranger, cert, key, err, sizeof err));
	assert_false(net_tls_client_certificate(stranger, cert, key2, err, sizeof err));
	assert_non_null(strstr(err, "private key: "));
	pump_pair(&c, &s);
	layer(&c, known, "localhost");
	layer(&s, server, NULL);
	assert_string_equal(net_tls_peer_name(s.s), "");
	wire_put(&c.out, "hello", 5);
	pump(&c, 0, &s, 5);
	assert_true(strlen(net_tls_peer_name(s.s)) > 0);
	pump_close(&c);
	pump_close(&s);
	net_tls_free(known);
	refuse(stranger, "localhost", server, NULL, "certificate");
}

/* A viewer that leaves without close-notify: an end like any other. */
static void abrupt_end(void **state)
{
	struct net_tls *server = net_tls_server(cert, key, NULL, err, sizeof err), *client = net_tls_client(cert, false, err, sizeof err);
	struct end c, s;

	(void)state;
	pump_pair(&c, &s);
	layer(&c, client, "localhost");
	layer(&s, server, NULL);
	wire_put(&c.out, "hello", 5);
	wire_put(&s.out, "hello", 5);
	pump(&c, 5, &s, 5);
	assert_int_equal(shutdown(net_stream_fd(c.s), SHUT_RDWR), 0);
	while (pump_turn(&s))
		;
	assert_true(s.eof);
	assert_int_equal(s.error, 0);
	pump_close(&c);
	pump_close(&s);
	net_tls_free(server);
	net_tls_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate_files),
		cmocka_unit_test(with_certificates),
		cmocka_unit_test(anonymous),
		cmocka_unit_test(refusals),
		cmocka_unit_test(not_tls),
		cmocka_unit_test(bytes_put_back),
		cmocka_unit_test(client_certificates),
		cmocka_unit_test(abrupt_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
