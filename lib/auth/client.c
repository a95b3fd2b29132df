/* The client's security state machine: choice of a type, VncAuth, Plain, VeNCrypt. */
#include "auth/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/cstage.h"
#include "auth/random.h"
#include "auth/vncauth.h"

struct auth_client *auth_client_new(const enum auth_type *types, unsigned n)
{
	struct auth_client *c = calloc(1, sizeof *c);

	if (c) {
		c->types = types;
		c->n = n;
		c->type = AUTH_TYPES;
		c->reason = "";
	}
	return c;
}

void auth_client_free(struct auth_client *c)
{
	if (!c)
		return;
	if (c->extra_free)
		c->extra_free(c->extra);
	auth_wipe(c, sizeof *c);
	free(c);
}

bool auth_client_takes(const struct auth_client *c, enum auth_type type)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->types[i] == type)
			return true;
	return false;
}

uint8_t auth_client_choose(const struct auth_client *c, const uint8_t *numbers, unsigned n)
{
	for (unsigned i = 0; i < c->n; i++) {
		const struct auth_type_info *t = auth_type_info(c->types[i]);
		uint8_t number = t->vencrypt ? AUTH_NUMBER_VENCRYPT : (uint8_t)t->number;

		if (memchr(numbers, number, n))
			return number;
	}
	return 0;
}

/* --- stages for all ----------------------------------------------------------------------------- */

AUTH_CSTAGE(auth_cstage_done)
{
	(void)c;
	(void)bytes;
	(void)n;
	(void)out;
	*event = AUTH_CLIENT_DONE;
	return 0;
}

static AUTH_CSTAGE(stage_wait)
{
	(void)c;
	(void)bytes;
	(void)n;
	(void)out;
	(void)event;
	return 0;
}

static AUTH_CSTAGE(stage_broken)
{
	(void)c;
	(void)bytes;
	(void)n;
	(void)out;
	*event = AUTH_CLIENT_BROKEN;
	return 0;
}

size_t auth_client_ask(struct auth_client *c, enum auth_client_event what, auth_cstage next, enum auth_client_event *event)
{
	c->stage = stage_wait;
	c->next = next;
	*event = what;
	return 0;
}

size_t auth_client_broken(struct auth_client *c, const char *reason, enum auth_client_event *event)
{
	c->reason = reason;
	c->stage = stage_broken;
	*event = AUTH_CLIENT_BROKEN;
	return 0;
}

/* --- VncAuth, Plain -------------------------------------------------------------------------------- */

static AUTH_CSTAGE(stage_vnc_respond)
{
	uint8_t password[8] = { 0 }, response[16];
	int failed;

	(void)bytes;
	(void)n;
	memcpy(password, c->password, strnlen(c->password, sizeof password));
	failed = auth_vnc_respond(response, c->challenge, password);
	auth_wipe(password, sizeof password);
	if (failed)
		return auth_client_broken(c, "DES is not available", event);
	wire_put(out, response, sizeof response);
	c->stage = auth_cstage_done;
	return 0;
}

static AUTH_CSTAGE(stage_vnc)
{
	(void)out;
	if (n < sizeof c->challenge)
		return 0;
	memcpy(c->challenge, bytes, sizeof c->challenge);
	c->wants_user = false;
	auth_client_ask(c, AUTH_CLIENT_CREDENTIALS, stage_vnc_respond, event);
	return sizeof c->challenge;
}

static AUTH_CSTAGE(stage_plain_send)
{
	size_t user = strlen(c->user), password = strlen(c->password);

	(void)bytes;
	(void)n;
	(void)event;
	wire_put_u32be(out, (uint32_t)user);
	wire_put_u32be(out, (uint32_t)password);
	wire_put(out, c->user, user);
	wire_put(out, c->password, password);
	c->stage = auth_cstage_done;
	return 0;
}

static AUTH_CSTAGE(stage_plain)
{
	(void)bytes;
	(void)n;
	(void)out;
	c->wants_user = true;
	return auth_client_ask(c, AUTH_CLIENT_CREDENTIALS, stage_plain_send, event);
}

auth_cstage auth_cstage_proof(enum auth_proof proof)
{
	static const auth_cstage stages[] = {
		[AUTH_PROVES_NOTHING] = auth_cstage_done, [AUTH_PROVES_VNC] = stage_vnc, [AUTH_PROVES_PLAIN] = stage_plain,
	};

	return stages[proof];
}

