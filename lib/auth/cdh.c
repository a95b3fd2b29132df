/* The client's side of Diffie-Hellman authentication (30). */
#include <stdlib.h>
#include <string.h>

#include "auth/cstage.h"
#include "auth/dhgroup.h"
#include "auth/random.h"

struct client_dh {
	struct auth_dh *dh;
	uint8_t theirs[AUTH_DH_SIZE_MAX];
	size_t size;
};

static void free_all(void *arg)
{
	struct client_dh *x = arg;

	auth_dh_free(x->dh);
	free(x);
}

/* The text, a NUL, and random bytes. */
static bool put_field(uint8_t field[AUTH_DH_FIELD], const char *text)
{
	size_t len = strlen(text);

	if (len >= AUTH_DH_FIELD || auth_random(field, AUTH_DH_FIELD))
		return false;
	memcpy(field, text, len + 1);
	return true;
}

static AUTH_CSTAGE(stage_send)
{
	struct client_dh *x = c->extra;
	uint8_t key[16], plain[AUTH_DH_TEXT], *sealed, *public;
	bool ok;

	(void)bytes;
	(void)n;
	sealed = wire_buf_grow(out, AUTH_DH_TEXT + x->size);
	public = sealed ? sealed + AUTH_DH_TEXT : NULL;
	ok = sealed && put_field(plain, c->user) && put_field(plain + AUTH_DH_FIELD, c->password) &&
	     auth_dh_key(x->dh, key, x->theirs, x->size) && auth_dh_crypt(true, sealed, plain, key) && auth_dh_public(x->dh, public, x->size);
	auth_wipe(plain, sizeof plain);
	auth_wipe(key, sizeof key);
	if (!ok) {
		if (sealed)
			out->len -= AUTH_DH_TEXT + x->size;
		return auth_client_broken(c, "Diffie-Hellman failed, or the name or password is beyond 63 bytes", event);
	}
	c->stage = auth_cstage_done;
	return 0;
}

AUTH_CSTAGE(auth_cstage_dh)
{
	struct client_dh *x;
	size_t size;

	(void)out;
	if (n < 4)
		return 0;
	size = wire_ld16be(bytes + 2);
	if (size < AUTH_DH_SIZE_MIN || size > AUTH_DH_SIZE_MAX)
		return auth_client_broken(c, "Diffie-Hellman key of an unusable size", event);
	if (n < 4 + 2 * size)
		return 0;
	x = calloc(1, sizeof *x);
	if (!x)
		return auth_client_broken(c, "out of memory", event);
	x->dh = auth_dh_new(bytes + 4, size, wire_ld16be(bytes));
	x->size = size;
	memcpy(x->theirs, bytes + 4 + size, size);
	c->extra = x;
	c->extra_free = free_all;
	if (!x->dh)
		return auth_client_broken(c, "bad Diffie-Hellman parameters", event);
	c->wants_user = true;
	auth_client_ask(c, AUTH_CLIENT_CREDENTIALS, stage_send, event);
	return 4 + 2 * size;
}
