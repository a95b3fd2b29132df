/* The extended clipboard, written. */
#include "rfb/cuttext.h"

#include <zlib.h>

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

/* Deflates n bytes (more follow unless `flush` says otherwise) to the end of out. */
static bool deflate_to(struct wire_buf *out, z_stream *z, const void *bytes, size_t n, int flush)
{
	z->next_in = (Bytef *)(uintptr_t)bytes;
	z->avail_in = (uInt)n;
	do {
		uint8_t *room = wire_buf_room(out, 4096);

		if (!room)
			return false;
		z->next_out = room;
		z->avail_out = 4096;
		if (deflate(z, flush) == Z_STREAM_ERROR)
			return false;
		out->len += 4096 - z->avail_out;
	} while (z->avail_out == 0);
	return true;
}

/* The text in the wire's form: every LF (or CRLF) as CRLF, in pieces between line ends. */
static bool deflate_text(struct wire_buf *out, z_stream *z, const char *utf8, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (utf8[i] != '\n' || (i > 0 && utf8[i - 1] == '\r'))
			continue;
		if (!deflate_to(out, z, utf8 + from, i - from, Z_NO_FLUSH) || !deflate_to(out, z, "\r\n", 2, Z_NO_FLUSH))
			return false;
		from = i + 1;
	}
	return deflate_to(out, z, utf8 + from, n - from, Z_NO_FLUSH) && deflate_to(out, z, "", 1, Z_SYNC_FLUSH);
}

static size_t length_with_crlf(const char *utf8, size_t n)
{
	size_t len = n;

	for (size_t i = 0; i < n; i++)
		len += utf8[i] == '\n' && (i == 0 || utf8[i - 1] != '\r');
	return len;
}

void rfb_put_clip_provide(struct wire_buf *out, enum rfb_clip_sender sender, const char *utf8, size_t n)
{
	size_t start = out->len, size;
	uint8_t length[4];
	z_stream z = { 0 };

	if (n >= RFB_CUT_TEXT_MAX || deflateInit(&z, Z_DEFAULT_COMPRESSION) != Z_OK) {
		out->bad = true;
		return;
	}
	size = length_with_crlf(utf8, n) + 1;
	wire_st32be(length, (uint32_t)size);
	put_header(out, sender, 0, RFB_CLIP_PROVIDE | RFB_CLIP_TEXT);
	if (!deflate_to(out, &z, length, sizeof length, Z_NO_FLUSH) || !deflate_text(out, &z, utf8, n))
		out->bad = true;
	deflateEnd(&z);
	if (!out->bad)
		wire_set_u32be(out, start + 4, 0 - (uint32_t)(out->len - start - 8));
}
