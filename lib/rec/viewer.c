/* Server messages to records. Pixels are decoded into a picture and said again raw, CopyRect as COPY; each update is
 * a frame, and what comes between updates (a bell, a text) is one of its own. */
#include "rec/viewer.h"

#include <stdlib.h>
#include <string.h>

#include "rfb/cuttext.h"
#include "rfb/put.h"

static int fail(struct rec_viewer *v, const char *why)
{
	v->why = why;
	return -1;
}

static bool size_is_possible(unsigned w, unsigned h)
{
	return w && h && w <= FBS_SIDE_MAX && h <= FBS_SIDE_MAX && (uint64_t)w * h <= FBS_PIXELS_MAX;
}

static bool set_size(struct rec_viewer *v, uint16_t w, uint16_t h)
{
	uint32_t *px = size_is_possible(w, h) ? calloc((size_t)w * h, sizeof *px) : NULL;

	if (!px)
		return false;
	free(v->px);
	v->px = px;
	v->w = w;
	v->h = h;
	v->has_pixels = false;
	return true;
}

bool rec_viewer_init(struct rec_viewer *v, uint32_t kind, uint16_t w, uint16_t h, const struct pixel_format *format,
		     rec_put put, void *arg)
{
	*v = (struct rec_viewer){ .kind = kind, .put = put, .arg = arg, .key_due = true };
	v->in.max = REC_VIEWER_INPUT_MAX;
	v->parser.format = *format;
	if (!pixel_format_normalise(&v->parser.format)) {
		v->why = "a pixel format that cannot be read";
		return false;
	}
	v->decoder = codec_decoder_new();
	v->cut = rfb_cut_reader_new(FBS_CLIP_MAX);
	if (!v->decoder || !v->cut || !set_size(v, w, h)) {
		v->why = size_is_possible(w, h) ? "no memory" : "a screen of impossible size";
		return false;
	}
	return true;
}

void rec_viewer_fini(struct rec_viewer *v)
{
	codec_decoder_free(v->decoder);
	if (v->cut)
		rfb_cut_reader_free(v->cut);
	free(v->px);
	wire_buf_fini(&v->in);
	wire_buf_fini(&v->scratch);
	wire_buf_fini(&v->replies);
}

/* --- saying ---------------------------------------------------------------------------- */

static int say(struct rec_viewer *v, struct fbs_record *r)
{
	r->time_us = v->now_us;
	if (r->type <= FBS_MARK)
		v->dirty = true;
	return v->put(v->arg, r);
}

static int commit(struct rec_viewer *v)
{
	struct fbs_record r = { .type = FBS_FRAME, .time_us = v->now_us, .frame.capture_us = v->now_us };

	if (!v->dirty || !v->has_pixels || (v->key_due && !v->in_update))
		return 0;	/* what comes before the first picture goes with it, an update that tells a size or a cursor alone, too */
	r.flags = (uint16_t)((v->key_due ? FBS_FRAME_KEY : 0) | (v->gap_due ? FBS_FRAME_GAP : 0));
	v->key_due = v->gap_due = v->dirty = false;
	return v->put(v->arg, &r);
}

static int say_screen(struct rec_viewer *v, const struct rfb_smsg *m)
{
	struct fbs_record r = { .type = FBS_SCREEN, .screen = { .kind = v->kind, .w = v->w, .h = v->h } };
	struct fbs_screen *s = &r.screen;

	for (unsigned i = 0; m && m->kind == RFB_SMSG_EXT_DESKTOP_SIZE && i < m->screens.n && s->n_outputs < FBS_OUTPUTS_MAX; i++) {
		struct rfb_screen from = rfb_smsg_screen(m, i);

		if (from.w && from.h && from.x <= FBS_SIDE_MAX && from.y <= FBS_SIDE_MAX && from.w <= FBS_SIDE_MAX && from.h <= FBS_SIDE_MAX)
			s->outputs[s->n_outputs++] = (struct fbs_output){ from.id, from.x, from.y, from.w, from.h };
	}
	return say(v, &r);
}

/* At most FBS_TEXT_MAX bytes of clean UTF-8. */
static int say_name(struct rec_viewer *v, const uint8_t *name, size_t n)
{
	struct fbs_record r = { .type = FBS_NAME };
	struct wire_buf text = { 0 };
	int result;

	if (fbs_text_valid((const char *)name, n))
		wire_put(&text, name, n);
	else
		rfb_utf8_from_latin1(&text, name, n);
	r.name.text = (const char *)text.data;
	r.name.len = (uint32_t)rfb_utf8_prefix(text.len ? (const char *)text.data : "", text.len, FBS_TEXT_MAX);
	result = text.bad || !fbs_text_valid(r.name.text, r.name.len) ? 0 : say(v, &r);
	wire_buf_fini(&text);
	return result;
}

