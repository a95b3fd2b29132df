/* The server's side of Diffie-Hellman authentication (30), which Apple's viewer uses. It hides the password from
 * listeners, not from somebody in the middle; offered only when it is asked for by name. */
#include <string.h>

#include "auth/dhgroup.h"
#include "auth/random.h"
#include "auth/stage.h"

/* A field of 64 bytes that a NUL ends. */
static bool take_field(char *to, const uint8_t *field)
{
	const uint8_t *end = memchr(field, 0, AUTH_DH_FIELD);

	if (end)
		memcpy(to, field, (size_t)(end - field) + 1);
	return end != NULL;
}

static size_t stage_credentials(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	uint8_t key[16], plain[AUTH_DH_TEXT];
	bool ok;

	(void)out;
	if (n < AUTH_DH_TEXT + AUTH_DH_SIZE)
		return 0;
	ok = auth_dh_key(a->extra, key, bytes + AUTH_DH_TEXT, AUTH_DH_SIZE) && auth_dh_crypt(false, plain, bytes, key) &&
	     take_field(a->check.user, plain) && take_field(a->check.password, plain + AUTH_DH_FIELD);
	auth_wipe(plain, sizeof plain);
	auth_wipe(key, sizeof key);
	if (!ok)
		return auth_broken(a, "bad Diffie-Hellman credentials", event);
	auth_ask_check(a, event);
	return AUTH_DH_TEXT + AUTH_DH_SIZE;
}

size_t auth_stage_dh(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	struct auth_dh *dh = auth_dh_new_group();
	uint8_t *modulus, *public;

	(void)bytes;
	(void)n;
	if (!dh)
		return auth_broken(a, "Diffie-Hellman is not available", event);
	a->extra = dh;
	a->extra_free = auth_dh_free;
	wire_put_u16be(out, 2);
	wire_put_u16be(out, AUTH_DH_SIZE);
	modulus = wire_buf_grow(out, AUTH_DH_SIZE);
	if (!modulus || BN_bn2binpad(dh->p, modulus, AUTH_DH_SIZE) != AUTH_DH_SIZE)
		return auth_broken(a, "out of memory", event);
	public = wire_buf_grow(out, AUTH_DH_SIZE);
	if (!public || !auth_dh_public(dh, public, AUTH_DH_SIZE))
		return auth_broken(a, "Diffie-Hellman is not available", event);
	a->stage = stage_credentials;
	return 0;
}
