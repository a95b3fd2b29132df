/* The extended clipboard, written: all but the text itself. */
#include "rfb/cuttext.h"

/* Type, padding, minus the length of what follows, flags. */
static void put_header(struct wire_buf *out, enum rfb_clip_sender sender, uint32_t len, uint32_t flags)
{
	wire_put_u8(out, (uint8_t)sender);
	wire_put_zero(out, 3);
	wire_put_u32be(out, 0 - len);
	wire_put_u32be(out, flags);
}

void rfb_put_clip_caps(struct wire_buf *out, enum rfb_clip_sender sender, uint32_t unsolicited)
{
	put_header(out, sender, 8, RFB_CLIP_CAPS | RFB_CLIP_TEXT | RFB_CLIP_REQUEST | RFB_CLIP_PEEK |
				   RFB_CLIP_NOTIFY | RFB_CLIP_PROVIDE);
	wire_put_u32be(out, unsolicited);
}

void rfb_put_clip_notify(struct wire_buf *out, enum rfb_clip_sender sender, bool text)
{
	put_header(out, sender, 4, RFB_CLIP_NOTIFY | (text ? RFB_CLIP_TEXT : 0));
}

void rfb_put_clip_request(struct wire_buf *out, enum rfb_clip_sender sender)
{
	put_header(out, sender, 4, RFB_CLIP_REQUEST | RFB_CLIP_TEXT);
}

void rfb_put_clip_peek(struct wire_buf *out, enum rfb_clip_sender sender)
{
	put_header(out, sender, 4, RFB_CLIP_PEEK);
}
