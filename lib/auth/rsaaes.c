/* The server's side of RSA-AES: RA2, RA2ne and their 256-bit forms. */
#include <string.h>

#include "auth/ra2.h"
#include "auth/random.h"
#include "auth/stage.h"

#define STAGE(name) static size_t name(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)

enum { WANTS_USER_AND_PASSWORD = 1, WANTS_PASSWORD = 2 };

STAGE(stage_ask)
{
	(void)bytes;
	(void)n;
	(void)out;
	return auth_ask_check(a, event);
}

/* u8 length, user, u8 length, password. */
static bool parse_credentials(struct auth_check *c, const uint8_t *plain, size_t len)
{
	struct wire_in in = wire_in(plain, len);
	size_t user_len = wire_u8(&in), password_len;
	const uint8_t *user = wire_get(&in, user_len), *password;

	password_len = wire_u8(&in);
	password = wire_get(&in, password_len);
	if (in.bad || memchr(user, 0, user_len) || memchr(password, 0, password_len))
		return false;
	memcpy(c->user, user, user_len);
	memcpy(c->password, password, password_len);
	return true;
}

STAGE(stage_credentials)
{
	uint8_t plain[AUTH_RA2_RECORD_MAX];
	size_t len;
	long used = auth_ra2_take_record(a->extra, plain, &len, bytes, n);
	bool ok;

	(void)out;
	if (used == 0)
		return 0;
	ok = used > 0 && parse_credentials(&a->check, plain, len);
	auth_wipe(plain, sizeof plain);
	if (!ok)
		return auth_broken(a, "bad RSA-AES credentials", event);
	if (auth_type_info(a->type)->encrypts) {
		auth_ra2_keys(a->extra, &a->keys);
		auth_ask_upgrade(a, AUTH_AES, stage_ask, event);
	} else {
		a->stage = stage_ask;
	}
	return (size_t)used;
}

STAGE(stage_hash)
{
	const uint8_t subtype = a->offer->password_only ? WANTS_PASSWORD : WANTS_USER_AND_PASSWORD;
	long used = auth_ra2_take_hash(a->extra, bytes, n);

	if (used == 0)
		return 0;
	if (used < 0 || !auth_ra2_put_record(a->extra, out, &subtype, 1))
		return auth_broken(a, "wrong RSA-AES hash", event);
	a->stage = stage_credentials;
	return (size_t)used;
}

STAGE(stage_random)
{
	long used = auth_ra2_take_random(a->extra, bytes, n);

	if (used == 0)
		return 0;
	if (used < 0 || !auth_ra2_derive(a->extra) || !auth_ra2_put_hash(a->extra, out))
		return auth_broken(a, "bad RSA-AES random number", event);
	a->stage = stage_hash;
	return (size_t)used;
}

STAGE(stage_public)
{
	long used = auth_ra2_take_public(a->extra, bytes, n);

	if (used == 0)
		return 0;
	if (used < 0 || !auth_ra2_put_random(a->extra, out))
		return auth_broken(a, "unusable RSA public key", event);
	a->stage = stage_random;
	return (size_t)used;
}

size_t auth_stage_rsaaes(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	struct auth_ra2 *r = auth_ra2_new(true, a->type == AUTH_RA2_256 || a->type == AUTH_RA2NE_256);

	(void)bytes;
	(void)n;
	if (!r || !auth_ra2_set_own(r, a->offer->rsa)) {
		auth_ra2_free(r);
		return auth_broken(a, "no RSA key", event);
	}
	a->extra = r;
	a->extra_free = auth_ra2_free;
	wire_put(out, r->own_public, r->own_len);
	a->stage = stage_public;
	return 0;
}
