/* A VNC client's connection on one poll loop with the signals and flushes of a recorder. */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/random.h"
#include "auth/vncauth.h"
#include "cli/cli.h"
#include "door.h"
#include "io/io.h"
#include "net/addr.h"
#include "net/aes.h"
#include "net/tls.h"

enum { CHUNK = 64 * 1024 };
#define CONNECT_US INT64_C(15000000)	/* for the greeting */
#define HANDSHAKE_US INT64_C(75000000)	/* for all of the handshake: a person may be asked to let us in */

static bool fail(struct link *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct link *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->why, sizeof k->why, fmt, ap);
	va_end(ap);
	return false;
}

static bool refuse(struct link *k, const char *why)
{
	k->refused = true;
	return fail(k, "%s", why);
}

void link_close(struct link *k)
{
	if (k->stream)
		net_stream_close(k->stream);
	rfb_client_free(k->client);
	wire_buf_fini(&k->in);
	wire_buf_fini(&k->out);
	k->stream = NULL;
	k->client = NULL;
}

/* --- bytes -------------------------------------------------------------------------------- */

static bool send_some(struct link *k)
{
	ssize_t n;

	if (k->out.bad)
		return fail(k, "no memory");
	while (k->out.len) {
		n = net_stream_write(k->stream, k->out.data, k->out.len);
		if (n < 0)
			return errno == EAGAIN || fail(k, "%s", net_stream_error(k->stream));
		wire_buf_drop(&k->out, (size_t)n);
	}
	if (net_stream_flush(k->stream) < 0)
		return errno == EAGAIN || fail(k, "%s", net_stream_error(k->stream));
	return true;
}

static bool read_some(struct link *k)
{
	uint8_t *to = wire_buf_room(&k->in, CHUNK);
	ssize_t n;

	if (!to)
		return fail(k, "no memory");
	n = net_stream_read(k->stream, to, CHUNK);
	if (n > 0)
		k->in.len += (size_t)n;
	else if (n == 0)
		return fail(k, "the server closed the connection");
	else if (errno != EAGAIN)
		return fail(k, "%s", net_stream_error(k->stream));
	return true;
}

bool link_turn(struct link *k, struct loop *l, int64_t deadline, int watch, bool *gone)
{
	struct pollfd fds[2] = { { .fd = net_stream_fd(k->stream) }, { .fd = watch } };

	if (!send_some(k))
		return false;
	if (net_stream_pending(k->stream))
		return read_some(k);
	fds[0].events = net_stream_events(k->stream, true, k->out.len || net_stream_held(k->stream));
	loop_wait(l, fds, 2, deadline);
	*gone = (fds[1].revents & (POLLERR | POLLHUP)) != 0;
	return fds[0].revents ? read_some(k) : true;
}

/* --- the handshake ------------------------------------------------------------------------- */

static bool answer_credentials(struct link *k, const struct settings *s)
{
	struct auth_client *auth = rfb_client_auth(k->client);
	const char *user = getenv("VNC_USERNAME"), *password = getenv("VNC_PASSWORD");
	char from_file[AUTH_VNC_PASSWORD + 1] = "";

	if (s->vncpasswd) {
		memcpy(from_file, s->means->vnc.full, AUTH_VNC_PASSWORD);
		password = from_file;
	}
	if (!password)
		return refuse(k, "the server wants a password: -p VNCPASSWD, or $VNC_PASSWORD");
	if (auth_client_wants_user(auth) && !user)
		return refuse(k, "the server wants a user name: $VNC_USERNAME");
	auth_client_answer(auth, user, password);
	auth_wipe(from_file, sizeof from_file);
	return true;
}

static bool answer_trust(struct link *k, const struct settings *s)
{
	struct auth_client *auth = rfb_client_auth(k->client);
	const char *print = auth_client_fingerprint(auth);
	bool known = s->insecure || (s->fingerprint && strcasecmp(s->fingerprint, print) == 0);

	if (!known) {
		k->refused = true;
		return fail(k, "the server's key %s is not known: --fingerprint %s if it is the right one", print, print);
	}
	auth_client_trust(auth, true);
	return true;
}

/* Puts a layer on the stream; bytes that were read already belong to it. */
static bool add_layer(struct link *k, struct net_stream *layer)
{
	if (!layer)
		return fail(k, "no memory");
	k->stream = layer;
	auth_client_upgraded(rfb_client_auth(k->client));
	return true;
}

