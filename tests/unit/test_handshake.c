/* The handshake: exact bytes of the server in each version, and server against client, a byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/vncauth.h"
#include "rfb/client.h"
#include "rfb/put.h"
#include "rfb/server.h"

#define LIST(...) (const enum auth_type[]){ __VA_ARGS__ }, sizeof((const enum auth_type[]){ __VA_ARGS__ }) / sizeof(enum auth_type)

static struct rfb_server *start(const struct auth_offer *offer, struct wire_buf *out)
{
	struct rfb_server *s = rfb_server_new(offer);

	rfb_server_start(s, out);
	assert_int_equal(out->len, 12);
	assert_memory_equal(out->data, "RFB 003.008\n", 12);
	wire_buf_reset(out);
	return s;
}

/* Gives the server bytes, and expects what it answers and says. */
static void step(struct rfb_server *s, const char *in, size_t n, const char *want, size_t want_n, enum rfb_server_event event)
{
	struct wire_buf out = { 0 };
	enum rfb_server_event got;
	size_t used = rfb_server_step(s, (const uint8_t *)in, n, &out, &got);

	if (event != RFB_SERVER_FAILED)
		assert_int_equal(used, n);
	assert_int_equal(out.len, want_n);
	if (want_n)
		assert_memory_equal(out.data, want, want_n);
	assert_int_equal(got, event);
	wire_buf_fini(&out);
}
#define STEP(s, in, want, event) step(s, in, sizeof(in) - 1, want, sizeof(want) - 1, event)

static void none_in_each_version(void **state)
{
	static const struct { const char *version; const char *list, *after; size_t list_n, after_n; unsigned minor; } all[] = {
		{ "RFB 003.003\n", "\0\0\0\1", "", 4, 0, 3 }, { "RFB 003.004\n", "\0\0\0\1", "", 4, 0, 3 },
		{ "RFB 003.005\n", "\0\0\0\1", "", 4, 0, 3 }, { "RFB 003.006\n", "\0\0\0\1", "", 4, 0, 3 },
		{ "RFB 003.007\n", "\1\1", "", 2, 0, 7 }, { "RFB 003.008\n", "\1\1", "\0\0\0\0", 2, 4, 8 },
		{ "RFB 003.009\n", "\1\1", "\0\0\0\0", 2, 4, 8 }, { "RFB 004.001\n", "\1\1", "\0\0\0\0", 2, 4, 8 },
		{ "RFB 005.000\n", "\1\1", "\0\0\0\0", 2, 4, 8 },
	};
	const struct auth_offer offer = { LIST(AUTH_NONE) };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct wire_buf out = { 0 };
		struct rfb_server *s = start(&offer, &out);

		step(s, all[i].version, 12, all[i].list, all[i].list_n, RFB_SERVER_MORE);
		if (all[i].minor > 3)
			step(s, "\1", 1, all[i].after, all[i].after_n, RFB_SERVER_MORE);
		STEP(s, "\1", "", RFB_SERVER_READY);
		assert_int_equal(rfb_server_info(s)->minor, all[i].minor);
		assert_true(rfb_server_info(s)->shared);
		assert_int_equal(rfb_server_info(s)->type, AUTH_NONE);
		assert_int_equal(rfb_server_info(s)->rights, AUTH_FULL);
		rfb_server_free(s);
		wire_buf_fini(&out);
	}
}

/* Apple's viewer: no SecurityResult after None, no ClientInit. */
static void apple(void **state)
{
	const struct auth_offer none = { LIST(AUTH_NONE) }, vnc = { LIST(AUTH_VNC, AUTH_NONE) };
	struct wire_buf out = { 0 };
	struct rfb_server *s = start(&none, &out);

	(void)state;
	STEP(s, "RFB 003.889\n", "\1\1", RFB_SERVER_MORE);
	STEP(s, "\1", "", RFB_SERVER_READY);
	assert_true(rfb_server_info(s)->apple);
	assert_true(rfb_server_info(s)->shared);
	rfb_server_free(s);
	s = start(&vnc, &out);
	assert_int_equal(rfb_server_step(s, (const uint8_t *)"RFB 003.003\n", 12, &out, &(enum rfb_server_event){ 0 }), 12);
	assert_int_equal(out.len, 20);	/* 3.3: a password where there is one */
	assert_memory_equal(out.data, "\0\0\0\2", 4);
	rfb_server_free(s);
	wire_buf_fini(&out);
}

