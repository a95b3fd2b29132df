/* What the codec tests share: pixel formats of every class, pictures of several kinds, and a client that feeds
 * encoded units to a decoder the way that rfbd would send them. */
#ifndef TESTS_CODEC_PICTURES_H
#define TESTS_CODEC_PICTURES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

/* --- formats ------------------------------------------------------------------------------ */

struct named_format { const char *name; struct pixel_format f; };

#define FORMAT(name, bpp, depth, big, rm, gm, bm, rs, gs, bs) \
	{ name, { bpp, depth, big, true, rm, gm, bm, rs, gs, bs } }

static const struct named_format formats[] = {
	FORMAT("32 native", 32, 24, false, 255, 255, 255, 16, 8, 0),
	FORMAT("32 big-endian", 32, 24, true, 255, 255, 255, 16, 8, 0),
	FORMAT("32 BGR", 32, 24, false, 255, 255, 255, 0, 8, 16),
	FORMAT("32 high bytes", 32, 24, false, 255, 255, 255, 24, 16, 8),
	FORMAT("32 high bytes, big-endian", 32, 24, true, 255, 255, 255, 24, 16, 8),
	FORMAT("32 odd shifts", 32, 24, false, 255, 255, 255, 17, 9, 1),
	FORMAT("32 spread over four bytes", 32, 24, false, 255, 255, 255, 22, 11, 0),
	FORMAT("32 depth 32", 32, 32, false, 255, 255, 255, 16, 8, 0),
	FORMAT("32 deep colour", 32, 30, false, 1023, 1023, 1023, 20, 10, 0),
	FORMAT("32 depth 15", 32, 15, false, 31, 31, 31, 10, 5, 0),
	FORMAT("16 565", 16, 16, false, 31, 63, 31, 11, 5, 0),
	FORMAT("16 565 big-endian", 16, 16, true, 31, 63, 31, 11, 5, 0),
	FORMAT("16 555", 16, 15, false, 31, 31, 31, 10, 5, 0),
	FORMAT("16 BGR 565", 16, 16, false, 31, 63, 31, 0, 5, 11),
	FORMAT("8 332", 8, 8, false, 7, 7, 3, 5, 2, 0),
	FORMAT("8 BGR 233", 8, 8, false, 7, 7, 3, 0, 3, 6),
	FORMAT("8 111", 8, 3, false, 1, 1, 1, 2, 1, 0),
	{ "8 colour map", { .bpp = 8, .depth = 8 } },
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

/* --- pictures ------------------------------------------------------------------------------ */

static uint64_t picture_seed = 0x9e3779b97f4a7c15u;

static inline uint32_t picture_random(void)
{
	picture_seed ^= picture_seed << 13;
	picture_seed ^= picture_seed >> 7;
	picture_seed ^= picture_seed << 17;
	return (uint32_t)(picture_seed >> 16);
}

/* Lines of little blocks on a plain background, some lines coloured, a title bar: like a terminal. */
static inline uint32_t picture_text(unsigned x, unsigned y)
{
	if (y % 97 < 9)
		return 0x2060c0;
	unsigned column = x / 7, line = y / 13, glyph = column * 2654435761u ^ line * 40503u * 2654435761u;
	unsigned u = x % 7, v = y % 13;
	if (column % 60 > 20 + glyph % 7 + line * 11 % 35 || u == 6 || v > 10)
		return 0xffffff;
	bool ink = (glyph >> (u + v / 2 * 5) % 27 & 1) != 0;
	static const uint32_t colours[4] = { 0, 0, 0xa02020, 0x107030 };
	return ink ? colours[line % 4] : 0xffffff;
}

/* Letters with smoothed edges: a few dozen shades. */
static inline uint32_t picture_smoothed(unsigned x, unsigned y)
{
	unsigned g = 255 - (x * 7 % 13 * (y * 5 % 11)) % 40 * 6 * (picture_text(x, y) == 0);
	return g << 16 | g << 8 | g;
}

static inline uint32_t picture_gradient(unsigned x, unsigned y)
{
	return (x & 255) << 16 | (y & 255) << 8 | ((x + y) / 3 & 255);
}

/* Slow waves with a little noise: like a photograph. */
static inline uint32_t picture_photo(unsigned x, unsigned y)
{
	double a = sin(x * 0.021 + y * 0.013), b = cos(x * 0.009 - y * 0.027), c = sin((x + y) * 0.0113 + a);
	unsigned n = picture_random();
	unsigned r = (unsigned)(128 + 90 * a + (n & 7)), g = (unsigned)(120 + 80 * b * c + (n >> 3 & 7)), u = (unsigned)(110 + 70 * c + (n >> 6 & 7));
	return (r & 255) << 16 | (g & 255) << 8 | (u & 255);
}

static inline uint32_t picture_noise(unsigned x, unsigned y)
{
	(void)x, (void)y;
	return picture_random() & 0xffffff;
}

static inline uint32_t picture_solid(unsigned x, unsigned y)
{
	(void)x, (void)y;
	return 0x336699;
}

/* A screen with everything on it: panel, text, a photograph in a window. */
static inline uint32_t picture_desktop(unsigned x, unsigned y)
{
	if (y < 24)
		return 0x303438;
	if (x % 400 > 180 && x % 400 < 360 && y % 260 > 60 && y % 260 < 220)
		return picture_photo(x, y);
	return x % 400 < 150 ? picture_text(x, y) : x % 400 < 180 ? picture_smoothed(x, y) : picture_gradient(x / 8, y / 64);
}

struct picture { const char *name; uint32_t (*at)(unsigned x, unsigned y); };

static const struct picture pictures[] = {
	{ "solid", picture_solid }, { "text", picture_text }, { "smoothed text", picture_smoothed },
	{ "gradient", picture_gradient }, { "photo", picture_photo }, { "noise", picture_noise }, { "desktop", picture_desktop },
};
enum { N_PICTURES = sizeof pictures / sizeof *pictures };

static inline uint32_t *picture_new(const struct picture *p, unsigned w, unsigned h)
{
	uint32_t *px = malloc((size_t)w * h * sizeof *px);

	assert_non_null(px);
	picture_seed = 0x9e3779b97f4a7c15u;
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++)
			px[(size_t)y * w + x] = p->at(x, y);
	return px;
}

