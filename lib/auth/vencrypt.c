/* VeNCrypt 0.2 (rfbproto "VeNCrypt"): version, list of sub-types, choice, then TLS for all but Plain, then the
 * proof inside. */
#include "auth/stage.h"

static size_t stage_choice(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	uint32_t number;

	if (n < 4)
		return 0;
	number = wire_ld32be(bytes);
	for (unsigned i = 0; i < a->offer->n; i++) {
		const struct auth_type_info *t = auth_type_info(a->offer->types[i]);

		if (!t->vencrypt || t->number != number)
			continue;
		a->type = a->offer->types[i];
		a->stage = auth_proof_stage(t->proof);
		if (t->channel != AUTH_CLEAR) {
			wire_put_u8(out, 1);	/* now TLS */
			auth_ask_upgrade(a, AUTH_TLS, a->stage, event);
		}
		return 4;
	}
	return auth_broken(a, "VeNCrypt sub-type that was not offered", event);
}

static void put_list(const struct auth_offer *offer, struct wire_buf *out)
{
	uint8_t count = 0;

	for (unsigned i = 0; i < offer->n; i++)
		count += auth_type_info(offer->types[i])->vencrypt;
	wire_put_u8(out, count);
	for (unsigned i = 0; i < offer->n; i++)
		if (auth_type_info(offer->types[i])->vencrypt)
			wire_put_u32be(out, auth_type_info(offer->types[i])->number);
}

static size_t stage_version(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	if (n < 2)
		return 0;
	if (bytes[0] != 0 || bytes[1] != 2) {
		wire_put_u8(out, 0xff);
		return auth_broken(a, "VeNCrypt version other than 0.2", event);
	}
	wire_put_u8(out, 0);
	put_list(a->offer, out);
	a->stage = stage_choice;
	return 2;
}

size_t auth_stage_vencrypt(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)bytes;
	(void)n;
	(void)event;
	wire_put_u8(out, 0);
	wire_put_u8(out, 2);
	a->stage = stage_version;
	return 0;
}
