/* The server's security state machine: which types are offered, the chain of stages, and the three proofs
 * (nothing, VncAuth, Plain) that other types wrap in a channel. */
#include "auth/server.h"

#include <stdlib.h>
#include <string.h>

#include "auth/random.h"
#include "auth/stage.h"

struct auth_server *auth_server_new(const struct auth_offer *offer)
{
	struct auth_server *a = calloc(1, sizeof *a);

	if (a) {
		a->offer = offer;
		a->type = AUTH_TYPES;
		a->reason = "";
	}
	return a;
}

void auth_server_free(struct auth_server *a)
{
	if (!a)
		return;
	if (a->extra_free)
		a->extra_free(a->extra);
	auth_wipe(a, sizeof *a);
	free(a);
}

bool auth_offers(const struct auth_offer *offer, enum auth_type type)
{
	for (unsigned i = 0; i < offer->n; i++)
		if (offer->types[i] == type)
			return true;
	return false;
}

static unsigned add_number(uint8_t numbers[16], unsigned n, uint8_t number)
{
	if (memchr(numbers, number, n) || n == 16)
		return n;
	numbers[n] = number;
	return n + 1;
}

unsigned auth_server_numbers(const struct auth_offer *offer, uint8_t numbers[16])
{
	bool inside_tight = auth_offers(offer, AUTH_VNC) || auth_offers(offer, AUTH_NONE);
	unsigned n = 0;

	for (unsigned i = 0; i < offer->n; i++) {
		const struct auth_type_info *t = auth_type_info(offer->types[i]);

		if (t->channel == AUTH_RSA_AES && !offer->rsa)
			continue;
		n = add_number(numbers, n, t->vencrypt ? AUTH_NUMBER_VENCRYPT : (uint8_t)t->number);
	}
	if (offer->tight && inside_tight)
		n = add_number(numbers, n, AUTH_NUMBER_TIGHT);
	return n;
}

/* --- stages that every type ends in --------------------------------------------------------- */

size_t auth_stage_done(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)bytes;
	(void)n;
	(void)out;
	if (a->offer->check_all)
		return auth_ask_check(a, event);
	*event = AUTH_DONE;
	return 0;
}

size_t auth_stage_wait(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)bytes;
	(void)n;
	(void)out;
	if (a->answered)
		*event = a->ok ? AUTH_DONE : AUTH_FAILED;
	return 0;
}

size_t auth_ask_check(struct auth_server *a, enum auth_event *event)
{
	a->check.type = a->type;
	a->check.proof = auth_type_info(a->type)->proof;
	a->stage = auth_stage_wait;
	*event = AUTH_CHECK;
	return 0;
}

size_t auth_ask_upgrade(struct auth_server *a, enum auth_event what, auth_stage next, enum auth_event *event)
{
	a->stage = auth_stage_wait;
	a->next = next;
	*event = what;
	return 0;
}

static size_t stage_broken(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)a;
	(void)bytes;
	(void)n;
	(void)out;
	*event = AUTH_BROKEN;
	return 0;
}

size_t auth_broken(struct auth_server *a, const char *reason, enum auth_event *event)
{
	a->reason = reason;
	a->stage = stage_broken;
	*event = AUTH_BROKEN;
	return 0;
}

/* --- VncAuth (RFC 6143 7.2.2) ------------------------------------------------------------------- */

static size_t stage_vnc_response(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)out;
	if (n < sizeof a->check.response)
		return 0;
	memcpy(a->check.response, bytes, sizeof a->check.response);
	auth_ask_check(a, event);
	return sizeof a->check.response;
}

static size_t stage_vnc(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)bytes;
	(void)n;
	if (auth_random(a->check.challenge, sizeof a->check.challenge))
		return auth_broken(a, "no randomness for a challenge", event);
	wire_put(out, a->check.challenge, sizeof a->check.challenge);
	a->stage = stage_vnc_response;
	return 0;
}

/* --- Plain (rfbproto "Plain subtype") -------------------------------------------------------------- */

