/* Every security type, server against client over real streams with TLS and RSA-AES layers, right and wrong
 * passwords; EAX's published vectors; forged records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/eax.h"
#include "auth/rsa.h"
#include "auth/vncauth.h"
#include "net/aes.h"
#include "net/tls.h"
#include "net/websocket.h"
#include "pump.h"
#include "rfb/client.h"
#include "rfb/put.h"
#include "rfb/server.h"

static char dir[] = "/tmp/test_security.XXXXXX", cert[64], key[64];
static struct net_tls *tls_server, *tls_client, *anon_server, *anon_client;
static struct auth_rsa *rsa;

static int set_up(void **state)
{
	char err[256];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(cert, sizeof cert, "%s/cert", dir);
	snprintf(key, sizeof key, "%s/key", dir);
	if (net_tls_make_certificate(cert, key, err, sizeof err) != 1)
		return -1;
	tls_server = net_tls_server(cert, key, NULL, err, sizeof err);
	tls_client = net_tls_client(cert, false, err, sizeof err);
	anon_server = net_tls_server_anonymous(err, sizeof err);
	anon_client = net_tls_client_anonymous(err, sizeof err);
	rsa = auth_rsa_make(2048);
	return tls_server && tls_client && anon_server && anon_client && rsa ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	net_tls_free(tls_server);
	net_tls_free(tls_client);
	net_tls_free(anon_server);
	net_tls_free(anon_client);
	auth_rsa_free(rsa);
	unlink(cert);
	unlink(key);
	rmdir(dir);
	return 0;
}

/* One side: its connection and its machine. */
struct side {
	struct end e;
	struct rfb_server *server;
	struct rfb_client *client;
	const char *password;
	bool ready, failed;
};

/* Puts a layer on the connection; what was read and not consumed goes back first. */
static void upgrade(struct end *e, struct net_stream *(*make)(void *arg, struct net_stream *below), void *arg)
{
	struct net_stream *s;

	while (e->out.len > 0)
		pump_turn(e);
	assert_int_equal(net_stream_unread(e->s, e->in.data, e->in.len), 0);
	wire_buf_reset(&e->in);
	s = make(arg, e->s);
	assert_non_null(s);
	e->s = s;
}

static struct net_stream *make_tls(void *arg, struct net_stream *below)
{
	return net_tls_stream(arg, below, arg == tls_client ? "localhost" : NULL);
}

static struct net_stream *make_aes(void *arg, struct net_stream *below)
{
	return net_aes_stream(arg, below);
}

static bool verify(const struct auth_check *c, enum auth_rights *rights)
{
	const struct auth_vnc_secrets secrets = { .has_full = true, .full = "sesame", .has_view = true, .view = "look" };

	if (c->proof == AUTH_PROVES_VNC)
		return auth_vnc_check(&secrets, c, rights);
	*rights = AUTH_FULL;
	return (!c->user[0] || !strcmp(c->user, "bob")) && !strcmp(c->password, "sesame");
}

static void serve(struct side *x)
{
	enum rfb_server_event event;
	enum auth_rights rights = AUTH_VIEW;
	bool ok;
	size_t used;

	if (x->ready || x->failed)
		return;
	do {
		used = rfb_server_step(x->server, x->e.in.data, x->e.in.len, &x->e.out, &event);
		wire_buf_drop(&x->e.in, used);
		switch (event) {
		case RFB_SERVER_MORE:
			break;
		case RFB_SERVER_CHECK:
			ok = verify(rfb_server_check(x->server), &rights);
			rfb_server_checked(x->server, ok, rights, "no such luck");
			break;
		case RFB_SERVER_TLS:
			upgrade(&x->e, make_tls, auth_type_info(rfb_server_info(x->server)->type)->channel == AUTH_TLS_X509 ? tls_server : anon_server);
			rfb_server_upgraded(x->server);
			break;
		case RFB_SERVER_AES:
			upgrade(&x->e, make_aes, (void *)(uintptr_t)rfb_server_aes(x->server));
			rfb_server_upgraded(x->server);
			break;
		case RFB_SERVER_READY:
			rfb_put_server_init(&x->e.out, 800, 600, &pixel_format_native, "secret desk", 11);
			x->ready = true;
			break;
		case RFB_SERVER_FAILED:
			x->failed = true;
			break;
		}
	} while (event != RFB_SERVER_MORE && !x->ready && !x->failed);
}