/* --- VeNCrypt 0.2 -------------------------------------------------------------------------------------- */

static AUTH_CSTAGE(stage_vencrypt_ack)
{
	(void)out;
	if (n < 1)
		return 0;
	if (bytes[0] != 1)
		return auth_client_broken(c, "the server refused the VeNCrypt sub-type", event);
	auth_client_ask(c, AUTH_CLIENT_TLS, auth_cstage_proof(auth_type_info(c->type)->proof), event);
	return 1;
}

static AUTH_CSTAGE(stage_vencrypt_list)
{
	const struct auth_type_info *t;

	if (n < 1 || n < 1 + 4 * (size_t)bytes[0])
		return 0;
	for (unsigned i = 0; i < c->n; i++) {
		t = auth_type_info(c->types[i]);
		for (unsigned k = 0; t->vencrypt && k < bytes[0]; k++)
			if (wire_ld32be(bytes + 1 + 4 * (size_t)k) == t->number) {
				c->type = c->types[i];
				wire_put_u32be(out, t->number);
				c->stage = t->channel == AUTH_CLEAR ? auth_cstage_proof(t->proof) : stage_vencrypt_ack;
				return 1 + 4 * (size_t)bytes[0];
			}
	}
	return auth_client_broken(c, "no VeNCrypt sub-type in common", event);
}

static AUTH_CSTAGE(stage_vencrypt_status)
{
	(void)out;
	if (n < 1)
		return 0;
	if (bytes[0] != 0)
		return auth_client_broken(c, "the server refused VeNCrypt 0.2", event);
	c->stage = stage_vencrypt_list;
	return 1;
}

AUTH_CSTAGE(auth_cstage_vencrypt)
{
	if (n < 2)
		return 0;
	if (bytes[0] == 0 && bytes[1] < 2)
		return auth_client_broken(c, "VeNCrypt is older than 0.2", event);
	wire_put_u8(out, 0);
	wire_put_u8(out, 2);
	c->stage = stage_vencrypt_status;
	return 2;
}

/* --- running --------------------------------------------------------------------------------------------- */

bool auth_client_begin(struct auth_client *c, uint8_t number)
{
	if (number == AUTH_NUMBER_VENCRYPT) {
		c->stage = auth_cstage_vencrypt;
		return true;
	}
	for (unsigned i = 0; i < c->n; i++) {
		const struct auth_type_info *t = auth_type_info(c->types[i]);

		if (t->vencrypt || t->number != number)
			continue;
		c->type = c->types[i];
		c->stage = t->channel == AUTH_RSA_AES ? auth_cstage_rsaaes
			 : c->type == AUTH_DH ? auth_cstage_dh : auth_cstage_proof(t->proof);
		return true;
	}
	return false;
}

size_t auth_client_step(struct auth_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_client_event *event)
{
	size_t used = 0, step;
	auth_cstage before;

	do {
		*event = AUTH_CLIENT_MORE;
		before = c->stage;
		step = c->stage(c, bytes + used, n - used, out, event);
		used += step;
	} while (*event == AUTH_CLIENT_MORE && (step || c->stage != before));
	return used;
}

static void go_on(struct auth_client *c)
{
	if (c->next)
		c->stage = c->next;
	c->next = NULL;
}

bool auth_client_wants_user(const struct auth_client *c)
{
	return c->wants_user;
}

void auth_client_answer(struct auth_client *c, const char *user, const char *password)
{
	snprintf(c->user, sizeof c->user, "%s", user ? user : "");
	snprintf(c->password, sizeof c->password, "%s", password);
	go_on(c);
}

const char *auth_client_fingerprint(const struct auth_client *c)
{
	return c->fingerprint;
}

void auth_client_trust(struct auth_client *c, bool yes)
{
	if (yes) {
		go_on(c);
	} else {
		c->reason = "the server's key is not trusted";
		c->stage = stage_broken;
	}
}

const struct auth_aes_keys *auth_client_aes(const struct auth_client *c)
{
	return &c->keys;
}

void auth_client_upgraded(struct auth_client *c)
{
	go_on(c);
}

enum auth_type auth_client_type(const struct auth_client *c)
{
	return c->type;
}

const char *auth_client_reason(const struct auth_client *c)
{
	return c->reason;
}
