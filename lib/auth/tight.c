/* The Tight security type (rfbproto "Tight Security Type"): no tunnels, then authentication capabilities, whose
 * numbers are a namespace of their own. */
#include "auth/stage.h"

static const struct capability {
	uint32_t code;
	char vendor[4 + 1], signature[8 + 1];
	enum auth_type type;
} capabilities[] = {
	{ 2, "STDV", "VNCAUTH_", AUTH_VNC },
	{ 1, "STDV", "NOAUTH__", AUTH_NONE },
};
enum { N = sizeof capabilities / sizeof *capabilities };

static size_t stage_choice(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	(void)out;
	if (n < 4)
		return 0;
	for (unsigned i = 0; i < N; i++)
		if (capabilities[i].code == wire_ld32be(bytes) && auth_offers(a->offer, capabilities[i].type)) {
			a->type = capabilities[i].type;
			a->stage = auth_proof_stage(auth_type_info(a->type)->proof);
			return 4;
		}
	return auth_broken(a, "Tight authentication that was not offered", event);
}

size_t auth_stage_tight(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event)
{
	uint32_t count = 0;

	(void)bytes;
	(void)n;
	(void)event;
	a->tight = true;
	wire_put_u32be(out, 0);
	if (!auth_offers(a->offer, AUTH_VNC)) {
		/* an empty list stands for None alone; older viewers know no other name for it */
		wire_put_u32be(out, 0);
		a->type = AUTH_NONE;
		a->stage = auth_proof_stage(AUTH_PROVES_NOTHING);
		return 0;
	}
	for (unsigned i = 0; i < N; i++)
		count += auth_offers(a->offer, capabilities[i].type);
	wire_put_u32be(out, count);
	for (unsigned i = 0; i < N; i++) {
		if (!auth_offers(a->offer, capabilities[i].type))
			continue;
		wire_put_u32be(out, capabilities[i].code);
		wire_put(out, capabilities[i].vendor, 4);
		wire_put(out, capabilities[i].signature, 8);
	}
	a->stage = stage_choice;
	return 0;
}
