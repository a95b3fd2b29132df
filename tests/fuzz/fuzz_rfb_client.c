/* The client's handshake against any server, then its messages with pseudo-encodings and cursors. The first byte
 * chooses the security type, the second the parser's switches. Pixel data is taken to have no length. */
#include <stdlib.h>

#include "rfb/client.h"
#include "rfb/cuttext.h"
#include "rfb/smsg.h"

/* RSA-AES goes as far as the server's key, which is not trusted: our own would be made anew for each input. */
static const enum auth_type types[] = { AUTH_NONE, AUTH_VNC, AUTH_PLAIN, AUTH_TLSVNC, AUTH_X509PLAIN, AUTH_DH, AUTH_X509NONE, AUTH_RA2_256 };

static volatile unsigned touched;

static void touch(const uint8_t *p, size_t n)
{
	unsigned sum = 0;

	while (n-- > 0)
		sum += *p++;
	touched = sum;
}

/* Returns the bytes consumed; *ready when messages follow. */
static size_t shake(const uint8_t *data, size_t size, uint8_t choice, bool *ready)
{
	struct rfb_client *c = rfb_client_new(&types[choice % (sizeof types / sizeof *types)], 1, true);
	enum rfb_client_event event;
	struct wire_buf out = { 0 };
	size_t at = 0;

	do {
		at += rfb_client_step(c, data + at, size - at, &out, &event);
		if (event == RFB_CLIENT_CREDENTIALS)
			auth_client_answer(rfb_client_auth(c), "user", "password");
		else if (event == RFB_CLIENT_TLS || event == RFB_CLIENT_AES)
			auth_client_upgraded(rfb_client_auth(c));
		else if (event == RFB_CLIENT_TRUST)
			auth_client_trust(rfb_client_auth(c), false);
		else if (event == RFB_CLIENT_FAILED && !rfb_client_reason(c)[0])
			abort();
	} while (event != RFB_CLIENT_MORE && event != RFB_CLIENT_READY && event != RFB_CLIENT_FAILED);
	*ready = event == RFB_CLIENT_READY;
	touch((const uint8_t *)rfb_client_info(c)->name, rfb_client_info(c)->name_len);
	rfb_client_free(c);
	wire_buf_fini(&out);
	return at;
}

static void note(struct rfb_sparser *p, const struct rfb_smsg *m, struct rfb_cut_reader *cut)
{
	struct wire_buf argb = { 0 };
	struct rfb_cut text;

	switch (m->kind) {
	case RFB_SMSG_RECT:
		rfb_sparser_decoded(p);
		break;
	case RFB_SMSG_CURSOR:
		rfb_smsg_cursor(&argb, m, &p->format);
		if (argb.len != (size_t)m->rect.w * m->rect.h * 4)
			abort();
		wire_buf_fini(&argb);
		break;
	case RFB_SMSG_EXT_DESKTOP_SIZE:
		for (unsigned i = 0; i < m->screens.n; i++)
			touched = rfb_smsg_screen(m, i).id;
		break;
	case RFB_SMSG_NAME:
		touch(m->data.at, m->data.len);
		break;
	case RFB_SMSG_COLOUR_MAP:
		for (unsigned i = 0; i < m->colours.n; i++)
			touched = rfb_smsg_colour(m, i);
		break;
	case RFB_SMSG_CUT_TEXT:
		if (rfb_cut_feed(cut, &m->cut_text, &text) == 1)
			touch((const uint8_t *)text.text, text.len);
		break;
	case RFB_SMSG_FENCE:
		touch(m->fence.payload, m->fence.len);
		break;
	default:
		break;
	}
}

static void messages(const uint8_t *data, size_t size, uint8_t flags)
{
	static const struct pixel_format low = { .bpp = 8, .depth = 8, .true_colour = true, .red_max = 7, .green_max = 7, .blue_max = 3,
						 .green_shift = 3, .blue_shift = 6 };
	struct rfb_sparser p = { .format = flags & 1 ? low : pixel_format_native, .extended_clipboard = flags & 2 };
	struct rfb_cut_reader *cut = rfb_cut_reader_new(100000);
	struct rfb_smsg m;
	long used;

	while ((used = rfb_smsg_parse(&p, &m, data, size)) > 0) {
		if (used > (long)size)
			abort();
		note(&p, &m, cut);
		data += used;
		size -= (size_t)used;
	}
	rfb_cut_reader_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool ready = true;
	size_t at = 2;

	if (size < 2)
		return 0;
	if (!(data[1] & 4))
		at += shake(data + 2, size - 2, data[0], &ready);
	if (ready)
		messages(data + at, size - at, data[1]);
	return 0;
}