/* What a viewer with this format can show of a picture. */
static inline void picture_quantise(const struct pixel_format *f, uint32_t *px, size_t n)
{
	for (size_t i = 0; i < n; i++)
		px[i] = pixel_expand(f, pixel_quantise(f, px[i]));
}

/* --- a client ------------------------------------------------------------------------------- */

struct client {
	struct codec_decoder *d;
	struct codec_frame frame;
	struct pixel_format f;
	struct codec_streams streams;
	struct wire_buf wire;
};

static inline void client_init(struct client *c, const struct pixel_format *f, unsigned w, unsigned h)
{
	*c = (struct client){ .d = codec_decoder_new(), .frame = { .px = calloc((size_t)w * h, 4), .stride = w,
		.w = (uint16_t)w, .h = (uint16_t)h }, .f = *f };
	assert_non_null(c->d);
	assert_non_null(c->frame.px);
}

static inline void client_fini(struct client *c)
{
	codec_decoder_free(c->d);
	wire_buf_fini(&c->wire);
	free(c->frame.px);
}

/* Takes a unit the way that it is sent on a connection: with each stream's zlib header the first time. */
static inline void client_take(struct client *c, const struct codec_unit *u)
{
	size_t n, at = 0;
	const uint8_t *bytes = u->out.data;

	n = u->out.len;
	if (!codec_unit_is_plain(u, &c->streams)) {
		wire_buf_reset(&c->wire);
		assert_true(codec_unit_put(u, &c->streams, &c->wire));
		assert_true(codec_unit_is_plain(u, &c->streams));
		bytes = c->wire.data;
		n = c->wire.len;
	}
	for (unsigned i = 0; i < u->n_rects; i++) {
		assert_true(n - at >= 12);
		const uint8_t *h = bytes + at;
		long long used = codec_decode(c->d, &c->f, (int32_t)wire_ld32be(h + 8), &c->frame, wire_ld16be(h), wire_ld16be(h + 2),
					      wire_ld16be(h + 4), wire_ld16be(h + 6), h + 12, n - at - 12);
		if (used <= 0)
			fail_msg("%s: rectangle %u of %ux%u: %lld", codec_name((int32_t)wire_ld32be(h + 8)), i, wire_ld16be(h + 4), wire_ld16be(h + 6), used);
		at += 12 + (size_t)used;
	}
	assert_int_equal(at, n);
}

#endif