static bool unread(struct link *k)
{
	if (k->in.len && net_stream_unread(k->stream, k->in.data, k->in.len))
		return fail(k, "too much came before the channel was there");
	wire_buf_reset(&k->in);
	return true;
}

/* What we have to say goes out before the layer is put on. */
static bool send_all(struct link *k)
{
	int64_t deadline = io_now() + CONNECT_US;

	while (k->out.len || net_stream_held(k->stream)) {
		if (!send_some(k))
			return false;
		if ((k->out.len || net_stream_held(k->stream)) && io_wait(net_stream_fd(k->stream), POLLOUT, deadline) <= 0)
			return fail(k, "the server takes nothing");
	}
	return true;
}

static bool start_tls(struct link *k, const struct settings *s, const char *host)
{
	enum auth_type type = auth_client_type(rfb_client_auth(k->client));
	bool anonymous = auth_type_info(type)->channel == AUTH_TLS_ANON;
	struct net_tls *tls = anonymous ? s->means->anonymous : s->means->verified;

	if (!send_all(k) || !unread(k))
		return false;
	if (!tls)
		return refuse(k, anonymous ? s->means->no_anonymous : s->means->no_verified);
	return add_layer(k, net_tls_stream(tls, k->stream, host));
}

static bool start_aes(struct link *k)
{
	if (!send_all(k) || !unread(k))
		return false;
	return add_layer(k, net_aes_stream(auth_client_aes(rfb_client_auth(k->client)), k->stream));
}

static bool handle(struct link *k, const struct settings *s, const char *host, enum rfb_client_event event)
{
	switch (event) {
	case RFB_CLIENT_CREDENTIALS:
		return answer_credentials(k, s);
	case RFB_CLIENT_TRUST:
		return answer_trust(k, s);
	case RFB_CLIENT_TLS:
		return start_tls(k, s, host);
	case RFB_CLIENT_AES:
		return start_aes(k);
	case RFB_CLIENT_READY:
		k->ready = true;
		return true;
	case RFB_CLIENT_FAILED:
		return refuse(k, rfb_client_reason(k->client));
	default:
		return true;
	}
}

/* Takes the handshake as far as the bytes that are here allow. */
static bool advance(struct link *k, const struct settings *s, const char *host)
{
	enum rfb_client_event event;
	size_t n;

	do {
		n = rfb_client_step(k->client, k->in.data, k->in.len, &k->out, &event);
		wire_buf_drop(&k->in, n);
		k->greeted = k->greeted || n > 0;
		if (!handle(k, s, host, event))
			return false;
	} while (!k->ready && (n > 0 || event != RFB_CLIENT_MORE));
	return true;
}

void link_prepare(struct link_means *m, const struct settings *s)
{
	*m = (struct link_means){ 0 };
	if (s->vncpasswd && auth_vncpasswd_load(&m->vnc, s->vncpasswd))
		cli_die_errno("cannot read the password file %s", s->vncpasswd);
	m->verified = net_tls_client(s->ca, s->insecure, m->no_verified, sizeof m->no_verified);
	m->anonymous = net_tls_client_anonymous(m->no_anonymous, sizeof m->no_anonymous);
}

bool link_open(struct link *k, const struct settings *s, struct loop *l)
{
	char why[DOOR_WHY];
	bool gone;
	int fd;

	*k = (struct link){ .why = "stopped" };
	fd = door_connect(s->door, l, why);
	if (fd < 0)
		return fail(k, "cannot connect: %s", why);
	k->stream = net_stream_plain(fd);
	k->client = rfb_client_new(s->types, s->n_types, true);
	if (!k->stream || !k->client)
		return fail(k, "no memory");
	const int64_t begun = io_now();
	while (!k->ready) {
		if (!advance(k, s, s->to.is_unix ? NULL : s->to.host))
			return false;
		if (k->ready)
			break;
		if (l->stop)
			return fail(k, "stopped");
		const int64_t deadline = begun + (k->greeted ? HANDSHAKE_US : CONNECT_US);
		if (io_now() >= deadline)
			return fail(k, k->greeted ? "the handshake took too long" : "the server does not speak RFB");
		if (!link_turn(k, l, deadline, -1, &gone))
			return false;
	}
	return true;
}
