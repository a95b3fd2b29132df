/* Clipboard messages, read in parts. Latin-1 is converted as it arrives; the extended form's flags word comes first,
 * then sizes (caps) or a zlib stream (provide), of which only the text is kept. What a peer can make us hold is
 * bounded by `max`, however far its data inflates. */
#include "rfb/cuttext.h"

#include <stdlib.h>
#include <zlib.h>

/* Bytes of a message that are not text: flags, and sizes for up to 16 formats. */
enum { HEAD = 4, SIZES = 4 * 16 };

struct rfb_cut_reader {
	size_t max;
	struct wire_buf text;		/* the text, cleaned */
	struct wire_buf raw;		/* inflated or Latin-1 bytes of the text */
	uint8_t head[HEAD + SIZES];
	unsigned head_len;
	uint32_t flags;
	z_stream z;
	bool inflating, ended;
	uint32_t left;			/* inflated bytes of the text still to come */
	uint8_t size[4];		/* its length word */
	unsigned size_len;
	int error;
};

struct rfb_cut_reader *rfb_cut_reader_new(size_t max)
{
	struct rfb_cut_reader *r = calloc(1, sizeof *r);

	if (r)
		r->max = max < RFB_CUT_TEXT_MAX ? max : RFB_CUT_TEXT_MAX;
	return r;
}

static void restart(struct rfb_cut_reader *r)
{
	if (r->inflating)
		inflateEnd(&r->z);
	wire_buf_fini(&r->raw);
	wire_buf_fini(&r->text);
	*r = (struct rfb_cut_reader){ .max = r->max };
}

void rfb_cut_reader_free(struct rfb_cut_reader *r)
{
	if (!r)
		return;
	restart(r);
	free(r);
}

/* Keeps inflated text up to max; the rest is only counted. A CRLF needs two bytes on the wire, hence twice. */
static void keep(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n)
{
	size_t room = 2 * r->max + 2 - r->raw.len;

	if (n == 0)
		return;
	wire_put(&r->raw, bytes, n < room ? n : room);
	if (r->raw.bad)
		r->error = RFB_E_MEMORY;
}

/* Bytes out of the zlib stream: the length word, then the text (rtf, html … come after it and are dropped). */
static void take_inflated(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n)
{
	while (n > 0 && r->size_len < 4) {
		r->size[r->size_len++] = *bytes++;
		n--;
		if (r->size_len == 4)
			r->left = wire_ld32be(r->size);
	}
	if (n > r->left)
		n = r->left;
	keep(r, bytes, n);
	r->left -= (uint32_t)n;
	if (r->size_len == 4 && r->left == 0)
		r->ended = true;
}

static void inflate_part(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n)
{
	uint8_t out[8192];

	if (!r->inflating) {
		if (inflateInit(&r->z) != Z_OK) {
			r->error = RFB_E_MEMORY;
			return;
		}
		r->inflating = true;
	}
	r->z.next_in = (Bytef *)(uintptr_t)bytes;
	r->z.avail_in = (uInt)n;
	while (!r->ended && !r->error) {
		int result;

		r->z.next_out = out;
		r->z.avail_out = sizeof out;
		result = inflate(&r->z, Z_SYNC_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			r->error = RFB_E_ZLIB;
		else
			take_inflated(r, out, sizeof out - r->z.avail_out);
		if (result == Z_STREAM_END)
			r->ended = true;
		if (r->z.avail_out != 0 || r->raw.len >= 2 * r->max + 2)
			break;
	}
	if (r->raw.len >= 2 * r->max + 2)
		r->ended = true;	/* nothing more would be kept */
}

static void extended_part(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n)
{
	while (n > 0 && (r->head_len < HEAD || (r->flags & RFB_CLIP_CAPS && r->head_len < sizeof r->head))) {
		r->head[r->head_len++] = *bytes++;
		n--;
		if (r->head_len == HEAD)
			r->flags = wire_ld32be(r->head);
	}
	if (n > 0 && !(r->flags & RFB_CLIP_CAPS) && r->flags & RFB_CLIP_PROVIDE && r->flags & RFB_CLIP_TEXT && !r->ended)
		inflate_part(r, bytes, n);
}

/* The finished text: cleaned, cut at max. */
static void finish_text(struct rfb_cut_reader *r, struct rfb_cut *out, bool latin1)
{
	wire_buf_reset(&r->text);
	if (latin1)
		rfb_utf8_from_latin1(&r->text, r->raw.data, r->raw.len);
	else
		rfb_utf8_clean(&r->text, (const char *)r->raw.data, r->raw.len);
	if (r->text.bad) {
		r->error = RFB_E_MEMORY;
		return;
	}
	out->kind = RFB_CUT_TEXT;
	out->text = r->text.len ? (const char *)r->text.data : "";
	out->len = rfb_utf8_prefix(out->text, r->text.len, r->max);
}

/* The first size word belongs to the text if the text bit is set. */
static void finish_extended(struct rfb_cut_reader *r, struct rfb_cut *out)
{
	out->flags = r->flags;
	if (r->head_len < HEAD) {
		r->error = RFB_E_LENGTH;
	} else if (r->flags & RFB_CLIP_CAPS) {
		out->kind = RFB_CUT_CAPS;
		if (r->flags & RFB_CLIP_TEXT && r->head_len >= HEAD + 4)
			out->text_max = wire_ld32be(r->head + HEAD);
	} else if (r->flags & RFB_CLIP_REQUEST) {
		out->kind = RFB_CUT_REQUEST;
	} else if (r->flags & RFB_CLIP_PEEK) {
		out->kind = RFB_CUT_PEEK;
	} else if (r->flags & RFB_CLIP_NOTIFY) {
		out->kind = RFB_CUT_NOTIFY;
	} else if (r->flags & RFB_CLIP_PROVIDE && r->flags & RFB_CLIP_TEXT) {
		if (!r->ended)
			r->error = RFB_E_ZLIB;	/* shorter than it said */
		else
			finish_text(r, out, false);
	}
}

int rfb_cut_feed(struct rfb_cut_reader *r, const struct rfb_msg_cut_text *part, struct rfb_cut *out)
{
	if (part->first)
		restart(r);
	*out = (struct rfb_cut){ .kind = RFB_CUT_NOTHING, .text = "" };
	if (part->dropped)
		return 1;
	if (part->extended)
		extended_part(r, part->data, part->len);
	else
		keep(r, part->data, part->len);
	if (r->error)
		return r->error;
	if (!part->last)
		return 0;
	if (part->extended)
		finish_extended(r, out);
	else
		finish_text(r, out, true);
	return r->error ? r->error : 1;
}