/* Types that prove nothing are asked about where that is wanted; a refusal says why wherever the version can. */
static void asked_without_credentials(void **state)
{
	static const struct { const char *version, *list; size_t list_n; unsigned minor; } all[] = {
		{ "RFB 003.003\n", "\0\0\0\1", 4, 3 }, { "RFB 003.007\n", "\1\1", 2, 7 }, { "RFB 003.008\n", "\1\1", 2, 8 },
		{ "RFB 003.889\n", "\1\1", 2, 3889 },
	};
	const struct auth_offer offer = { LIST(AUTH_NONE), .check_all = true };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof all / sizeof *all; i++) {
		const bool ok = i & 1, has_result = all[i / 2].minor == 8;
		struct wire_buf out = { 0 };
		struct rfb_server *s = start(&offer, &out);

		step(s, all[i / 2].version, 12, all[i / 2].list, all[i / 2].list_n, all[i / 2].minor == 3 ? RFB_SERVER_CHECK : RFB_SERVER_MORE);
		if (all[i / 2].minor > 3)
			STEP(s, "\1", "", RFB_SERVER_CHECK);
		assert_int_equal(rfb_server_check(s)->proof, AUTH_PROVES_NOTHING);
		assert_int_equal(rfb_server_info(s)->type, AUTH_NONE);
		rfb_server_checked(s, ok, AUTH_VIEW, "not now");
		if (!ok)
			step(s, NULL, 0, "\0\0\0\1\0\0\0\7not now", has_result ? 15 : 0, RFB_SERVER_FAILED);
		else if (all[i / 2].minor == 3889)
			STEP(s, "", "", RFB_SERVER_READY);
		else
			step(s, "\1", 1, "\0\0\0\0", has_result ? 4 : 0, RFB_SERVER_READY);
		if (ok)
			assert_int_equal(rfb_server_info(s)->rights, AUTH_VIEW);
		else
			assert_string_equal(rfb_server_reason(s), "not now");
		rfb_server_free(s);
		wire_buf_fini(&out);
	}
}

static void refusals(void **state)
{
	static const struct { const char *version, *bytes; size_t n; } all[] = {
		{ "RFB 003.003\n", "\0\0\0\0\0\0\0\2no", 10 }, { "RFB 003.007\n", "\0\0\0\0\2no", 7 }, { "RFB 003.008\n", "\0\0\0\0\2no", 7 },
	};
	const struct auth_offer nothing = { .refusal = "no" }, none = { LIST(AUTH_NONE) }, strong = { LIST(AUTH_X509PLAIN) };
	struct wire_buf out = { 0 };
	struct rfb_server *s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		s = start(&nothing, &out);
		step(s, all[i].version, 12, all[i].bytes, all[i].n, RFB_SERVER_FAILED);
		assert_string_equal(rfb_server_reason(s), "no");
		rfb_server_free(s);
		s = start(&none, &out);
		rfb_server_refuse(s, &out, "no");
		step(s, all[i].version, 12, all[i].bytes, all[i].n, RFB_SERVER_FAILED);
		rfb_server_free(s);
	}
	s = start(&none, &out);
	STEP(s, "RFB 003.008\n", "\1\1", RFB_SERVER_MORE);
	STEP(s, "\2", "\0\0\0\1\0\0\0\x22security type that was not offered", RFB_SERVER_FAILED);
	rfb_server_free(s);
	s = start(&strong, &out);	/* 3.3 knows only None and VncAuth */
	assert_int_equal(rfb_server_step(s, (const uint8_t *)"RFB 003.003\n", 12, &out, &(enum rfb_server_event){ 0 }), 12);
	assert_memory_equal(out.data, "\0\0\0\0\0\0\0", 7);
	rfb_server_free(s);
	wire_buf_reset(&out);
	s = start(&none, &out);
	STEP(s, "GET / HTTP/1", "", RFB_SERVER_FAILED);
	assert_string_equal(rfb_server_reason(s), "not an RFB version");
	rfb_server_free(s);
	s = start(&none, &out);
	STEP(s, "RFB 002.002\n", "", RFB_SERVER_FAILED);
	rfb_server_free(s);
	wire_buf_fini(&out);
}

