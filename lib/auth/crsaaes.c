/* The client's side of RSA-AES. Its own key is made for the connection. */
#include <stdlib.h>
#include <string.h>

#include "auth/cstage.h"
#include "auth/ra2.h"
#include "auth/random.h"

enum { OWN_BITS = 2048 };

struct client_ra2 {
	struct auth_ra2 *r;
	struct auth_rsa *key;
};

static void free_all(void *arg)
{
	struct client_ra2 *x = arg;

	auth_ra2_free(x->r);
	auth_rsa_free(x->key);
	free(x);
}

static struct auth_ra2 *ra2(struct auth_client *c)
{
	return ((struct client_ra2 *)c->extra)->r;
}

static AUTH_CSTAGE(stage_credentials)
{
	uint8_t plain[2 + AUTH_NAME_MAX + AUTH_PASSWORD_MAX];
	size_t user = c->wants_user ? strlen(c->user) : 0, password = strlen(c->password);
	bool ok;

	(void)bytes;
	(void)n;
	plain[0] = (uint8_t)user;
	memcpy(plain + 1, c->user, user);
	plain[1 + user] = (uint8_t)password;
	memcpy(plain + 2 + user, c->password, password);
	ok = auth_ra2_put_record(ra2(c), out, plain, 2 + user + password);
	auth_wipe(plain, sizeof plain);
	if (!ok)
		return auth_client_broken(c, "encryption failed", event);
	if (!auth_type_info(c->type)->encrypts) {
		c->stage = auth_cstage_done;
		return 0;
	}
	auth_ra2_keys(ra2(c), &c->keys);
	return auth_client_ask(c, AUTH_CLIENT_AES, auth_cstage_done, event);
}

static AUTH_CSTAGE(stage_subtype)
{
	uint8_t plain[AUTH_RA2_RECORD_MAX];
	size_t len;
	long used = auth_ra2_take_record(ra2(c), plain, &len, bytes, n);

	(void)out;
	if (used == 0)
		return 0;
	if (used < 0 || len != 1 || plain[0] < 1 || plain[0] > 2)
		return auth_client_broken(c, "the server asked for unknown credentials", event);
	c->wants_user = plain[0] == 1;
	auth_client_ask(c, AUTH_CLIENT_CREDENTIALS, stage_credentials, event);
	return (size_t)used;
}

static AUTH_CSTAGE(stage_hash)
{
	long used = auth_ra2_take_hash(ra2(c), bytes, n);

	(void)out;
	if (used == 0)
		return 0;
	if (used < 0)
		return auth_client_broken(c, "wrong RSA-AES hash", event);
	c->stage = stage_subtype;
	return (size_t)used;
}

static AUTH_CSTAGE(stage_random)
{
	long used = auth_ra2_take_random(ra2(c), bytes, n);

	if (used == 0)
		return 0;
	if (used < 0 || !auth_ra2_derive(ra2(c)) || !auth_ra2_put_hash(ra2(c), out))
		return auth_client_broken(c, "bad RSA-AES random number", event);
	c->stage = stage_hash;
	return (size_t)used;
}

/* The server's key is trusted: ours, and a random number. */
static AUTH_CSTAGE(stage_reply)
{
	struct client_ra2 *x = c->extra;

	(void)bytes;
	(void)n;
	x->key = auth_rsa_make(OWN_BITS);
	if (!x->key || !auth_ra2_set_own(x->r, x->key))
		return auth_client_broken(c, "no RSA key", event);
	wire_put(out, x->r->own_public, x->r->own_len);
	if (!auth_ra2_put_random(x->r, out))
		return auth_client_broken(c, "unusable RSA public key", event);
	c->stage = stage_random;
	return 0;
}

static AUTH_CSTAGE(stage_public)
{
	long used = auth_ra2_take_public(ra2(c), bytes, n);

	(void)out;
	if (used == 0)
		return 0;
	if (used < 0)
		return auth_client_broken(c, "unusable RSA public key", event);
	auth_ra2_fingerprint(ra2(c)->other_public, ra2(c)->other_len, c->fingerprint);
	auth_client_ask(c, AUTH_CLIENT_TRUST, stage_reply, event);
	return (size_t)used;
}

AUTH_CSTAGE(auth_cstage_rsaaes)
{
	struct client_ra2 *x = calloc(1, sizeof *x);

	(void)bytes;
	(void)n;
	(void)out;
	if (x)
		x->r = auth_ra2_new(false, c->type == AUTH_RA2_256 || c->type == AUTH_RA2NE_256);
	if (!x || !x->r) {
		free(x);
		return auth_client_broken(c, "out of memory", event);
	}
	c->extra = x;
	c->extra_free = free_all;
	c->stage = stage_public;
	return 0;
}