static void view(struct side *x)
{
	enum rfb_client_event event;
	struct auth_client *a = rfb_client_auth(x->client);
	size_t used;

	if (x->ready || x->failed)
		return;
	do {
		used = rfb_client_step(x->client, x->e.in.data, x->e.in.len, &x->e.out, &event);
		wire_buf_drop(&x->e.in, used);
		switch (event) {
		case RFB_CLIENT_MORE:
			break;
		case RFB_CLIENT_CREDENTIALS:
			auth_client_answer(a, auth_client_wants_user(a) ? "bob" : NULL, x->password);
			break;
		case RFB_CLIENT_TRUST: {
			char want[24];

			auth_rsa_fingerprint(rsa, want);
			assert_string_equal(auth_client_fingerprint(a), want);
			auth_client_trust(a, true);
			break;
		}
		case RFB_CLIENT_TLS:
			upgrade(&x->e, make_tls, auth_type_info(auth_client_type(a))->channel == AUTH_TLS_X509 ? tls_client : anon_client);
			auth_client_upgraded(a);
			break;
		case RFB_CLIENT_AES:
			upgrade(&x->e, make_aes, (void *)(uintptr_t)auth_client_aes(a));
			auth_client_upgraded(a);
			break;
		case RFB_CLIENT_READY:
			x->ready = true;
			break;
		case RFB_CLIENT_FAILED:
			x->failed = true;
			break;
		}
	} while (event != RFB_CLIENT_MORE && !x->ready && !x->failed);
}

static void shake_hands(struct side *s, struct side *c)
{
	rfb_server_start(s->server, &s->e.out);
	while (!((s->ready || s->failed) && (c->ready || c->failed))) {
		bool moved = pump_both(&s->e, &c->e);

		serve(s);
		view(c);
		if (s->e.error || c->e.error || s->e.eof || c->e.eof)
			break;
		if (!moved && !s->e.out.len && !c->e.out.len && !pump_wait(&s->e, &c->e))
			break;
	}
}

static void open_sides(struct side *s, struct side *c, const struct auth_offer *offer, const enum auth_type *type, const char *password)
{
	*s = (struct side){ .server = rfb_server_new(offer) };
	*c = (struct side){ .client = rfb_client_new(type, 1, true), .password = password };
	pump_pair(&s->e, &c->e);
}

static void close_sides(struct side *s, struct side *c)
{
	pump_close(&s->e);
	pump_close(&c->e);
	rfb_server_free(s->server);
	rfb_client_free(c->client);
}

/* Half a megabyte each way after the handshake. */
static void bulk(struct side *s, struct side *c)
{
	enum { N = 500001 };

	for (size_t i = 0; i < N; i++) {
		wire_put_u8(&s->e.out, (uint8_t)(i * 3 >> 2));
		wire_put_u8(&c->e.out, (uint8_t)(i * 5 >> 3));
	}
	pump(&s->e, N, &c->e, N);
	assert_int_equal(s->e.in.len, N);
	assert_int_equal(c->e.in.len, N);
	for (size_t i = 0; i < N; i++)
		if (c->e.in.data[i] != (uint8_t)(i * 3 >> 2) || s->e.in.data[i] != (uint8_t)(i * 5 >> 3))
			fail_msg("byte %zu differs", i);
}

