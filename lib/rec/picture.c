/* A picture made of records. Pixels are decoded straight into it; whoever needs a frame whole or not at
 * all looks only when its FRAME has come. */
#include "rec/picture.h"
#include "codec/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void rec_picture_fini(struct rec_picture *p)
{
	free(p->px);
	free(p->argb);
	codec_decoder_free(p->decoder);
	*p = (struct rec_picture){ 0 };
}

/* --- applying -------------------------------------------------------------------------- */

static int apply_screen(struct rec_picture *p, const struct fbs_screen *s)
{
	if (!p->px || s->w != p->screen.w || s->h != p->screen.h) {
		uint32_t *px = calloc((size_t)s->w * s->h, sizeof *px);

		if (!px)
			return FBS_E_SYSTEM;
		free(p->px);
		p->px = px;
	}
	if (s->display_len)
		memcpy(p->display, s->display, s->display_len);
	p->screen = *s;
	p->screen.display = p->display;
	p->has_screen = true;
	return 0;
}

static uint32_t *pixel_at(const struct rec_picture *p, unsigned x, unsigned y)
{
	return p->px + (size_t)y * p->screen.w + x;
}

static void apply_raw(struct rec_picture *p, const struct fbs_pixels *r)
{
	const uint8_t *from = r->data;

	for (unsigned y = 0; y < r->h; y++, from += r->w * 4u)
		memcpy(pixel_at(p, r->x, r->y + y), from, r->w * 4u);
}

static int apply_encoded(struct rec_picture *p, const struct fbs_pixels *r)
{
	struct codec_frame frame = { p->px, p->screen.w, (uint16_t)p->screen.w, (uint16_t)p->screen.h };
	long long used;

	if (!p->decoder)
		p->decoder = codec_decoder_new();
	if (!p->decoder)
		return FBS_E_SYSTEM;
	used = codec_decode(p->decoder, &pixel_format_native, (int32_t)r->encoding, &frame, r->x, r->y, r->w, r->h,
			    r->data, r->len);
	if (used == CODEC_E_SYSTEM)
		return FBS_E_SYSTEM;
	return used == (long long)r->len ? 0 : FBS_E_VALUE;
}

static void apply_copy(struct rec_picture *p, const struct fbs_copy *c)
{
	bool down = c->y > c->src_y;	/* rows in the order that reads before it writes */

	for (unsigned i = 0; i < c->h; i++) {
		unsigned row = down ? c->h - 1u - i : i;

		memmove(pixel_at(p, c->x, c->y + row), pixel_at(p, c->src_x, c->src_y + row), c->w * 4u);
	}
}

static int apply_cursor(struct rec_picture *p, const struct fbs_cursor *c)
{
	size_t n = (size_t)c->w * c->h * 4;
	uint8_t *argb = malloc(n ? n : 1);

	if (!argb)
		return FBS_E_SYSTEM;
	if (n)
		memcpy(argb, c->argb, n);
	free(p->argb);
	p->argb = argb;
	p->cursor = *c;
	p->cursor.argb = argb;
	p->has_cursor = true;
	return 0;
}

int rec_picture_apply(struct rec_picture *p, const struct fbs_record *r)
{
	switch (r->type) {
	case FBS_SCREEN:
		return apply_screen(p, &r->screen);
	case FBS_PIXELS:
		if (r->pixels.encoding != FBS_RAW)
			return apply_encoded(p, &r->pixels);
		apply_raw(p, &r->pixels);
		return 0;
	case FBS_COPY:
		apply_copy(p, &r->copy);
		return 0;
	case FBS_CURSOR:
		return apply_cursor(p, &r->cursor);
	case FBS_POINTER:
		p->pointer = r->pointer;
		p->has_pointer = true;
		return 0;
	case FBS_NAME:
		if (r->name.len)
			memcpy(p->name_text, r->name.text, r->name.len);
		p->name = (struct fbs_text){ p->name_text, r->name.len };
		p->has_name = true;
		return 0;
	case FBS_LEDS:
		p->leds = r->leds;
		p->has_leds = true;
		return 0;
	}
	return 0;
}

/* --- saying it again --------------------------------------------------------------------- */

static int say_state(const struct rec_picture *p, int64_t time_us, rec_put put, void *arg)
{
	struct fbs_record r = { .type = FBS_SCREEN, .time_us = time_us, .screen = p->screen };
	int result = put(arg, &r);

	if (!result && p->has_name) {
		r = (struct fbs_record){ .type = FBS_NAME, .time_us = time_us, .name = p->name };
		result = put(arg, &r);
	}
	if (!result && p->has_leds) {
		r = (struct fbs_record){ .type = FBS_LEDS, .time_us = time_us, .leds = p->leds };
		result = put(arg, &r);
	}
	if (!result && p->has_cursor) {
		r = (struct fbs_record){ .type = FBS_CURSOR, .time_us = time_us, .cursor = p->cursor };
		result = put(arg, &r);
	}
	if (!result && p->has_pointer) {
		r = (struct fbs_record){ .type = FBS_POINTER, .time_us = time_us, .pointer = p->pointer };
		result = put(arg, &r);
	}
	return result;
}

int rec_picture_say(const struct rec_picture *p, int64_t time_us, rec_put put, void *arg)
{
	unsigned band = FBS_DATA_MAX / (p->screen.w * 4u);
	int result = say_state(p, time_us, put, arg);

	for (unsigned y = 0; y < p->screen.h && !result; y += band) {
		unsigned rows = p->screen.h - y < band ? p->screen.h - y : band;
		struct fbs_record r = { .type = FBS_PIXELS, .time_us = time_us, .pixels = {
			0, (uint16_t)y, (uint16_t)p->screen.w, (uint16_t)rows, FBS_RAW,
			(const uint8_t *)pixel_at(p, 0, y), rows * p->screen.w * 4u,
		} };

		result = put(arg, &r);
	}
	return result;
}

static int apply_to(void *arg, const struct fbs_record *r)
{
	return rec_picture_apply(arg, r);
}

int rec_picture_copy(struct rec_picture *p, const struct rec_picture *src)
{
	return rec_picture_say(src, 0, apply_to, p);
}

/* Premultiplied alpha over an opaque pixel. */
static uint32_t over(uint32_t below, const uint8_t *argb)
{
	uint32_t rest = 255u - argb[3], out = 0;

	for (int i = 0; i < 3; i++) {
		uint32_t v = argb[i] + ((below >> 8 * i & 255) * rest + 127) / 255;

		out |= (v > 255 ? 255 : v) << 8 * i;
	}
	return out;
}

void rec_picture_paint_cursor(const struct rec_picture *p, uint32_t *px)
{
	int left = p->pointer.x - p->cursor.hot_x, top = p->pointer.y - p->cursor.hot_y;

	if (!p->has_cursor || !p->has_pointer || !p->pointer.on_screen)
		return;
	for (int y = 0; y < p->cursor.h; y++)
		for (int x = 0; x < p->cursor.w; x++) {
			int tx = left + x, ty = top + y;

			if (tx < 0 || ty < 0 || tx >= (int)p->screen.w || ty >= (int)p->screen.h)
				continue;
			uint32_t *to = px + (size_t)ty * p->screen.w + (size_t)tx;
			*to = over(*to, p->cursor.argb + ((size_t)y * p->cursor.w + (size_t)x) * 4);
		}
}
