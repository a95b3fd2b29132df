/* Server to client messages. Pseudo-encodings are a table: a fixed amount of data, and who reads it. */
#include "rfb/smsg.h"

#include "rfb/read.h"

enum { RECT_HEADER = 12, SCREEN_SIZE = 16, TEXT_MAX = 64 << 20 };

/* --- pseudo-encodings: each gets the bytes after the header; returns those it needs, 0 for more, or an error ---- */

typedef long (*pseudo_reader)(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n);

static long read_nothing(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	(void)out;
	(void)bytes;
	(void)n;
	return 0;
}

static long read_screens(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	size_t size = 4 + SCREEN_SIZE * (size_t)bytes[0];

	(void)p;
	if (n < size)
		return -1;
	out->screens.n = bytes[0];
	out->screens.list = bytes + 4;
	return (long)size;
}

static long read_name(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	uint32_t len = wire_ld32be(bytes);

	(void)p;
	if (len > RFB_SMSG_NAME_MAX)
		return RFB_E_LENGTH - 1;
	if (n < 4 + (size_t)len)
		return -1;
	out->data = (struct rfb_view){ bytes + 4, len };
	return 4 + (long)len;
}

static long read_leds_8(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	(void)n;
	out->leds = bytes[0];
	return 1;
}

static long read_leds_32(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	(void)n;
	out->leds = wire_ld32be(bytes);
	return 4;
}

/* The data of a cursor: `head` bytes, `pixel` bytes for each pixel, `masks` bitmaps. */
static long cursor_data(struct rfb_smsg *out, const uint8_t *bytes, size_t n, size_t head, size_t pixel, size_t masks)
{
	size_t w = out->rect.w, h = out->rect.h, size = head + w * h * pixel + masks * ((w + 7) / 8) * h;

	if (w > RFB_SMSG_CURSOR_SIDE_MAX || h > RFB_SMSG_CURSOR_SIDE_MAX)
		return RFB_E_LENGTH - 1;
	if (n < size)
		return -1;
	out->data = (struct rfb_view){ bytes, size };
	return (long)size;
}

static long read_cursor(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	return cursor_data(out, bytes, n, 0, pixel_bytes(&p->format), 1);
}

static long read_xcursor(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	return cursor_data(out, bytes, n, out->rect.w && out->rect.h ? 6 : 0, 0, 2);
}

static long read_alpha_cursor(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	if (wire_ld32be(bytes) != 0)
		return RFB_E_ENCODING - 1;	/* we take Raw only; nobody sends another */
	return cursor_data(out, bytes, n, 4, 4, 0);
}

static long read_vmware_cursor(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	if (bytes[0] > 1)
		return RFB_E_VALUE - 1;
	return cursor_data(out, bytes, n, 2, bytes[0] ? 4 : 2 * pixel_bytes(&p->format), 0);
}

static long read_vmware_state(const struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	(void)p;
	(void)bytes;
	(void)n;
	return out->rect.encoding == 0x574d5667 ? 10 : 2;
}