/* A wrong password: the reason goes out in 3.8 only; the check stops the machine until it is answered. */
static void wrong_passwords(void **state)
{
	const struct auth_offer offer = { LIST(AUTH_VNC) };

	(void)state;
	for (int minor = 7; minor <= 8; minor++) {
		struct wire_buf out = { 0 };
		struct rfb_server *s = start(&offer, &out);
		enum rfb_server_event event;

		step(s, minor == 7 ? "RFB 003.007\n" : "RFB 003.008\n", 12, "\1\2", 2, RFB_SERVER_MORE);
		assert_int_equal(rfb_server_step(s, (const uint8_t *)"\2", 1, &out, &event), 1);
		assert_int_equal(out.len, 16);
		STEP(s, "0123456789abcdef", "", RFB_SERVER_CHECK);
		assert_memory_equal(rfb_server_check(s)->challenge, out.data, 16);
		assert_memory_equal(rfb_server_check(s)->response, "0123456789abcdef", 16);
		assert_int_equal(rfb_server_check(s)->proof, AUTH_PROVES_VNC);
		assert_int_equal(rfb_server_step(s, (const uint8_t *)"x", 1, &out, &event), 0);
		assert_int_equal(event, RFB_SERVER_MORE);
		rfb_server_checked(s, false, AUTH_VIEW, "wrong");
		step(s, "", 0, "\0\0\0\1\0\0\0\5wrong", minor == 7 ? 4 : 13, RFB_SERVER_FAILED);
		assert_string_equal(rfb_server_reason(s), "wrong");
		rfb_server_free(s);
		wire_buf_fini(&out);
	}
}

static void tight_security(void **state)
{
	const struct auth_offer offer = { LIST(AUTH_VNC, AUTH_NONE), .tight = true };
	struct wire_buf out = { 0 };
	struct rfb_server *s = start(&offer, &out);

	(void)state;
	STEP(s, "RFB 003.008\n", "\3\2\1\x10", RFB_SERVER_MORE);
	STEP(s, "\x10", "\0\0\0\0\0\0\0\2\0\0\0\2STDVVNCAUTH_\0\0\0\1STDVNOAUTH__", RFB_SERVER_MORE);
	STEP(s, "\0\0\0\1", "\0\0\0\0", RFB_SERVER_MORE);
	STEP(s, "\0", "", RFB_SERVER_READY);
	assert_true(rfb_server_info(s)->tight);
	assert_false(rfb_server_info(s)->shared);
	rfb_server_free(s);
	s = start(&offer, &out);
	STEP(s, "RFB 003.008\n", "\3\2\1\x10", RFB_SERVER_MORE);
	step(s, "\x10", 1, "\0\0\0\0\0\0\0\2\0\0\0\2STDVVNCAUTH_\0\0\0\1STDVNOAUTH__", 40, RFB_SERVER_MORE);
	STEP(s, "\0\0\0\x81", "", RFB_SERVER_FAILED);	/* 129: another namespace, not offered */
	rfb_server_free(s);
	wire_buf_fini(&out);
}

/* Nothing to choose: an empty list, and the viewer says no more about it. */
static void tight_security_none(void **state)
{
	const struct auth_offer offer = { LIST(AUTH_NONE), .tight = true };
	struct wire_buf out = { 0 };

	(void)state;
	for (unsigned minor = 7; minor <= 8; minor++) {
		struct rfb_server *s = start(&offer, &out);

		step(s, minor == 7 ? "RFB 003.007\n" : "RFB 003.008\n", 12, "\2\1\x10", 3, RFB_SERVER_MORE);
		step(s, "\x10", 1, "\0\0\0\0\0\0\0\0\0\0\0\0", minor == 7 ? 8 : 12, RFB_SERVER_MORE);
		STEP(s, "\1", "", RFB_SERVER_READY);
		assert_int_equal(rfb_server_info(s)->type, AUTH_NONE);
		assert_true(rfb_server_info(s)->tight && rfb_server_info(s)->shared);
		rfb_server_free(s);
	}
	wire_buf_fini(&out);
}