int rec_viewer_open(struct rec_viewer *v, int64_t time_us, const char *name, size_t name_len, bool gap)
{
	int result;

	v->now_us = time_us;
	v->gap_due = gap;
	result = say_screen(v, NULL);
	return result ? result : say_name(v, (const uint8_t *)name, name_len);
}

/* A rectangle of the picture, in records that are small enough. */
static int say_pixels(struct rec_viewer *v, const struct rfb_rect *rect)
{
	unsigned band = FBS_DATA_MAX / (rect->w * 4u), rows;
	int result = 0;

	v->has_pixels = true;
	for (unsigned y = 0; y < rect->h && !result; y += rows) {
		struct fbs_record r = { .type = FBS_PIXELS };

		rows = rect->h - y < band ? rect->h - y : band;
		wire_buf_reset(&v->scratch);
		for (unsigned i = 0; i < rows; i++)
			wire_put(&v->scratch, v->px + (size_t)(rect->y + y + i) * v->w + rect->x, rect->w * 4u);
		if (v->scratch.bad)
			return fail(v, "no memory");
		r.pixels = (struct fbs_pixels){ rect->x, (uint16_t)(rect->y + y), rect->w, (uint16_t)rows, FBS_RAW,
						v->scratch.data, rows * rect->w * 4u };
		result = say(v, &r);
	}
	return result;
}

static int say_copy(struct rec_viewer *v, const struct rfb_rect *rect, const uint8_t *source)
{
	struct fbs_record r = { .type = FBS_COPY, .copy = { rect->x, rect->y, rect->w, rect->h, wire_ld16be(source), wire_ld16be(source + 2) } };

	return say(v, &r);
}

static int say_cursor(struct rec_viewer *v, const struct rfb_smsg *m)
{
	const struct rfb_rect *rect = &m->rect;
	struct fbs_record r = { .type = FBS_CURSOR, .cursor = { .w = rect->w, .h = rect->h } };

	if (rect->w > FBS_CURSOR_SIDE_MAX || rect->h > FBS_CURSOR_SIDE_MAX)
		return 0;
	if (rect->w == 0 || rect->h == 0)
		r.cursor.w = r.cursor.h = 0;
	if (r.cursor.w) {
		wire_buf_reset(&v->scratch);
		rfb_smsg_cursor(&v->scratch, m, &v->parser.format);
		if (v->scratch.bad || v->scratch.len != (size_t)rect->w * rect->h * 4)
			return fail(v, "a cursor that cannot be read");
		r.cursor.argb = v->scratch.data;
		r.cursor.hot_x = (int16_t)(rect->x < rect->w ? rect->x : rect->w - 1);
		r.cursor.hot_y = (int16_t)(rect->y < rect->h ? rect->y : rect->h - 1);
	}
	return say(v, &r);
}

static int say_clip(struct rec_viewer *v, const struct rfb_msg_cut_text *part)
{
	struct fbs_record r = { .type = FBS_CLIP_OFFER };
	struct rfb_cut cut;
	int result = rfb_cut_feed(v->cut, part, &cut);

	if (result < 0)
		return fail(v, rfb_strerror(result));
	if (result == 0 || cut.kind != RFB_CUT_TEXT)
		return 0;
	r.clip_offer = (struct fbs_clip_offer){ 0, FBS_CLIPBOARD, ++v->clip_serial, cut.len };
	result = say(v, &r);
	for (size_t at = 0; !result; at += FBS_CLIP_PART_MAX) {
		size_t n = cut.len - at < FBS_CLIP_PART_MAX ? cut.len - at : FBS_CLIP_PART_MAX;
		bool last = at + n == cut.len;

		r = (struct fbs_record){ .type = FBS_CLIP, .flags = last ? FBS_CLIP_LAST : 0, .clip = {
			0, FBS_CLIPBOARD, v->clip_serial, at, { cut.text + at, (uint32_t)n },
		} };
		result = say(v, &r);
		if (last)
			break;
	}
	return result;
}

/* --- messages ------------------------------------------------------------------------------ */

static int resize(struct rec_viewer *v, const struct rfb_smsg *m)
{
	if (m->kind == RFB_SMSG_EXT_DESKTOP_SIZE && m->rect.x == 1 && m->rect.y != 0)
		return 0;	/* the answer to a request that was refused */
	if (m->rect.w == v->w && m->rect.h == v->h)
		return m->kind == RFB_SMSG_EXT_DESKTOP_SIZE ? say_screen(v, m) : 0;
	if (!set_size(v, m->rect.w, m->rect.h))
		return fail(v, "a screen of impossible size");
	v->resized = true;
	return say_screen(v, m);
}

