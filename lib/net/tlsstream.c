/* TLS as a stream layer. OpenSSL reads from the stream below; what it writes is held here and passed on as the
 * stream below takes it, so that bytes once taken are never asked for again. One record is held at most.
 *
 * A handshake that is done aside takes its bytes from a buffer and leaves its answer in another. What its thread uses is a part of
 * its own, which outlives the stream when this is closed meanwhile. */
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

struct tls_core {
	struct net_job job;		/* first: the core is what the job is about */
	struct tls_stream *stream;	/* NULL: closed while the job ran */
	struct net_tls *settings;
	SSL *ssl;
	bool running;			/* all of this but `stream` is the job's */
	bool failed;
	char why[96];
	struct wire_buf in, made;	/* what came for the handshake, and its answer */
	size_t in_at;
};

struct tls_stream {
	struct net_stream s;
	struct tls_core *core;
	struct wire_buf held;
	size_t held_at;
	int below_errno;		/* of the last failed read below */
	bool below_ended;
	void (*progress)(void *arg);
	void *progress_arg;
	char peer[128];
};

static void core_free(struct tls_core *c)
{
	if (!c)
		return;
	ERR_clear_error();
	SSL_free(c->ssl);
	ERR_clear_error();
	net_tls_free(c->settings);
	wire_buf_fini(&c->in);
	wire_buf_fini(&c->made);
	free(c);
}

static bool is_established(const struct tls_core *c)
{
	return !c->running && SSL_is_init_finished(c->ssl);
}

/* --- the BIO between OpenSSL and the stream below ------------------------------------------------------ */

static size_t read_buffered(struct tls_core *c, char *buf, size_t n)
{
	const size_t left = c->in.len - c->in_at;

	if (n > left)
		n = left;
	if (n)
		memcpy(buf, c->in.data + c->in_at, n);
	c->in_at += n;
	if (!c->running && c->in_at == c->in.len) {
		wire_buf_fini(&c->in);
		c->in_at = 0;
	}
	return n;
}

static int bio_read(BIO *b, char *buf, int n)
{
	struct tls_core *c = BIO_get_data(b);
	ssize_t got = (ssize_t)read_buffered(c, buf, (size_t)n);

	BIO_clear_retry_flags(b);
	if (got > 0)
		return (int)got;
	if (c->running) {
		BIO_set_retry_read(b);
		return -1;
	}
	got = net_stream_read(c->stream->s.below, buf, (size_t)n);
	if (got < 0 && errno == EAGAIN)
		BIO_set_retry_read(b);
	else if (got < 0)
		c->stream->below_errno = errno;
	else if (got == 0)
		c->stream->below_ended = true;
	return got > 0 ? (int)got : got == 0 ? 0 : -1;
}

static int bio_write(BIO *b, const char *buf, int n)
{
	struct tls_core *c = BIO_get_data(b);
	struct wire_buf *to = c->running ? &c->made : &c->stream->held;

	BIO_clear_retry_flags(b);
	wire_put(to, buf, (size_t)n);
	return to->bad ? -1 : n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	struct tls_core *c = BIO_get_data(b);

	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH || (cmd == BIO_CTRL_EOF && !c->running && c->stream->below_ended);
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
static const char *explain(SSL *ssl)
{
	long verdict = SSL_get_verify_result(ssl);

	return verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : net_tls_why();
}

/* The result of SSL_read or SSL_write in this library's terms: 0 end, -1 and errno. */
static ssize_t failed(struct net_stream *s, int result)
{
	struct tls_stream *t = of(s);
	int why = SSL_get_error(t->core->ssl, result);

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
		if (!SSL_is_init_finished(t->core->ssl) && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return net_fail(s, EPROTO, "TLS: closed during the handshake");
		return net_fail(s, EPROTO, "TLS: %s", explain(t->core->ssl));
	}
}

/* --- handshakes done aside --------------------------------------------------------------------------- */

static void shake(struct net_job *j)
{
	struct tls_core *c = (struct tls_core *)j;
	int result, why;

	ERR_clear_error();
	result = SSL_do_handshake(c->ssl);
	why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(c->ssl, result);
	c->failed = why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
	if (c->failed)
		snprintf(c->why, sizeof c->why, "%s", explain(c->ssl));
}

static void shaken(struct net_job *j)
{
	struct tls_core *c = (struct tls_core *)j;
	struct tls_stream *t = c->stream;

	c->running = false;
	if (!t) {
		core_free(c);
		return;
	}
	wire_put(&t->held, c->made.data, c->made.len);
	t->held.bad |= c->made.bad;
	wire_buf_fini(&c->made);
	c->made.max = HELD_MAX;
	tls_flush(&t->s);	/* also an alert, which says why to the other side */
	if (t->progress)
		t->progress(t->progress_arg);
}

/* Gives a job what has come. -1 and errno: EAGAIN while there is something to wait for. */
static ssize_t shake_aside(struct net_stream *s)
{
	struct tls_stream *t = of(s);
	struct tls_core *c = t->core;
	uint8_t some[RECORD];
	ssize_t got;

	errno = EAGAIN;
	if (c->running)
		return -1;
	if (c->failed)
		return net_fail(s, EPROTO, "TLS: %s", c->why);
	got = net_stream_read(s->below, some, sizeof some);
	if (got < 0)
		return errno == EAGAIN ? -1 : net_fail(s, errno, "TLS: %s", strerror(errno));
	if (got == 0)
		return net_fail(s, EPROTO, "TLS: closed during the handshake");
	wire_put(&c->in, some, (size_t)got);
	if (c->in.bad || t->held.bad)
		return net_fail(s, ENOMEM, "TLS: out of memory");
	c->running = true;
	net_aside_submit(c->settings->aside, &c->job);
	errno = EAGAIN;
	return -1;
}

static bool shakes_aside(const struct tls_core *c)
{
	return c->settings->aside && !is_established(c);
}

/* --- bytes -------------------------------------------------------------------------------------------- */

static ssize_t tls_read(struct net_stream *s, void *buf, size_t n)
{
	struct tls_stream *t = of(s);
	int got;

	if (shakes_aside(t->core))
		return shake_aside(s);
	ERR_clear_error();
	t->below_errno = 0;
	got = SSL_read(t->core->ssl, buf, n < 1 << 30 ? (int)n : 1 << 30);
	if (got <= 0)
		return !SSL_is_init_finished(t->core->ssl) && SSL_get_error(t->core->ssl, got) == SSL_ERROR_ZERO_RETURN
			       ? net_fail(s, EPROTO, "TLS: closed during the handshake") : failed(s, got);
	tls_flush(s);
	return got;
}

static ssize_t tls_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	struct tls_stream *t = of(s);
	uint8_t record[RECORD];
	size_t taken = 0, len;

	if (shakes_aside(t->core))
		return tls_flush(s) < 0 ? -1 : shake_aside(s);
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
		put = SSL_write(t->core->ssl, record, (int)len);
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
	const struct tls_core *c = ((const struct tls_stream *)s)->core;

	return is_established(c) && (SSL_pending(c->ssl) > 0 || c->in_at < c->in.len);
}