static void vencrypt_bytes(void **state)
{
	const struct auth_offer offer = { LIST(AUTH_X509PLAIN, AUTH_TLSNONE, AUTH_PLAIN, AUTH_VNC) };
	struct wire_buf out = { 0 };
	struct rfb_server *s = start(&offer, &out);

	(void)state;
	STEP(s, "RFB 003.008\n", "\2\x13\2", RFB_SERVER_MORE);
	STEP(s, "\x13", "\0\2", RFB_SERVER_MORE);
	STEP(s, "\0\2", "\0\3\0\0\1\6\0\0\1\1\0\0\1\0", RFB_SERVER_MORE);
	STEP(s, "\0\0\1\1", "\1", RFB_SERVER_TLS);
	rfb_server_upgraded(s);
	STEP(s, "", "\0\0\0\0", RFB_SERVER_MORE);	/* TLSNone: a SecurityResult, in every version */
	STEP(s, "\1", "", RFB_SERVER_READY);
	assert_int_equal(rfb_server_info(s)->type, AUTH_TLSNONE);
	rfb_server_free(s);
	s = start(&offer, &out);
	STEP(s, "RFB 003.008\n", "\2\x13\2", RFB_SERVER_MORE);
	STEP(s, "\x13", "\0\2", RFB_SERVER_MORE);
	STEP(s, "\0\1", "\xff", RFB_SERVER_FAILED);
	rfb_server_free(s);
	s = start(&offer, &out);
	STEP(s, "RFB 003.008\n", "\2\x13\2", RFB_SERVER_MORE);
	STEP(s, "\x13\0\2\0\0\1\0", "\0\2\0\3\0\0\1\6\0\0\1\1\0\0\1\0", RFB_SERVER_MORE);
	STEP(s, "\0\0\0\3\0\0\0\2bobpw", "", RFB_SERVER_CHECK);
	assert_string_equal(rfb_server_check(s)->user, "bob");
	assert_string_equal(rfb_server_check(s)->password, "pw");
	rfb_server_checked(s, true, AUTH_VIEW, NULL);
	STEP(s, "\1", "\0\0\0\0", RFB_SERVER_READY);
	assert_string_equal(rfb_server_info(s)->user, "bob");
	assert_int_equal(rfb_server_info(s)->rights, AUTH_VIEW);
	assert_string_equal(rfb_server_check(s)->password, "");	/* wiped */
	rfb_server_free(s);
	s = start(&offer, &out);
	STEP(s, "RFB 003.008\n", "\2\x13\2", RFB_SERVER_MORE);
	STEP(s, "\x13\0\2\0\0\1\0", "\0\2\0\3\0\0\1\6\0\0\1\1\0\0\1\0", RFB_SERVER_MORE);
	assert_int_equal(rfb_server_step(s, (const uint8_t *)"\xff\xff\xff\xff\0\0\0\2", 8, &out, &(enum rfb_server_event){ 0 }), 0);
	STEP(s, "", "", RFB_SERVER_FAILED);
	assert_string_equal(rfb_server_reason(s), "user name or password too long");
	rfb_server_free(s);
	wire_buf_fini(&out);
}

/* --- server against client ------------------------------------------------------------------------ */

static void answer_server(struct rfb_server *s, struct wire_buf *out, enum rfb_server_event event)
{
	const struct auth_vnc_secrets secrets = { .has_full = true, .full = "sesame" };
	const struct auth_check *c = rfb_server_check(s);
	enum auth_rights rights = AUTH_FULL;
	bool ok;

	switch (event) {
	case RFB_SERVER_CHECK:
		ok = c->proof == AUTH_PROVES_VNC ? auth_vnc_check(&secrets, c, &rights)
		   : !strcmp(c->user, "bob") && !strcmp(c->password, "sesame");
		rfb_server_checked(s, ok, rights, "wrong password");
		break;
	case RFB_SERVER_TLS:
	case RFB_SERVER_AES:
		rfb_server_upgraded(s);
		break;
	case RFB_SERVER_READY:
		rfb_put_server_init(out, 640, 480, &pixel_format_native, "desk", 4);
		break;
	default:
		break;
	}
}

