/* TLS as a stream layer. OpenSSL reads from the stream below; what it writes is held here and passed on as the
 * stream below takes it, so that bytes once taken are never asked for again. One record is held at most. */
#include "net/tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "net/layer.h"
#include "net/tlsctx.h"

enum { RECORD = 16384, HELD_MAX = 1 << 18 };	/* a handshake's flight may be larger than a record */

struct tls_stream {
	struct net_stream s;
	struct net_tls *settings;
	SSL *ssl;
	struct wire_buf held;
	size_t held_at;
	int below_errno;		/* of the last failed read below */
	bool below_ended;
	char peer[128];
};

/* --- the BIO between OpenSSL and the stream below ------------------------------------------------------ */

static int bio_read(BIO *b, char *buf, int n)
{
	struct tls_stream *t = BIO_get_data(b);
	ssize_t got;

	BIO_clear_retry_flags(b);
	got = net_stream_read(t->s.below, buf, (size_t)n);
	if (got < 0 && errno == EAGAIN)
		BIO_set_retry_read(b);
	else if (got < 0)
		t->below_errno = errno;
	else if (got == 0)
		t->below_ended = true;
	return got > 0 ? (int)got : got == 0 ? 0 : -1;
}

static int bio_write(BIO *b, const char *buf, int n)
{
	struct tls_stream *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	wire_put(&t->held, buf, (size_t)n);
	return t->held.bad ? -1 : n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	struct tls_stream *t = BIO_get_data(b);

	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH || (cmd == BIO_CTRL_EOF && t->below_ended);
}

