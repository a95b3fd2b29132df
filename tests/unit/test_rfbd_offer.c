/* Which security types are offered to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "offer.c"

static const struct offer_peer stranger = { 0 }, own = { .ours = true }, own_unix = { .ours = true, .trusted = true, .secret = true },
	https = { .secret = true, .tls = true }, browser = { .tls = true };

/* The offer as names, separated by commas. */
static const char *offer(const struct config *c, const struct offer_means *m, const struct offer_peer *p)
{
	static char text[512];
	enum auth_type types[AUTH_TYPES];
	const unsigned n = offer_types(types, c, m, p);
	text[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		strcat(text, i ? "," : "");
		strcat(text, auth_type_info(types[i])->name);
	}
	return text;
}

static void without_any_password(void **state)
{
	const struct config c = { 0 }, insecure = { .insecure = true };
	const struct offer_means none = { 0 }, cert = { .certificate = true };
	(void)state;
	assert_string_equal(offer(&c, &none, &stranger), "");
	assert_string_equal(offer(&c, &none, &own), "None");
	assert_string_equal(offer(&insecure, &none, &stranger), "TLSNone,None");
	assert_string_equal(offer(&c, &cert, &own), "None");
	assert_false(offer_authenticates(&c, &none));
	assert_false(offer_authenticates(&insecure, &none));
}

static void with_passwords(void **state)
{
	const struct config c = { 0 };
	const struct offer_means vnc = { .vnc = true }, users = { .users = true }, all = { true, true, true, false, true };
	(void)state;
	assert_string_equal(offer(&c, &vnc, &stranger), "TLSVnc,VncAuth");
	assert_string_equal(offer(&c, &vnc, &own), "TLSVnc,VncAuth");
	assert_string_equal(offer(&c, &users, &stranger), "TLSPlain");
	assert_string_equal(offer(&c, &users, &own_unix), "TLSPlain,Plain,None");
	/* a certificate: nothing in the clear any more, but inside https */
	assert_string_equal(offer(&c, &all, &stranger), "X509Plain,X509Vnc,RA2_256,RA2,TLSPlain,TLSVnc");
	assert_string_equal(offer(&c, &all, &https), "Plain,VncAuth");
	/* a page over plain http knows no TLS of its own */
	assert_string_equal(offer(&c, &vnc, &browser), "VncAuth");
	assert_string_equal(offer(&c, &all, &browser), "RA2_256,RA2");
	assert_true(offer_authenticates(&c, &vnc));
}

static void as_told(void **state)
{
	struct config c = { .types = { AUTH_NONE, AUTH_DH, AUTH_PLAIN, AUTH_VNC, AUTH_X509NONE }, .n_types = 5 };
	const struct offer_means m = { .vnc = true, .users = true, .certificate = true }, ca = { .certificate = true, .client_ca = true };
	char why[160];
	(void)state;
	assert_string_equal(offer(&c, &m, &stranger), "DH,VncAuth");
	assert_string_equal(offer(&c, &m, &own), "None,DH,VncAuth,X509None");
	assert_null(offer_check(&c, &m, why, sizeof why));
	assert_string_equal(offer(&c, &ca, &stranger), "X509None");	/* the client's certificate proves who it is */
	assert_string_equal(offer_check(&c, &ca, why, sizeof why), "-s: DH needs users (-u or --pam)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_any_password), cmocka_unit_test(with_passwords), cmocka_unit_test(as_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