static void answer_client(struct rfb_client *c, const char *password, enum rfb_client_event event)
{
	switch (event) {
	case RFB_CLIENT_CREDENTIALS:
		auth_client_answer(rfb_client_auth(c), "bob", password);
		break;
	case RFB_CLIENT_TRUST:
		auth_client_trust(rfb_client_auth(c), true);
		break;
	case RFB_CLIENT_TLS:
	case RFB_CLIENT_AES:
		auth_client_upgraded(rfb_client_auth(c));
		break;
	default:
		break;
	}
}

struct outcome { enum rfb_server_event server; enum rfb_client_event client; };

/* Runs both until neither moves. `chunk` bytes at most are shown to either at a time. */
static struct outcome run(struct rfb_server *s, struct rfb_client *c, const char *password, size_t chunk)
{
	struct wire_buf to_client = { 0 }, to_server = { 0 };
	struct outcome o = { RFB_SERVER_MORE, RFB_CLIENT_MORE };
	bool moved = true, ready = false;
	size_t seen_c = 0, seen_s = 0;	/* bytes shown so far */

	rfb_server_start(s, &to_client);
	while (moved) {
		size_t used;

		moved = false;
		if (seen_s < to_server.len || o.server != RFB_SERVER_MORE) {
			seen_s = seen_s + chunk < to_server.len ? seen_s + chunk : to_server.len;
			moved = true;
		}
		if (!ready) {
			used = rfb_server_step(s, to_server.data, seen_s, &to_client, &o.server);
			wire_buf_drop(&to_server, used);
			seen_s -= used;
			ready = o.server == RFB_SERVER_READY;
			answer_server(s, &to_client, o.server);
			if (o.server == RFB_SERVER_READY || o.server == RFB_SERVER_FAILED)
				ready = true;
		} else {
			moved = false;
		}
		if (seen_c < to_client.len) {
			seen_c = seen_c + chunk < to_client.len ? seen_c + chunk : to_client.len;
			moved = true;
		}
		used = rfb_client_step(c, to_client.data, seen_c, &to_server, &o.client);
		wire_buf_drop(&to_client, used);
		seen_c -= used;
		answer_client(c, password, o.client);
		if (o.client == RFB_CLIENT_READY || o.client == RFB_CLIENT_FAILED)
			break;
		moved |= used > 0 || o.client != RFB_CLIENT_MORE || to_server.len > 0;
	}
	wire_buf_fini(&to_client);
	wire_buf_fini(&to_server);
	return o;
}

/* The types whose channel needs no encryption to be tested (TLS is passed over in the clear here). */
static const enum auth_type clear_types[] = {
	AUTH_NONE, AUTH_VNC, AUTH_PLAIN, AUTH_TLSNONE, AUTH_TLSVNC, AUTH_TLSPLAIN, AUTH_X509NONE, AUTH_X509VNC, AUTH_X509PLAIN,
};

static void every_type_and_version(void **state)
{
	static const unsigned minors[] = { 3, 7, 8 };
	static const size_t chunks[] = { 1, 3, 1000 };

	(void)state;
	for (size_t t = 0; t < sizeof clear_types / sizeof *clear_types; t++)
		for (size_t v = 0; v < 3; v++)
			for (size_t k = 0; k < 3; k++)
				for (int right = 0; right < 2; right++) {
					const struct auth_offer offer = { .types = &clear_types[t], .n = 1 };
					const struct auth_type_info *info = auth_type_info(clear_types[t]);
					struct rfb_server *s = rfb_server_new(&offer);
					struct rfb_client *c = rfb_client_new(&clear_types[t], 1, true);
					bool possible = (minors[v] > 3 || !info->vencrypt) && (right || info->proof == AUTH_PROVES_NOTHING);
					struct outcome o;

					rfb_client_limit(c, minors[v]);
					o = run(s, c, right ? "sesame" : "open", chunks[k]);
					assert_int_equal(o.client, possible ? RFB_CLIENT_READY : RFB_CLIENT_FAILED);
					assert_int_equal(o.server, possible ? RFB_SERVER_READY : RFB_SERVER_FAILED);
					if (possible) {
						assert_int_equal(rfb_client_info(c)->w, 640);
						assert_string_equal(rfb_client_info(c)->name, "desk");
						assert_true(pixel_format_equal(&rfb_client_info(c)->format, &pixel_format_native));
						assert_int_equal(rfb_server_info(s)->type, clear_types[t]);
					} else if (minors[v] == 8) {
						assert_string_equal(rfb_client_reason(c), "wrong password");
					}
					rfb_server_free(s);
					rfb_client_free(c);
				}
}