/* Readers return -1 for "more"; errors are one lower than their value, so that both fit one number. */
static const struct {
	int32_t encoding;
	enum rfb_smsg_kind kind;
	uint8_t least;			/* bytes before which read is not called */
	pseudo_reader read;
} pseudos[] = {
	{ RFB_PSEUDO_LAST_RECT, RFB_SMSG_LAST_RECT, 0, read_nothing },
	{ RFB_PSEUDO_DESKTOP_SIZE, RFB_SMSG_DESKTOP_SIZE, 0, read_nothing },
	{ RFB_PSEUDO_EXT_DESKTOP_SIZE, RFB_SMSG_EXT_DESKTOP_SIZE, 4, read_screens },
	{ RFB_PSEUDO_DESKTOP_NAME, RFB_SMSG_NAME, 4, read_name },
	{ RFB_PSEUDO_CURSOR, RFB_SMSG_CURSOR, 0, read_cursor },
	{ RFB_PSEUDO_XCURSOR, RFB_SMSG_CURSOR, 0, read_xcursor },
	{ RFB_PSEUDO_ALPHA_CURSOR, RFB_SMSG_CURSOR, 4, read_alpha_cursor },
	{ RFB_PSEUDO_VMWARE_CURSOR, RFB_SMSG_CURSOR, 2, read_vmware_cursor },
	{ RFB_PSEUDO_POINTER_POS, RFB_SMSG_POINTER, 0, read_nothing },
	{ RFB_PSEUDO_VMWARE_POINTER, RFB_SMSG_POINTER, 0, read_nothing },
	{ RFB_PSEUDO_QEMU_LEDS, RFB_SMSG_LEDS, 1, read_leds_8 },
	{ RFB_PSEUDO_VMWARE_LEDS, RFB_SMSG_LEDS, 4, read_leds_32 },
	{ RFB_PSEUDO_QEMU_KEYS, RFB_SMSG_QEMU_KEYS, 0, read_nothing },
	{ RFB_PSEUDO_QEMU_AUDIO, RFB_SMSG_IGNORED, 0, read_nothing },
	{ RFB_PSEUDO_EXT_MOUSE, RFB_SMSG_EXT_MOUSE, 0, read_nothing },
	{ 0x574d5665, RFB_SMSG_IGNORED, 2, read_vmware_state },	/* cursor state */
	{ 0x574d5667, RFB_SMSG_IGNORED, 10, read_vmware_state },	/* key repeat */
	{ 0x574d566a, RFB_SMSG_IGNORED, 2, read_vmware_state },	/* machine state */
};

static bool is_pixels(int32_t encoding)
{
	static const int32_t known[] = { 0, 1, 2, 4, 5, 6, 7, 8, 15, 16, 17, 21, 50, -260 };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i] == encoding)
			return true;
	return false;
}

static void rect_done(struct rfb_sparser *p, struct rfb_smsg *out)
{
	p->rects_left--;
	if (out->kind == RFB_SMSG_LAST_RECT)
		p->rects_left = 0;
	out->last = p->rects_left == 0;
}

static long read_pseudo(struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < sizeof pseudos / sizeof *pseudos; i++) {
		long used;

		if (pseudos[i].encoding != out->rect.encoding)
			continue;
		if (n < RECT_HEADER + (size_t)pseudos[i].least)
			return 0;
		out->kind = pseudos[i].kind;
		used = pseudos[i].read(p, out, bytes + RECT_HEADER, n - RECT_HEADER);
		if (used < 0)
			return used + 1;
		rect_done(p, out);
		return RECT_HEADER + used;
	}
	return RFB_E_ENCODING;
}

static long read_rect(struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);

	if (n < RECT_HEADER)
		return 0;
	out->rect.x = wire_u16be(&in);
	out->rect.y = wire_u16be(&in);
	out->rect.w = wire_u16be(&in);
	out->rect.h = wire_u16be(&in);
	out->rect.encoding = wire_s32be(&in);
	if (!is_pixels(out->rect.encoding))
		return read_pseudo(p, out, bytes, n);
	out->kind = RFB_SMSG_RECT;
	out->last = p->rects_left == 1;
	p->decoding = true;
	return RECT_HEADER;
}

void rfb_sparser_decoded(struct rfb_sparser *p)
{
	p->decoding = false;
	p->rects_left--;
}

/* --- messages -------------------------------------------------------------------------------------- */

static long read_update(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	(void)n;
	wire_skip(&in, 1);
	out->kind = RFB_SMSG_UPDATE;
	out->n_rects = wire_u16be(&in);
	p->rects_left = out->n_rects;
	out->last = out->n_rects == 0;
	return 4;
}

static long read_colours(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	size_t size;

	(void)p;
	wire_skip(&in, 1);
	out->colours.first = wire_u16be(&in);
	out->colours.n = wire_u16be(&in);
	size = 6 + 6 * (size_t)out->colours.n;
	if (n < size)
		return 0;
	out->kind = RFB_SMSG_COLOUR_MAP;
	out->colours.rgb = in.at;
	return (long)size;
}

