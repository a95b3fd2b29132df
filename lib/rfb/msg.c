/* Client to server messages: one row of a table for each type says how long its fixed part is and who reads
 * it. A reader gets a cursor over at least that much and returns what the message needs in all, or an error. */
#include "rfb/msg.h"

#include <string.h>

#include "rfb/msgskip.h"
#include "rfb/read.h"
#include "wire/wire.h"

enum {
	SCREEN_SIZE = 16,
	DEFLATED_PART = 1024,	/* a clipboard text grows to a thousandfold at most: so a part is a megabyte at most */
};

static struct rfb_area get_area(struct wire_in *in)
{
	struct rfb_area a;

	a.x = wire_u16be(in);
	a.y = wire_u16be(in);
	a.w = wire_u16be(in);
	a.h = wire_u16be(in);
	return a;
}

/* RFC 6143 7.5.1 */
static long read_pixel_format(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	wire_skip(&in, 3);
	out->format = rfb_read_format(&in);
	out->kind = RFB_MSG_PIXEL_FORMAT;
	return pixel_format_normalise(&out->format) ? 20 : RFB_E_FORMAT;
}

/* RFC 6143 7.5.2: what is beyond the cap is skipped. */
static long read_encodings(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	unsigned count, taken;

	wire_skip(&in, 1);
	count = wire_u16be(&in);
	taken = count < RFB_ENCODINGS_MAX ? count : RFB_ENCODINGS_MAX;
	if (n < 4 + 4 * (size_t)taken)
		return 0;
	out->kind = RFB_MSG_ENCODINGS;
	out->encodings = (struct rfb_msg_encodings){ .list = in.at, .n = taken };
	p->skip = 4 * (uint64_t)(count - taken);
	return 4 + 4 * (long)taken;
}

static long read_request(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	out->kind = RFB_MSG_REQUEST;
	out->request.incremental = wire_u8(&in) != 0;
	out->request.area = get_area(&in);
	return 10;
}

static long read_key(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	out->kind = RFB_MSG_KEY;
	out->key.down = wire_u8(&in) != 0;
	wire_skip(&in, 2);
	out->key.keysym = wire_u32be(&in);
	out->key.code = 0;
	return 8;
}

/* rfbproto "PointerEvent": a seventh byte when the marker bit is set, once the viewer listed the extension. */
static long read_pointer(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint8_t mask = wire_u8(&in), more = 0;
	bool extended = p->extended_mouse && (mask & 0x80);

	if (extended && n < 7)
		return 0;
	out->kind = RFB_MSG_POINTER;
	out->pointer.x = wire_u16be(&in);
	out->pointer.y = wire_u16be(&in);
	if (extended) {
		more = wire_u8(&in);
		mask &= 0x7f;
	}
	out->pointer.buttons = (uint16_t)(mask | more << 7);
	return extended ? 7 : 6;
}

/* The header of a clipboard message; its text follows in parts (cut_part). */
static long read_cut_text(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint32_t len;
	bool extended;

	(void)n;
	wire_skip(&in, 3);
	len = wire_u32be(&in);
	extended = p->extended_clipboard && len >= 0x80000000u;
	if (extended)
		len = 0 - len;
	if (len >= 0x80000000u)
		return RFB_E_LENGTH;
	if (extended && len < 4)
		return RFB_E_LENGTH;
	out->kind = RFB_MSG_CUT_TEXT;
	out->cut_text = (struct rfb_msg_cut_text){ .total = len, .extended = extended, .first = true, .last = true };
	if (len > RFB_CUT_TEXT_MAX) {
		out->cut_text.dropped = true;
		p->skip = len;
	} else if (len > 0) {
		out->kind = RFB_MSG_IGNORED;
		p->cut_left = p->cut_total = len;
		p->cut_extended = extended;
		p->cut_started = false;
	}
	return 8;
}

static long cut_part(struct rfb_parser *p, struct rfb_msg *out, const uint8_t *bytes, size_t n)
{
	size_t most = p->cut_extended && n > DEFLATED_PART ? DEFLATED_PART : n;
	uint32_t len = most < p->cut_left ? (uint32_t)most : p->cut_left;

	p->cut_left -= len;
	out->kind = RFB_MSG_CUT_TEXT;
	out->type = 6;
	out->cut_text = (struct rfb_msg_cut_text){
		.data = bytes, .len = len, .total = p->cut_total, .extended = p->cut_extended,
		.first = !p->cut_started, .last = p->cut_left == 0,
	};
	p->cut_started = true;
	return (long)len;
}

static long read_continuous(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	out->kind = RFB_MSG_CONTINUOUS;
	out->continuous.enable = wire_u8(&in) != 0;
	out->continuous.area = get_area(&in);
	return 10;
}

static long read_fence(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	bool whole;
	const long used = rfb_read_fence(in, n, &out->fence, &p->skip, &whole);

	if (whole)
		out->kind = RFB_MSG_FENCE;
	return used;
}