/* The client takes its best type of those offered; none in common is said. */
static void choices(void **state)
{
	const enum auth_type wanted[] = { AUTH_X509PLAIN, AUTH_VNC, AUTH_NONE };
	struct auth_client *c = auth_client_new(wanted, 3);

	(void)state;
	assert_int_equal(auth_client_choose(c, (const uint8_t *)"\1\2\x13", 3), 19);
	assert_int_equal(auth_client_choose(c, (const uint8_t *)"\1\2\5", 3), 2);
	assert_int_equal(auth_client_choose(c, (const uint8_t *)"\5\6", 2), 0);
	auth_client_free(c);
}

/* What a server sends without end or in disorder. */
static void bad_servers(void **state)
{
	static const struct { const char *bytes; size_t n; const char *reason; } all[] = {
		{ "HTTP/1.1 200", 12, "not an RFB server" }, { "RFB 002.000\n", 12, "not an RFB server" },
		{ "RFB 003.008\n\1\x63", 14, "no security type in common with the server" },
		{ "RFB 003.008\n\0\0\0\0\3a\nb", 20, "a b" }, { "RFB 003.008\n\0\0\0\0\0", 17, "the server refused without a reason" },
		{ "RFB 003.003\n\0\0\0\0\0\0\0\2no", 22, "no" }, { "RFB 003.008\n\0\xff\xff\xff\xff", 17, "the server sent a string without end" },
	};
	const enum auth_type none = AUTH_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct rfb_client *c = rfb_client_new(&none, 1, true);
		struct wire_buf out = { 0 };
		enum rfb_client_event event;

		rfb_client_step(c, (const uint8_t *)all[i].bytes, all[i].n, &out, &event);
		assert_int_equal(event, RFB_CLIENT_FAILED);
		assert_string_equal(rfb_client_reason(c), all[i].reason);
		rfb_client_free(c);
		wire_buf_fini(&out);
	}
}

/* A name beyond the cap is cut, and what follows it is found. */
static void long_names(void **state)
{
	const enum auth_type none = AUTH_NONE;
	struct rfb_client *c = rfb_client_new(&none, 1, true);
	struct wire_buf in = { 0 }, out = { 0 };
	enum rfb_client_event event;
	char *name = malloc(10000);

	(void)state;
	memset(name, 'n', 10000);
	wire_put(&in, "RFB 003.003\n\0\0\0\1", 16);
	rfb_put_server_init(&in, 1, 1, &pixel_format_native, name, 10000);
	rfb_put_bell(&in);
	assert_int_equal(rfb_client_step(c, in.data, in.len, &out, &event), in.len - 1);
	assert_int_equal(event, RFB_CLIENT_READY);
	assert_int_equal(rfb_client_info(c)->name_len, RFB_NAME_MAX);
	rfb_client_free(c);
	wire_buf_fini(&in);
	wire_buf_fini(&out);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_in_each_version),
		cmocka_unit_test(apple),
		cmocka_unit_test(asked_without_credentials),
		cmocka_unit_test(refusals),
		cmocka_unit_test(wrong_passwords),
		cmocka_unit_test(tight_security),
		cmocka_unit_test(tight_security_none),
		cmocka_unit_test(vencrypt_bytes),
		cmocka_unit_test(every_type_and_version),
		cmocka_unit_test(choices),
		cmocka_unit_test(bad_servers),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