static void try_type_over(enum auth_type type, bool right, bool password_only, bool websocket)
{
	const struct auth_type_info *info = auth_type_info(type);
	const struct auth_offer offer = { .types = &type, .n = 1, .rsa = rsa, .password_only = password_only };
	bool enters = right || info->proof == AUTH_PROVES_NOTHING;
	struct side s, c;

	open_sides(&s, &c, &offer, &type, right ? "sesame" : "open");
	if (websocket) {
		s.e.s = net_websocket_server(s.e.s);
		c.e.s = net_websocket_client(c.e.s);
	}
	shake_hands(&s, &c);
	assert_int_equal(s.ready, enters);
	assert_int_equal(c.ready, enters);
	if (enters) {
		assert_string_equal(rfb_client_info(c.client)->name, "secret desk");
		assert_int_equal(rfb_server_info(s.server)->type, type);
		assert_string_equal(rfb_server_info(s.server)->user, info->proof == AUTH_PROVES_PLAIN && !password_only ? "bob" : "");
		assert_int_equal(net_stream_private(s.e.s) && info->channel != AUTH_CLEAR && info->encrypts, info->encrypts);
		bulk(&s, &c);
	} else {
		assert_true(c.failed);
		assert_string_equal(rfb_client_reason(c.client), "no such luck");
	}
	close_sides(&s, &c);
}

static void try_type(enum auth_type type, bool right, bool password_only)
{
	try_type_over(type, right, password_only, false);
}

/* Layers upon layers: TLS and RSA-AES within WebSocket. */
static void over_websocket(void **state)
{
	static const enum auth_type types[] = { AUTH_VNC, AUTH_X509PLAIN, AUTH_TLSVNC, AUTH_RA2, AUTH_RA2NE_256 };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		try_type_over(types[i], true, false, true);
		try_type_over(types[i], false, false, true);
	}
}

static void every_type(void **state)
{
	(void)state;
	for (unsigned t = 0; t < AUTH_TYPES; t++) {
		try_type((enum auth_type)t, true, false);
		try_type((enum auth_type)t, false, false);
	}
	try_type(AUTH_RA2, true, true);
	try_type(AUTH_RA2NE_256, true, true);
	try_type(AUTH_RA2NE_256, false, true);
}

/* An untrusted key ends it on the client's side, before any password. */
static void untrusted_key(void **state)
{
	const enum auth_type type = AUTH_RA2;
	const struct auth_offer offer = { .types = &type, .n = 1, .rsa = rsa };
	struct rfb_server *s = rfb_server_new(&offer);
	struct rfb_client *c = rfb_client_new(&type, 1, true);
	struct wire_buf to_c = { 0 }, to_s = { 0 };
	enum rfb_server_event se;
	enum rfb_client_event ce;

	(void)state;
	rfb_server_start(s, &to_c);
	do {
		wire_buf_drop(&to_c, rfb_client_step(c, to_c.data, to_c.len, &to_s, &ce));
		wire_buf_drop(&to_s, rfb_server_step(s, to_s.data, to_s.len, &to_c, &se));
	} while (ce == RFB_CLIENT_MORE);
	assert_int_equal(ce, RFB_CLIENT_TRUST);
	auth_client_trust(rfb_client_auth(c), false);
	rfb_client_step(c, NULL, 0, &to_s, &ce);
	assert_int_equal(ce, RFB_CLIENT_FAILED);
	assert_string_equal(rfb_client_reason(c), "the server's key is not trusted");
	rfb_server_free(s);
	rfb_client_free(c);
	wire_buf_fini(&to_c);
	wire_buf_fini(&to_s);
}

