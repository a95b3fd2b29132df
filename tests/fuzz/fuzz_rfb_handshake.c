/* The server's handshake against any viewer, with every security type. Bytes: what is offered, how checks are answered,
 * then what the viewer sends. */
#include <stdlib.h>

#include "auth/rsa.h"
#include "rfb/server.h"

static const enum auth_type all[] = {
	AUTH_X509PLAIN, AUTH_X509VNC, AUTH_X509NONE, AUTH_RA2_256, AUTH_RA2, AUTH_TLSPLAIN, AUTH_TLSVNC, AUTH_TLSNONE,
	AUTH_RA2NE_256, AUTH_RA2NE, AUTH_DH, AUTH_PLAIN, AUTH_VNC, AUTH_NONE,
};

static struct auth_rsa *rsa;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	rsa = auth_rsa_make(1024);
	return 0;
}

static void answer(struct rfb_server *s, enum rfb_server_event event, uint8_t answers, struct wire_buf *out)
{
	switch (event) {
	case RFB_SERVER_CHECK:
		if (strlen(rfb_server_check(s)->user) > AUTH_NAME_MAX || strlen(rfb_server_check(s)->password) > AUTH_PASSWORD_MAX)
			abort();
		if (answers & 2)
			rfb_server_refuse(s, out, "refused");
		rfb_server_checked(s, answers & 1, AUTH_VIEW, answers & 4 ? "no" : NULL);
		break;
	case RFB_SERVER_AES:
		if (rfb_server_aes(s)->key_len != 16 && rfb_server_aes(s)->key_len != 32)
			abort();
		rfb_server_upgraded(s);
		break;
	case RFB_SERVER_TLS:
		if (auth_type_info(rfb_server_info(s)->type)->channel == AUTH_CLEAR)
			abort();
		rfb_server_upgraded(s);
		break;
	case RFB_SERVER_FAILED:
		if (!rfb_server_reason(s)[0])
			abort();
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct auth_offer offer = { .types = all, .n = sizeof all / sizeof *all, .rsa = rsa };
	enum rfb_server_event event = RFB_SERVER_MORE;
	struct wire_buf out = { 0 };
	struct rfb_server *s;
	size_t at = 2, shown = 2;

	if (size < 2)
		return 0;
	if (data[0] & 1) {
		offer.types = &all[(data[0] >> 1) % offer.n];
		offer.n = 1;
	}
	offer.tight = data[0] & 0x80;
	offer.password_only = data[0] & 0x40;
	s = rfb_server_new(&offer);
	rfb_server_start(s, &out);
	if ((data[1] & 0xc0) == 0xc0)
		rfb_server_refuse(s, &out, "too many");
	for (;;) {
		size_t used = rfb_server_step(s, data + at, shown - at, &out, &event);

		if (used > shown - at)
			abort();
		at += used;
		answer(s, event, data[1], &out);
		if (event == RFB_SERVER_READY || event == RFB_SERVER_FAILED)
			break;
		if (event != RFB_SERVER_MORE)
			continue;
		if (shown - at > RFB_SERVER_BUFFER)
			abort();	/* it promised to need less */
		if (shown == size)
			break;
		shown += data[1] & 8 && size - shown > 3 ? 3 : size - shown > RFB_SERVER_BUFFER ? RFB_SERVER_BUFFER / 2 : size - shown;
	}
	if (out.bad)
		abort();
	wire_buf_fini(&out);
	rfb_server_free(s);
	return 0;
}