BIO_METHOD *net_tls_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "rfbkit stream");

	if (m && BIO_meth_set_read(m, bio_read) == 1 && BIO_meth_set_write(m, bio_write) == 1 && BIO_meth_set_ctrl(m, bio_ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* --- operations -------------------------------------------------------------------------------------------- */

static struct tls_stream *of(struct net_stream *s)
{
	return (struct tls_stream *)s;
}

static size_t tls_held(const struct net_stream *s)
{
	const struct tls_stream *t = (const struct tls_stream *)s;

	return t->held.len - t->held_at;
}

static int tls_flush(struct net_stream *s)
{
	struct tls_stream *t = of(s);

	while (t->held_at < t->held.len) {
		ssize_t put = net_stream_write(s->below, t->held.data + t->held_at, t->held.len - t->held_at);

		if (put < 0)
			return errno == EAGAIN ? 0 : -1;
		t->held_at += (size_t)put;
	}
	t->held_at = 0;
	wire_buf_reset(&t->held);
	return 1;
}

/* Why certificates were refused, where that is the reason. */
static const char *explain(struct tls_stream *t)
{
	long verdict = SSL_get_verify_result(t->ssl);

	return verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : net_tls_why();
}

/* The result of SSL_read or SSL_write in this library's terms: 0 end, -1 and errno. */
static ssize_t failed(struct net_stream *s, int result)
{
	struct tls_stream *t = of(s);
	int why = SSL_get_error(t->ssl, result);

	tls_flush(s);	/* an alert says why to the other side */
	switch (why) {
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_SYSCALL:
		if (t->below_errno)
			return net_fail(s, t->below_errno, "TLS: %s", strerror(t->below_errno));
		return net_fail(s, EPROTO, "TLS: closed during the handshake");
	default:
		if (!SSL_is_init_finished(t->ssl) && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return net_fail(s, EPROTO, "TLS: closed during the handshake");
		return net_fail(s, EPROTO, "TLS: %s", explain(t));
	}
}

static ssize_t tls_read(struct net_stream *s, void *buf, size_t n)
{
	struct tls_stream *t = of(s);
	int got;

	ERR_clear_error();
	t->below_errno = 0;
	got = SSL_read(t->ssl, buf, n < 1 << 30 ? (int)n : 1 << 30);
	if (got <= 0)
		return !SSL_is_init_finished(t->ssl) && SSL_get_error(t->ssl, got) == SSL_ERROR_ZERO_RETURN
			       ? net_fail(s, EPROTO, "TLS: closed during the handshake") : failed(s, got);
	tls_flush(s);
	return got;
}

static ssize_t tls_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	struct tls_stream *t = of(s);
	uint8_t record[RECORD];
	size_t taken = 0, len;

	for (;;) {
		int flushed = tls_flush(s), put;

		if (flushed < 0 && !taken)
			return -1;
		if (flushed <= 0)
			break;
		len = net_gather(record, sizeof record, iov, n, taken);
		if (len == 0)
			return (ssize_t)taken;
		ERR_clear_error();
		t->below_errno = 0;
		put = SSL_write(t->ssl, record, (int)len);
		if (put <= 0) {
			if (taken)
				break;
			if (failed(s, put) == 0)
				errno = EPIPE;
			return -1;
		}
		taken += (size_t)put;
	}
	if (taken)
		return (ssize_t)taken;
	errno = EAGAIN;
	return -1;
}

static bool tls_pending(const struct net_stream *s)
{
	return SSL_pending(((const struct tls_stream *)s)->ssl) > 0;
}

/* While shaking hands: what the handshake waits for; writing begins when it is over. */
static short tls_needs(const struct net_stream *s, bool reading, bool writing)
{
	const struct tls_stream *t = (const struct tls_stream *)s;
	bool established = SSL_is_init_finished(t->ssl);
	short events = reading || !established ? POLLIN : 0;

	if ((writing && established) || tls_held(s) > 0)
		events |= POLLOUT;
	return events;
}

static void tls_close(struct net_stream *s)
{
	struct tls_stream *t = of(s);

	ERR_clear_error();
	if (SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	tls_flush(s);
	ERR_clear_error();
	SSL_free(t->ssl);
	net_tls_free(t->settings);
	wire_buf_fini(&t->held);
}

static const struct net_ops tls_ops = {
	.name = "tls", .read = tls_read, .writev = tls_writev, .flush = tls_flush, .pending = tls_pending,
	.held = tls_held, .needs = tls_needs, .close = tls_close,
};

/* --- making ---------------------------------------------------------------------------------------------------- */

static bool is_number(const char *host)
{
	return strchr(host, ':') || strspn(host, "0123456789.") == strlen(host);
}

static bool expect_host(SSL *ssl, const char *host, bool verify)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);

	if (!is_number(host))
		return SSL_set_tlsext_host_name(ssl, host) == 1 && (!verify || X509_VERIFY_PARAM_set1_host(p, host, 0) == 1);
	return !verify || X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
}

struct net_stream *net_tls_stream(struct net_tls *settings, struct net_stream *below, const char *host)
{
	struct tls_stream *t = calloc(1, sizeof *t);
	BIO *bio = BIO_new(settings->method);

	if (!t || !bio)
		goto fail;
	t->ssl = SSL_new(settings->ctx);
	if (!t->ssl)
		goto fail;
	if (settings->server)
		SSL_set_accept_state(t->ssl);
	else
		SSL_set_connect_state(t->ssl);
	if (host && !expect_host(t->ssl, host, settings->verify_host))
		goto fail;
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	t->s = (struct net_stream){ .ops = &tls_ops, .below = below, .in = -1, .out = -1, .secret = true, .unread.max = 65536 };
	t->held.max = HELD_MAX;
	t->settings = settings;
	settings->references++;
	if (!settings->server) {	/* a client speaks first, also one that only waits to read */
		SSL_do_handshake(t->ssl);
		ERR_clear_error();
		tls_flush(&t->s);
	}
	return &t->s;
fail:
	ERR_clear_error();
	if (t)
		SSL_free(t->ssl);
	BIO_free(bio);
	free(t);
	return NULL;
}

static const struct tls_stream *find(const struct net_stream *s)
{
	while (s && s->ops != &tls_ops)
		s = s->below;
	return (const struct tls_stream *)s;
}

bool net_tls_established(const struct net_stream *s)
{
	const struct tls_stream *t = find(s);

	return t && SSL_is_init_finished(t->ssl);
}

const char *net_tls_peer_name(const struct net_stream *s)
{
	struct tls_stream *t = (struct tls_stream *)(uintptr_t)find(s);
	X509 *cert = t && SSL_get_verify_result(t->ssl) == X509_V_OK ? SSL_get0_peer_certificate(t->ssl) : NULL;

	if (!cert)
		return "";
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, t->peer, sizeof t->peer) < 0)
		t->peer[0] = 0;
	return t->peer;
}
