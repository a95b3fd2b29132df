/* One record in, one record out: the codec writes an RFB rectangle, whose header is left behind. */
#include "rec/encode.h"

#include <errno.h>
#include <stdlib.h>

enum { RECT_HEADER = 12 };

void rec_encode_fini(struct rec_encode *e)
{
	codec_encoder_free(e->encoder);
	wire_buf_fini(&e->unit.out);
	e->encoder = NULL;
}

static struct codec_params params(const struct rec_encode *e)
{
	struct codec_params p;

	memset(&p, 0, sizeof p);
	p.format = pixel_format_native;
	p.encoding = (int32_t)e->encoding;
	p.compress = -1;
	p.quality = e->encoding == FBS_JPEG ? (int8_t)e->quality : -1;
	p.subsample = -1;
	return p;
}

int rec_encode_record(struct rec_encode *e, struct fbs_record *r)
{
	struct fbs_pixels *p = &r->pixels;
	struct codec_params how = params(e);
	struct codec_source from = { .stride = p->w };

	if (r->type != FBS_PIXELS || p->encoding != FBS_RAW || e->encoding == FBS_RAW)
		return 0;
	if (!e->encoder)
		e->encoder = codec_encoder_new();
	if (!e->encoder) {
		errno = ENOMEM;
		return -1;
	}
	from.px = (const uint32_t *)(const void *)p->data;	/* payloads are aligned to 8 */
	wire_buf_reset(&e->unit.out);
	e->unit.n_rects = 0;
	if (codec_encode(e->encoder, &e->unit, &how, &from, 0, 0, p->w, p->h))
		return -1;
	if (e->unit.n_rects != 1 || e->unit.out.len <= RECT_HEADER || e->unit.out.len - RECT_HEADER >= p->len)
		return 0;
	p->encoding = e->encoding;
	p->data = e->unit.out.data + RECT_HEADER;
	p->len = (uint32_t)(e->unit.out.len - RECT_HEADER);
	return 0;
}

void rec_decode_fini(struct rec_decode *d)
{
	codec_decoder_free(d->decoder);
	wire_buf_fini(&d->raw);
	d->decoder = NULL;
}

int rec_decode_record(struct rec_decode *d, struct fbs_record *r)
{
	struct fbs_pixels *p = &r->pixels;
	struct codec_frame to = { .stride = p->w, .w = p->w, .h = p->h };
	long long used;
	size_t n;

	if (r->type != FBS_PIXELS || p->encoding == FBS_RAW)
		return 0;
	n = (size_t)p->w * p->h * 4;
	if (n > FBS_DATA_MAX)
		return FBS_E_LENGTH;
	if (!d->decoder)
		d->decoder = codec_decoder_new();
	wire_buf_reset(&d->raw);
	to.px = (uint32_t *)(void *)wire_buf_grow(&d->raw, n);
	if (!d->decoder || !to.px)
		return FBS_E_SYSTEM;
	used = codec_decode(d->decoder, &pixel_format_native, (int32_t)p->encoding, &to, 0, 0, p->w, p->h, p->data, p->len);
	if (used != (long long)p->len)
		return used == CODEC_E_SYSTEM ? FBS_E_SYSTEM : FBS_E_VALUE;
	p->encoding = FBS_RAW;
	p->data = d->raw.data;
	p->len = (uint32_t)n;
	return 0;
}