/* Keys and randoms that no honest viewer sends. */
static void bad_clients(void **state)
{
	static const enum auth_type type = AUTH_RA2NE;
	static const struct { uint32_t bits; uint8_t fill; } all[] = { { 1023, 0xff }, { 8193, 0xff }, { 0xffffffff, 0xff }, { 1024, 0 }, { 2048, 0xfe } };
	const struct auth_offer offer = { .types = &type, .n = 1, .rsa = rsa };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct rfb_server *s = rfb_server_new(&offer);
		struct wire_buf out = { 0 };
		enum rfb_server_event event;
		uint8_t in[18 + 2100];

		memcpy(in, "RFB 003.008\n\6", 13);
		wire_st32be(in + 13, all[i].bits);
		memset(in + 17, all[i].fill, sizeof in - 17);
		rfb_server_step(s, in, sizeof in, &out, &event);
		assert_int_equal(event, RFB_SERVER_FAILED);
		assert_string_equal(rfb_server_reason(s), "unusable RSA public key");
		rfb_server_free(s);
		wire_buf_fini(&out);
	}
}

static void rsa_key_files(void **state)
{
	char path[64], text[24], again[24];
	struct auth_rsa *k;
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/rsa", dir);
	auth_rsa_fingerprint(rsa, text);
	assert_int_equal(strlen(text), 23);
	assert_int_equal(auth_rsa_save(rsa, path), 0);
	assert_int_equal(auth_rsa_save(rsa, path), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	k = auth_rsa_load(path);
	assert_non_null(k);
	auth_rsa_fingerprint(k, again);
	assert_string_equal(text, again);
	auth_rsa_free(k);
	assert_int_equal(chmod(path, 0604), 0);
	assert_null(auth_rsa_load(path));
	assert_int_equal(errno, EPERM);
	unlink(path);
	assert_null(auth_rsa_load(cert));
	assert_null(auth_rsa_load(key));	/* an EC key */
	assert_int_equal(errno, EINVAL);
}

/* --- EAX ------------------------------------------------------------------------------------------- */

/* Bellare, Rogaway, Wagner: "The EAX Mode of Operation", appendix G. */
static void eax_vectors(void **state)
{
	static const struct { uint8_t key[16], nonce[16], ad[8], text[8], sealed[24]; size_t n; } all[] = {
		{ { 0x23, 0x39, 0x52, 0xde, 0xe4, 0xd5, 0xed, 0x5f, 0x9b, 0x9c, 0x6d, 0x6f, 0xf8, 0x0f, 0xf4, 0x78 },
		  { 0x62, 0xec, 0x67, 0xf9, 0xc3, 0xa4, 0xa4, 0x07, 0xfc, 0xb2, 0xa8, 0xc4, 0x90, 0x31, 0xa8, 0xb3 },
		  { 0x6b, 0xfb, 0x91, 0x4f, 0xd0, 0x7e, 0xae, 0x6b }, { 0 },
		  { 0xe0, 0x37, 0x83, 0x0e, 0x83, 0x89, 0xf2, 0x7b, 0x02, 0x5a, 0x2d, 0x65, 0x27, 0xe7, 0x9d, 0x01 }, 0 },
		{ { 0x91, 0x94, 0x5d, 0x3f, 0x4d, 0xcb, 0xee, 0x0b, 0xf4, 0x5e, 0xf5, 0x22, 0x55, 0xf0, 0x95, 0xa4 },
		  { 0xbe, 0xca, 0xf0, 0x43, 0xb0, 0xa2, 0x3d, 0x84, 0x31, 0x94, 0xba, 0x97, 0x2c, 0x66, 0xde, 0xbd },
		  { 0xfa, 0x3b, 0xfd, 0x48, 0x06, 0xeb, 0x53, 0xfa }, { 0xf7, 0xfb },
		  { 0x19, 0xdd, 0x5c, 0x4c, 0x93, 0x31, 0x04, 0x9d, 0x0b, 0xda, 0xb0, 0x27, 0x74, 0x08, 0xf6, 0x79, 0x67, 0xe5 }, 2 },
		{ { 0x01, 0xf7, 0x4a, 0xd6, 0x40, 0x77, 0xf2, 0xe7, 0x04, 0xc0, 0xf6, 0x0a, 0xda, 0x3d, 0xd5, 0x23 },
		  { 0x70, 0xc3, 0xdb, 0x4f, 0x0d, 0x26, 0x36, 0x84, 0x00, 0xa1, 0x0e, 0xd0, 0x5d, 0x2b, 0xff, 0x5e },
		  { 0x23, 0x4a, 0x34, 0x63, 0xc1, 0x26, 0x4a, 0xc6 }, { 0x1a, 0x47, 0xcb, 0x49, 0x33 },
		  { 0xd8, 0x51, 0xd5, 0xba, 0xe0, 0x3a, 0x59, 0xf2, 0x38, 0xa2, 0x3e, 0x39, 0x19, 0x9d, 0xc9, 0x26, 0x66, 0x26, 0xc4, 0x0f, 0x80 }, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct auth_eax *e = auth_eax_new(all[i].key, 16, 0);
		uint8_t out[8] = { 0 }, back[8] = { 0 }, tag[16];
		size_t n = all[i].n;

		assert_int_equal(auth_eax_crypt(e, true, out, tag, all[i].text, n, all[i].nonce, 16, all[i].ad, 8), 0);
		assert_memory_equal(out, all[i].sealed, n);
		assert_memory_equal(tag, all[i].sealed + n, 16);
		assert_int_equal(auth_eax_crypt(e, false, back, tag, out, n, all[i].nonce, 16, all[i].ad, 8), 0);
		assert_memory_equal(back, all[i].text, n);
		tag[15] ^= 1;
		assert_int_equal(auth_eax_crypt(e, false, back, tag, out, n, all[i].nonce, 16, all[i].ad, 8), -1);
		auth_eax_free(e);
	}
}

/* Each record must be the next one, unchanged. */
static void records(void **state)
{
	const uint8_t k[32] = "0123456789abcdef0123456789abcde";
	struct auth_eax *seal = auth_eax_new(k, 32, 7), *open = auth_eax_new(k, 32, 7);
	uint8_t one[5 + AUTH_RECORD_EXTRA], two[AUTH_RECORD_EXTRA], plain[16];
	size_t len;

	(void)state;
	assert_int_equal(auth_eax_seal(seal, one, (const uint8_t *)"hello", 5), 0);
	assert_int_equal(auth_eax_seal(seal, two, NULL, 0), 0);
	assert_int_equal(auth_eax_count(seal), 9);
	for (size_t n = 0; n < sizeof one; n++)
		assert_int_equal(auth_eax_open(open, plain, &len, one, n), 0);
	assert_int_equal(auth_eax_open(open, plain, &len, one, sizeof one), sizeof one);
	assert_int_equal(len, 5);
	assert_memory_equal(plain, "hello", 5);
	assert_int_equal(auth_eax_open(open, plain, &len, one, sizeof one), -1);	/* replayed */
	auth_eax_free(open);
	open = auth_eax_new(k, 32, 8);
	assert_int_equal(auth_eax_open(open, plain, &len, two, sizeof two), sizeof two);
	assert_int_equal(len, 0);
	auth_eax_free(open);
	auth_eax_free(seal);
}

static void forged_stream(void **state)
{
	struct auth_aes_keys keys = { .key_len = 16 };
	struct end a, b;

	(void)state;
	pump_pair(&a, &b);
	b.s = net_aes_stream(&keys, b.s);
	wire_put(&a.out, "\0\3abc0123456789abcdef", 21);
	pump(&a, 0, &b, 3);
	assert_int_equal(b.error, EPROTO);
	assert_string_equal(net_stream_error(b.s), "RSA-AES: forged or damaged record");
	pump_close(&a);
	pump_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
		cmocka_unit_test(over_websocket),
		cmocka_unit_test(untrusted_key),
		cmocka_unit_test(bad_clients),
		cmocka_unit_test(rsa_key_files),
		cmocka_unit_test(eax_vectors),
		cmocka_unit_test(records),
		cmocka_unit_test(forged_stream),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