/* While shaking hands: what the handshake waits for; writing begins when it is over. */
static short tls_needs(const struct net_stream *s, bool reading, bool writing)
{
	const struct tls_stream *t = (const struct tls_stream *)s;
	bool established = is_established(t->core);
	short events = !t->core->running && (reading || !established) ? POLLIN : 0;

	if ((writing && established) || tls_held(s) > 0)
		events |= POLLOUT;
	return events;
}

static void tls_close(struct net_stream *s)
{
	struct tls_stream *t = of(s);
	struct tls_core *c = t->core;

	ERR_clear_error();
	if (is_established(c))
		SSL_shutdown(c->ssl);
	tls_flush(s);
	wire_buf_fini(&t->held);
	c->stream = NULL;
	if (!c->running || net_aside_cancel(c->settings->aside, &c->job))
		core_free(c);
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

static struct tls_core *core_new(struct net_tls *settings)
{
	struct tls_core *c = calloc(1, sizeof *c);
	BIO *bio = BIO_new(settings->method);

	if (!c || !bio || !(c->ssl = SSL_new(settings->ctx))) {
		BIO_free(bio);
		free(c);
		return NULL;
	}
	BIO_set_data(bio, c);
	BIO_set_init(bio, 1);
	SSL_set_bio(c->ssl, bio, bio);
	if (settings->server)
		SSL_set_accept_state(c->ssl);
	else
		SSL_set_connect_state(c->ssl);
	c->job = (struct net_job){ .run = shake, .over = shaken };
	c->in.max = c->made.max = HELD_MAX;
	c->settings = settings;
	settings->references++;
	return c;
}

struct net_stream *net_tls_stream(struct net_tls *settings, struct net_stream *below, const char *host)
{
	struct tls_stream *t = calloc(1, sizeof *t);
	struct tls_core *c = core_new(settings);

	if (!t || !c || (host && !expect_host(c->ssl, host, settings->verify_host))) {
		ERR_clear_error();
		core_free(c);
		free(t);
		return NULL;
	}
	t->s = (struct net_stream){ .ops = &tls_ops, .below = below, .in = -1, .out = -1, .secret = true, .unread.max = 65536 };
	t->held.max = HELD_MAX;
	t->core = c;
	c->stream = t;
	if (!settings->server) {	/* a client speaks first, also one that only waits to read */
		SSL_do_handshake(c->ssl);
		ERR_clear_error();
		tls_flush(&t->s);
	}
	return &t->s;
}

static const struct tls_stream *find(const struct net_stream *s)
{
	while (s && s->ops != &tls_ops)
		s = s->below;
	return (const struct tls_stream *)s;
}

void net_tls_on_progress(struct net_stream *s, void (*fn)(void *arg), void *arg)
{
	struct tls_stream *t = (struct tls_stream *)(uintptr_t)find(s);

	if (t) {
		t->progress = fn;
		t->progress_arg = arg;
	}
}

bool net_tls_established(const struct net_stream *s)
{
	const struct tls_stream *t = find(s);

	return t && is_established(t->core);
}

const char *net_tls_peer_name(const struct net_stream *s)
{
	struct tls_stream *t = (struct tls_stream *)(uintptr_t)find(s);
	X509 *cert = NULL;

	if (t && is_established(t->core) && SSL_get_verify_result(t->core->ssl) == X509_V_OK)
		cert = SSL_get0_peer_certificate(t->core->ssl);
	if (!cert)
		return "";
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, t->peer, sizeof t->peer) < 0)
		t->peer[0] = 0;
	return t->peer;
}
