/* The table of encodings and what every encoder starts from. */
#include "codec/encode.h"

#include <errno.h>
#include <stdlib.h>

#include "pixel/cpu.h"

#if PIXEL_X86
#include <immintrin.h>
#endif

struct encoding {
	int32_t id;
	const char *name;
	void (*encode)(struct job *j, struct rect r);	/* NULL: only decoded, or encoded elsewhere */
};

static const struct encoding encodings[] = {
	{ CODEC_RAW, "raw", enc_raw },
	{ CODEC_COPYRECT, "copyrect", NULL },
	{ CODEC_RRE, "rre", enc_rre },
	{ CODEC_CORRE, "corre", enc_corre },
	{ CODEC_HEXTILE, "hextile", enc_hextile },
	{ CODEC_ZLIB, "zlib", enc_zlib },
	{ CODEC_TIGHT, "tight", enc_tight },
	{ CODEC_TRLE, "trle", enc_trle },
	{ CODEC_ZRLE, "zrle", enc_zrle },
	{ CODEC_ZYWRLE, "zywrle", enc_zywrle },
	{ CODEC_ZLIBHEX, "zlibhex", enc_zlibhex },
	{ CODEC_JPEG, "jpeg", enc_jpeg },
	{ CODEC_TIGHTPNG, "tightpng", enc_tight },
	{ CODEC_H264, "h264", NULL },
};

static const struct encoding *find(int32_t id)
{
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (encodings[i].id == id)
			return &encodings[i];
	return NULL;
}

const char *codec_name(int32_t encoding)
{
	const struct encoding *c = find(encoding);

	return c ? c->name : "unknown";
}

int32_t codec_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (strcmp(encodings[i].name, name) == 0)
			return encodings[i].id;
	return -1000;
}

bool codec_supports(const struct codec_params *p)
{
	const struct encoding *c = find(p->encoding);

	if (p->encoding == CODEC_JPEG)
		return jpeg_available() && p->format.bpp >= 16;
	return c && c->encode;
}

struct codec_encoder *codec_encoder_new(void)
{
	struct codec_encoder *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->deflate = deflate_new();
	if (!e->deflate) {
		free(e);
		return NULL;
	}
	return e;
}

void codec_encoder_free(struct codec_encoder *e)
{
	if (!e)
		return;
	deflate_free(e->deflate);
	jpeg_encoder_free(e->jpeg);
	free(e->values);
	wire_buf_fini(&e->raw);
	free(e);
}

static bool values_reserve(struct codec_encoder *e, size_t n)
{
	if (n <= e->values_cap)
		return true;
	free(e->values);
	e->values = malloc(n * sizeof *e->values);
	e->values_cap = e->values ? n : 0;
	return e->values;
}

#if PIXEL_X86
PIXEL_AVX2 static size_t clear_tops(uint8_t *dst, const uint32_t *src, size_t n)
{
	const __m256i mask = _mm256_set1_epi32(0xffffff);
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_si256((__m256i *)(dst + 4 * i), _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(src + i)), mask));
	return i;
}
#else
static size_t clear_tops(uint8_t *dst, const uint32_t *src, size_t n)
{
	(void)dst, (void)src, (void)n;
	return 0;
}
#endif

void job_convert(const struct job *j, void *dst, const uint32_t *src, size_t n)
{
	if (!j->native) {
		pixel_to_values(&j->p->format, dst, src, n);
		return;
	}
	for (size_t i = pixel_has_avx2() ? clear_tops(dst, src, n) : 0; i < n; i++) {
		const uint32_t v = src[i] & 0xffffff;
		memcpy((uint8_t *)dst + 4 * i, &v, sizeof v);
	}
}

const uint32_t *job_values(struct job *j, struct rect r)
{
	struct codec_encoder *e = j->e;
	size_t n;

	if (!wire_mul(&n, r.w, r.h) || n > SIZE_MAX / 8 || !values_reserve(e, n)) {
		job_out(j)->bad = true;
		return NULL;
	}
	for (unsigned y = 0; y < r.h; y++)
		job_convert(j, e->values + (size_t)y * r.w, j->src->px + (r.y + y) * j->src->stride + r.x, r.w);
	return e->values;
}

void job_header(struct job *j, struct rect r, int32_t encoding)
{
	struct wire_buf *out = job_out(j);

	if (j->unit->n_rects < CODEC_UNIT_RECTS)
		j->unit->rect_at[j->unit->n_rects] = (uint32_t)out->len;
	wire_put_u16be(out, (uint16_t)r.x);
	wire_put_u16be(out, (uint16_t)r.y);
	wire_put_u16be(out, (uint16_t)r.w);
	wire_put_u16be(out, (uint16_t)r.h);
	wire_put_u32be(out, (uint32_t)encoding);
	j->unit->n_rects++;
}

void job_length(struct job *j, size_t at)
{
	struct wire_buf *out = job_out(j);

	if (out->bad || out->len - at - 4 > UINT32_MAX)
		out->bad = true;
	else
		wire_set_u32be(out, at, (uint32_t)(out->len - at - 4));
}

void job_cut(struct job *j, struct rect r, unsigned w, unsigned h, void (*encode)(struct job *, struct rect))
{
	for (unsigned y = 0; y < r.h; y += h)
		for (unsigned x = 0; x < r.w; x += w)
			encode(j, (struct rect){ r.x + x, r.y + y, r.w - x < w ? r.w - x : w, r.h - y < h ? r.h - y : h });
}

int codec_encode(struct codec_encoder *e, struct codec_unit *out, const struct codec_params *p,
		 const struct codec_source *src, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	const struct encoding *c = find(p->encoding);
	struct job j = { e, out, p, src, p->compress < 0 || p->compress > 9 ? 1 : p->compress,
			 pixel_format_equal(&p->format, &pixel_format_native) };
	size_t len = out->out.len;
	unsigned n_rects = out->n_rects;

	if (!codec_supports(p)) {
		errno = ENOTSUP;
		return -1;
	}
	if (w == 0 || h == 0)
		return 0;
	e->raw.bad = false;
	c->encode(&j, (struct rect){ x, y, w, h });
	if (!out->out.bad)
		return 0;
	out->out.len = len;
	out->n_rects = n_rects;
	errno = ENOMEM;
	return -1;
}