static long read_resize(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	struct rfb_msg_resize m;

	(void)p;
	wire_skip(&in, 1);
	m.w = wire_u16be(&in);
	m.h = wire_u16be(&in);
	m.n_screens = wire_u8(&in);
	wire_skip(&in, 1);
	if (n < 8 + SCREEN_SIZE * (size_t)m.n_screens)
		return 0;
	m.screens = in.at;
	out->kind = RFB_MSG_RESIZE;
	out->resize = m;
	return 8 + SCREEN_SIZE * (long)m.n_screens;
}

static long read_scale(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	out->scale = wire_u8(&in);
	out->kind = out->scale ? RFB_MSG_SCALE : RFB_MSG_IGNORED;
	return 4;
}

static long read_xvp(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	wire_skip(&in, 2);
	out->kind = RFB_MSG_XVP;
	out->xvp_code = wire_u8(&in);
	return 4;
}

/* rfbproto "QEMU Client Message": extended keys; audio is of no interest. */
static long read_qemu(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n)
{
	uint8_t sub = wire_u8(&in);
	uint16_t word = wire_u16be(&in);

	(void)p;
	if (sub == 1)
		return word > 2 ? RFB_E_VALUE : word < 2 ? 4 : n < 10 ? 0 : 10;
	if (sub != 0)
		return RFB_E_TYPE;
	if (n < 12)
		return 0;
	out->kind = RFB_MSG_KEY;
	out->key.down = word != 0;
	out->key.keysym = wire_u32be(&in);
	out->key.code = wire_u32be(&in);
	if (out->key.code == 0xb7)
		out->key.code = 0x54;
	return 12;
}

static const struct {
	const char *name;
	uint8_t fixed;	/* bytes before which read is not called; 0: no such message */
	long (*read)(struct rfb_parser *, struct rfb_msg *, struct wire_in after_type, size_t n);
} messages[256] = {
	[0] = { "SetPixelFormat", 20, read_pixel_format },
	[2] = { "SetEncodings", 4, read_encodings },
	[3] = { "FramebufferUpdateRequest", 10, read_request },
	[4] = { "KeyEvent", 8, read_key },
	[5] = { "PointerEvent", 6, read_pointer },
	[6] = { "ClientCutText", 8, read_cut_text },
	[7] = { "FileTransfer", 12, rfb_skip_ultra_file },
	[8] = { "SetScale", 4, read_scale },
	[9] = { "SetServerInput", 4, rfb_skip_4 },
	[10] = { "SetSW", 6, rfb_skip_6 },
	[11] = { "TextChat", 8, rfb_skip_chat },
	[12] = { "KeyFrameRequest", 1, rfb_skip_1 },
	[13] = { "KeepAlive", 1, rfb_skip_1 },
	[15] = { "SetScaleFactor", 4, read_scale },
	[130] = { "FileListRequest", 4, rfb_skip_tight_name },
	[131] = { "FileDownloadRequest", 8, rfb_skip_tight_transfer },
	[132] = { "FileUploadRequest", 8, rfb_skip_tight_transfer },
	[133] = { "FileUploadData", 6, rfb_skip_tight_data },
	[134] = { "FileDownloadCancel", 4, rfb_skip_tight_name },
	[135] = { "FileUploadFailed", 4, rfb_skip_tight_name },
	[136] = { "FileCreateDirRequest", 4, rfb_skip_tight_name },
	[150] = { "EnableContinuousUpdates", 10, read_continuous },
	[151] = { "VideoRectangleSelection", 10, rfb_skip_10 },
	[248] = { "ClientFence", 9, read_fence },
	[250] = { "xvp", 4, read_xvp },
	[251] = { "SetDesktopSize", 8, read_resize },
	[253] = { "gii", 4, rfb_skip_gii },
	[255] = { "QEMU", 4, read_qemu },
};

long rfb_msg_parse(struct rfb_parser *p, struct rfb_msg *out, const uint8_t *bytes, size_t n)
{
	out->kind = RFB_MSG_IGNORED;
	out->type = 0;
	if (n == 0)
		return 0;
	if (p->skip > 0) {
		size_t len = n < p->skip ? n : (size_t)p->skip;

		p->skip -= len;
		return (long)len;
	}
	if (p->cut_left > 0)
		return cut_part(p, out, bytes, n);
	out->type = bytes[0];
	if (messages[out->type].fixed == 0)
		return RFB_E_TYPE;
	if (n < messages[out->type].fixed)
		return 0;
	return messages[out->type].read(p, out, wire_in(bytes + 1, n - 1), n);
}

struct rfb_screen rfb_msg_screen(const struct rfb_msg_resize *m, unsigned i)
{
	struct wire_in in = wire_in(m->screens + (size_t)i * SCREEN_SIZE, SCREEN_SIZE);
	struct rfb_screen s;

	s.id = wire_u32be(&in);
	s.x = wire_u16be(&in);
	s.y = wire_u16be(&in);
	s.w = wire_u16be(&in);
	s.h = wire_u16be(&in);
	s.flags = wire_u32be(&in);
	return s;
}

const char *rfb_msg_name(const struct rfb_msg *m)
{
	const char *name = messages[m->type].name;

	return name ? name : "unknown message";
}