/* Handles a message whose data, if it is a rectangle of pixels, are at the front of `rest`. *used: bytes of it. */
static int take_rect(struct rec_viewer *v, const struct rfb_smsg *m, const uint8_t *rest, size_t n, size_t *used)
{
	struct codec_frame to = { v->px, v->w, v->w, v->h };
	const struct rfb_rect *r = &m->rect;
	long long took;

	if (r->encoding == CODEC_COPYRECT && n < 4)
		return 1;
	took = codec_decode(v->decoder, &v->parser.format, r->encoding, &to, r->x, r->y, r->w, r->h, rest, n);
	if (took < 0)
		return fail(v, took == CODEC_E_SYSTEM ? "no memory" : took == CODEC_E_UNKNOWN ?
			    "an encoding that is not known" : "pixels that cannot be decoded");
	if (took == 0 && r->w && r->h)
		return 1;	/* more bytes are needed */
	*used = (size_t)took;
	rfb_sparser_decoded(&v->parser);
	if (r->w == 0 || r->h == 0)
		return 0;
	return r->encoding == CODEC_COPYRECT ? say_copy(v, r, rest) : say_pixels(v, r);
}

static int take_state(struct rec_viewer *v, const struct rfb_smsg *m)
{
	struct fbs_record r = { 0 };

	switch (m->kind) {
	case RFB_SMSG_DESKTOP_SIZE:
	case RFB_SMSG_EXT_DESKTOP_SIZE:
		return resize(v, m);
	case RFB_SMSG_NAME:
		return say_name(v, m->data.at, m->data.len);
	case RFB_SMSG_CURSOR:
		return say_cursor(v, m);
	case RFB_SMSG_POINTER:
		r.type = FBS_POINTER;
		r.pointer = (struct fbs_pointer){ m->rect.x < v->w ? m->rect.x : v->w - 1, m->rect.y < v->h ? m->rect.y : v->h - 1, 1 };
		return say(v, &r);
	case RFB_SMSG_LEDS:
		r.type = FBS_LEDS;
		r.leds.mask = m->leds & 7;
		return say(v, &r);
	case RFB_SMSG_BELL:
		r.type = FBS_BELL;
		return say(v, &r);
	case RFB_SMSG_CUT_TEXT:
		return say_clip(v, &m->cut_text);
	case RFB_SMSG_FENCE:
		if (m->fence.flags & RFB_FENCE_REQUEST)
			rfb_put_client_fence(&v->replies, m->fence.flags & RFB_FENCE_KNOWN, m->fence.payload, m->fence.len);
		return 0;
	case RFB_SMSG_END_OF_CONTINUOUS:
		v->continuous = true;
		return 0;
	default:
		return 0;
	}
}

/* One message. 0 done; 1 more bytes are needed. */
static int take_message(struct rec_viewer *v, const uint8_t *bytes, size_t n, size_t *used)
{
	struct rfb_sparser before = v->parser;
	struct rfb_smsg m;
	long took = rfb_smsg_parse(&v->parser, &m, bytes, n);
	size_t data = 0;
	int result;

	if (took < 0)
		return fail(v, rfb_strerror(took));
	if (took == 0)
		return 1;
	if (m.kind == RFB_SMSG_UPDATE)
		v->in_update = true;
	if (m.kind == RFB_SMSG_RECT) {
		result = take_rect(v, &m, bytes + took, n - (size_t)took, &data);
		if (result == 1)
			v->parser = before;	/* the header is parsed again, with more behind it */
	} else {
		result = take_state(v, &m);
	}
	if (result)
		return result;
	*used = (size_t)took + data;
	if (!v->in_update || m.last) {
		result = commit(v);
		v->updates += v->in_update;
		v->in_update = false;
	}
	return result;
}

int rec_viewer_step(struct rec_viewer *v, const uint8_t *bytes, size_t n, int64_t time_us, size_t *used)
{
	*used = 0;
	v->now_us = time_us;
	return take_message(v, bytes, n, used);
}

int rec_viewer_feed(struct rec_viewer *v, const uint8_t *bytes, size_t n, int64_t time_us)
{
	size_t at = 0, used;
	int result = 0;

	v->now_us = time_us;
	wire_put(&v->in, bytes, n);
	if (v->in.bad)
		return fail(v, "a rectangle that is too large");
	while (at < v->in.len && !result) {
		used = 0;
		result = take_message(v, v->in.data + at, v->in.len - at, &used);
		at += used;
	}
	wire_buf_drop(&v->in, at);
	return result == 1 ? 0 : result;
}