static long read_bell(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)in;
	(void)n;
	out->kind = RFB_SMSG_BELL;
	return 1;
}

static long read_cut_text(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	uint32_t len;
	bool extended;

	(void)n;
	wire_skip(&in, 3);
	len = wire_u32be(&in);
	extended = p->extended_clipboard && len >= 0x80000000u;
	if (extended)
		len = 0 - len;
	if (len >= 0x80000000u || (extended && len < 4))
		return RFB_E_LENGTH;
	out->cut_text = (struct rfb_msg_cut_text){ .total = len, .extended = extended, .first = true, .last = true };
	out->kind = RFB_SMSG_CUT_TEXT;
	if (len > TEXT_MAX) {
		out->cut_text.dropped = true;
		p->skip = len;
	} else if (len > 0) {
		out->kind = RFB_SMSG_IGNORED;
		p->cut_left = p->cut_total = len;
		p->cut_extended = extended;
		p->cut_started = false;
	}
	return 8;
}

static long cut_part(struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	uint32_t len = n < p->cut_left ? (uint32_t)n : p->cut_left;

	p->cut_left -= len;
	out->kind = RFB_SMSG_CUT_TEXT;
	out->type = 3;
	out->cut_text = (struct rfb_msg_cut_text){
		.data = bytes, .len = len, .total = p->cut_total, .extended = p->cut_extended,
		.first = !p->cut_started, .last = p->cut_left == 0,
	};
	p->cut_started = true;
	return (long)len;
}

static long read_end_of_continuous(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)in;
	(void)n;
	out->kind = RFB_SMSG_END_OF_CONTINUOUS;
	return 1;
}

static long read_fence(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	bool whole;
	const long used = rfb_read_fence(in, n, &out->fence, &p->skip, &whole);

	if (whole)
		out->kind = RFB_SMSG_FENCE;
	return used;
}

static long read_xvp(struct rfb_sparser *p, struct rfb_smsg *out, struct wire_in in, size_t n)
{
	(void)p;
	(void)n;
	wire_skip(&in, 2);
	out->kind = RFB_SMSG_XVP;
	out->xvp_code = wire_u8(&in);
	return 4;
}

static const struct {
	uint8_t type, fixed;
	long (*read)(struct rfb_sparser *, struct rfb_smsg *, struct wire_in after_type, size_t n);
} messages[] = {
	{ 0, 4, read_update }, { 1, 6, read_colours }, { 2, 1, read_bell }, { 3, 8, read_cut_text },
	{ 150, 1, read_end_of_continuous }, { 248, 9, read_fence }, { 250, 4, read_xvp },
};

long rfb_smsg_parse(struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n)
{
	*out = (struct rfb_smsg){ .kind = RFB_SMSG_IGNORED };
	if (n == 0 || p->decoding)
		return 0;
	if (p->skip > 0) {
		size_t len = n < p->skip ? n : (size_t)p->skip;

		p->skip -= len;
		return (long)len;
	}
	if (p->cut_left > 0)
		return cut_part(p, out, bytes, n);
	if (p->rects_left > 0)
		return read_rect(p, out, bytes, n);
	out->type = bytes[0];
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		if (messages[i].type == bytes[0])
			return n < messages[i].fixed ? 0 : messages[i].read(p, out, wire_in(bytes + 1, n - 1), n);
	return RFB_E_TYPE;
}

struct rfb_screen rfb_smsg_screen(const struct rfb_smsg *m, unsigned i)
{
	const struct rfb_msg_resize view = { .n_screens = m->screens.n, .screens = m->screens.list };

	return rfb_msg_screen(&view, i);
}

uint32_t rfb_smsg_colour(const struct rfb_smsg *m, unsigned i)
{
	const uint8_t *c = m->colours.rgb + 6 * (size_t)i;

	return (uint32_t)c[0] << 16 | (uint32_t)c[2] << 8 | c[4];	/* the high bytes */
}
