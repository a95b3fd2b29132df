/* Clipboard messages, read in parts: a text is converted as it arrives, so that its end is no more work than any other
 * part. The extended form's flags word comes first, then sizes (caps) or a zlib stream (provide), of which only the
 * text is kept. What a peer can make us hold is bounded by `max`, however far its data inflates. */
#include "rfb/cuttext.h"

#include <stdlib.h>
#include <zlib.h>

/* Bytes of a message that are not text: flags, and sizes for up to 16 formats. */
enum { HEAD = 4, SIZES = 4 * 16 };

struct rfb_cut_reader {
	size_t max;
	struct wire_buf text;		/* the text, cleaned; a little longer than max at most */
	struct rfb_text state;
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

/* Nothing more would be kept: the text is too long, or ends here. */
static bool is_full(const struct rfb_cut_reader *r)
{
	return r->text.len > r->max || r->state.ended;
}

/* Keeps text up to max; the rest is only counted. */
static void keep(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n, bool last)
{
	if (is_full(r))
		return;
	if (r->flags)
		rfb_text_utf8(&r->state, &r->text, bytes, n, last);
	else
		rfb_text_latin1(&r->state, &r->text, bytes, n, last);
	if (r->text.bad)
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
	r->left -= (uint32_t)n;
	r->ended = r->size_len == 4 && r->left == 0;
	keep(r, bytes, n, r->ended);
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
		if (r->z.avail_out != 0 || is_full(r))
			break;
	}
	if (is_full(r))
		r->ended = true;
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

/* The finished text, cut at max. */
static void finish_text(struct rfb_cut_reader *r, struct rfb_cut *out)
{
	keep(r, NULL, 0, true);
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
			finish_text(r, out);
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
		keep(r, part->data, part->len, part->last);
	if (r->error)
		return r->error;
	if (!part->last)
		return 0;
	if (part->extended)
		finish_extended(r, out);
	else
		finish_text(r, out);
	return r->error ? r->error : 1;
}

char *rfb_cut_take(struct rfb_cut_reader *r)
{
	size_t n;

	return (char *)wire_buf_take(&r->text, &n);
}