static size_t stage_plain(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	struct wire_in in = wire_in(bytes, n);
	const uint8_t *user, *password;
	uint32_t user_len, password_len;

	(void)out;
	if (n < 8)
		return 0;
	user_len = wire_u32be(&in);
	password_len = wire_u32be(&in);
	if (user_len > AUTH_NAME_MAX || password_len > AUTH_PASSWORD_MAX)
		return auth_broken(a, "user name or password too long", event);
	user = wire_get(&in, user_len);
	password = wire_get(&in, password_len);
	if (in.bad)
		return 0;
	if (memchr(user, 0, user_len) || memchr(password, 0, password_len))
		return auth_broken(a, "NUL in a user name or password", event);
	memcpy(a->check.user, user, user_len);
	memcpy(a->check.password, password, password_len);
	auth_ask_check(a, event);
	return n - wire_left(&in);
}

auth_stage auth_proof_stage(enum auth_proof proof)
{
	static const auth_stage stages[] = {
		[AUTH_PROVES_NOTHING] = auth_stage_done,
		[AUTH_PROVES_VNC] = stage_vnc,
		[AUTH_PROVES_PLAIN] = stage_plain,
	};

	return stages[proof];
}

/* --- running -------------------------------------------------------------------------------------------- */

/* The stage in which a top-level number begins; NULL when it was not offered. Sets the type where the number says it. */
static auth_stage first_stage(struct auth_server *a, uint8_t number)
{
	uint8_t numbers[16];
	unsigned n = auth_server_numbers(a->offer, numbers);

	if (!memchr(numbers, number, n))
		return NULL;
	if (number == AUTH_NUMBER_VENCRYPT)
		return auth_stage_vencrypt;
	if (number == AUTH_NUMBER_TIGHT)
		return auth_stage_tight;
	for (unsigned t = 0; t < AUTH_TYPES; t++) {
		const struct auth_type_info *info = auth_type_info((enum auth_type)t);

		if (info->vencrypt || info->number != number)
			continue;
		a->type = (enum auth_type)t;
		if (info->channel == AUTH_RSA_AES)
			return auth_stage_rsaaes;
		return t == AUTH_DH ? auth_stage_dh : auth_proof_stage(info->proof);
	}
	return NULL;
}

bool auth_server_begin(struct auth_server *a, uint8_t number, struct wire_buf *out)
{
	(void)out;
	a->stage = first_stage(a, number);
	return a->stage != NULL;
}

size_t auth_server_step(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	size_t used = 0, step;
	auth_stage before;

	do {
		*event = AUTH_MORE;
		before = a->stage;
		step = a->stage(a, bytes + used, n - used, out, event);
		used += step;
	} while (*event == AUTH_MORE && (step || a->stage != before));
	return used;
}

static bool type_is_costly(enum auth_type t)
{
	return t == AUTH_DH || (t < AUTH_TYPES && auth_type_info(t)->channel == AUTH_RSA_AES);
}

bool auth_server_is_costly(const struct auth_server *a)
{
	return type_is_costly(a->type) && a->stage != auth_stage_wait && a->stage != auth_stage_done;
}

bool auth_number_is_costly(uint8_t number)
{
	for (unsigned t = 0; t < AUTH_TYPES; t++) {
		const struct auth_type_info *info = auth_type_info((enum auth_type)t);

		if (!info->vencrypt && info->number == number)
			return type_is_costly((enum auth_type)t);
	}
	return false;
}

const struct auth_check *auth_server_check(const struct auth_server *a)
{
	return &a->check;
}

void auth_server_checked(struct auth_server *a, bool ok)
{
	auth_wipe(a->check.password, sizeof a->check.password);
	auth_wipe(a->check.response, sizeof a->check.response);
	a->answered = true;
	a->ok = ok;
}

const struct auth_aes_keys *auth_server_aes(const struct auth_server *a)
{
	return &a->keys;
}

void auth_server_upgraded(struct auth_server *a)
{
	if (a->next)
		a->stage = a->next;
	a->next = NULL;
}

enum auth_type auth_server_type(const struct auth_server *a, bool *tight)
{
	*tight = a->tight;
	return a->type;
}

const char *auth_server_user(const struct auth_server *a)
{
	return a->check.user;
}

const char *auth_server_reason(const struct auth_server *a)
{
	return a->reason;
}
