/* The table of decoders, and painting. */
#include "codec/decode.h"

#include <stdlib.h>
#include <string.h>

struct decoding {
	int32_t id;
	long long (*decode)(struct dec *k, const uint8_t *bytes, size_t n);
};

static const struct decoding decodings[] = {
	{ CODEC_RAW, dec_raw },
	{ CODEC_COPYRECT, dec_copyrect },
	{ CODEC_RRE, dec_rre },
	{ CODEC_CORRE, dec_corre },
	{ CODEC_HEXTILE, dec_hextile },
	{ CODEC_ZLIB, dec_zlib },
	{ CODEC_TIGHT, dec_tight },
	{ CODEC_TRLE, dec_trle },
	{ CODEC_ZRLE, dec_zrle },
	{ CODEC_ZYWRLE, dec_zywrle },
	{ CODEC_ZLIBHEX, dec_zlibhex },
	{ CODEC_JPEG, dec_jpeg },
	{ CODEC_TIGHTPNG, dec_tightpng },
};

struct codec_decoder *codec_decoder_new(void)
{
	struct codec_decoder *d = calloc(1, sizeof *d);

	if (d)
		d->quality = -1;
	return d;
}

void codec_decoder_quality(struct codec_decoder *d, int level)
{
	d->quality = level >= 0 && level <= 9 ? level : -1;
}

void codec_decoder_free(struct codec_decoder *d)
{
	if (!d)
		return;
	inflate_fini(&d->zlib);
	inflate_fini(&d->zrle);
	for (unsigned i = 0; i < 4; i++)
		inflate_fini(&d->tight[i]);
	inflate_fini(&d->hex[0]);
	inflate_fini(&d->hex[1]);
	jpeg_decoder_free(d->jpeg_tables);
	jpeg_decoder_free(d->jpeg);
	free(d);
}

void dec_fill(const struct dec *k, unsigned x, unsigned y, unsigned w, unsigned h, uint32_t xrgb)
{
	uint32_t *row = dec_row(k, x, y);

	if (w == 0 || h == 0)
		return;
	for (unsigned i = 0; i < w; i++)
		row[i] = xrgb;
	for (unsigned i = 1; i < h; i++)
		memcpy(row + i * k->to->stride, row, w * sizeof *row);
}

void dec_paint(const struct dec *k, unsigned x, unsigned y, unsigned w, unsigned h, const uint32_t *xrgb)
{
	for (unsigned i = 0; i < h; i++)
		memcpy(dec_row(k, x, y + i), xrgb + (size_t)i * w, w * sizeof *xrgb);
}

long long codec_decode(struct codec_decoder *d, const struct pixel_format *f, int32_t encoding, struct codec_frame *to,
		       uint16_t x, uint16_t y, uint16_t w, uint16_t h, const uint8_t *bytes, size_t n)
{
	struct dec k = { d, f, to, { x, y, w, h } };

	if (x > to->w || w > to->w - x || y > to->h || h > to->h - y)
		return CODEC_E_BAD;
	for (size_t i = 0; i < sizeof decodings / sizeof *decodings; i++) {
		if (decodings[i].id != encoding)
			continue;
		long long used = decodings[i].decode(&k, bytes, n);
		if (used != 0)
			d->progress = (struct progress){ 0 };
		return used;
	}
	return CODEC_E_UNKNOWN;
}
