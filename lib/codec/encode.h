/* What the encoders share: one encoder's working memory and the job it is doing. Private to lib/codec. */
#ifndef RFBKIT_CODEC_ENCODE_H
#define RFBKIT_CODEC_ENCODE_H

#include "codec/codec.h"
#include "codec/deflate.h"
#include "codec/jpeg.h"
#include "codec/pack.h"
#include "codec/rect.h"
#include "codec/scan.h"

struct codec_encoder {
	struct deflate *deflate;
	struct jpeg_encoder *jpeg;	/* NULL until needed */
	struct palette palette;
	uint32_t *values;	/* the pixels in hand, in the viewer's format, without gaps */
	size_t values_cap;
	struct wire_buf raw;	/* bytes on their way to the compressor */
};

/* One call of codec_encode. Failures are sticky in unit->out.bad. */
struct job {
	struct codec_encoder *e;
	struct codec_unit *unit;
	const struct codec_params *p;
	const struct codec_source *src;
	int level;		/* 0–9 */
	bool native;		/* the viewer's pixels are XRGB8888 like ours */
};

/* n pixels to the viewer's values; dst is n × 4 bytes, aligned or not. */
void job_convert(const struct job *j, void *dst, const uint32_t *src, size_t n);
/* A rectangle's values in e->values, row after row; NULL (and out.bad) without memory. */
const uint32_t *job_values(struct job *j, struct rect r);
/* A rectangle's 12-byte header; counts it. */
void job_header(struct job *j, struct rect r, int32_t encoding);
/* Fills in the u32 at offset `at` with the number of bytes that follow it. */
void job_length(struct job *j, size_t at);
static inline struct wire_buf *job_out(struct job *j) { return &j->unit->out; }

/* Cuts r into pieces of at most w × h pixels and encodes each. */
void job_cut(struct job *j, struct rect r, unsigned w, unsigned h, void (*encode)(struct job *, struct rect));

/* Copies a tile out of a strip of values that is `stride` wide. */
static inline void tile_copy(uint32_t *dst, const uint32_t *src, size_t stride, unsigned w, unsigned h)
{
	for (unsigned y = 0; y < h; y++)
		memcpy(dst + y * w, src + y * stride, w * sizeof *dst);
}

/* --- enc_*.c: one rectangle each ------------------------------------------------------------ */

void enc_raw(struct job *j, struct rect r);
void enc_rre(struct job *j, struct rect r);
void enc_corre(struct job *j, struct rect r);
void enc_hextile(struct job *j, struct rect r);
void enc_zlib(struct job *j, struct rect r);
void enc_trle(struct job *j, struct rect r);
void enc_zrle(struct job *j, struct rect r);
void enc_tight(struct job *j, struct rect r);	/* and TightPNG */
void enc_zlibhex(struct job *j, struct rect r);
void enc_zywrle(struct job *j, struct rect r);
void enc_jpeg(struct job *j, struct rect r);

/* --- enc_tile.c: tiles of TRLE and ZRLE -------------------------------------------------------- */

struct tile_writer {
	struct pack pack;
	bool reuse;		/* TRLE: a palette may be the previous tile's */
	unsigned n;		/* previous tile's palette; 0: none to reuse */
	bool packed;		/* it was a packed one */
	uint32_t colour[127];
	int wavelet;		/* ZYWRLE: 1–3 levels; −1: no raw tiles at all; 0 otherwise */
	const struct pixel_format *format;	/* ZYWRLE */
	bool lossy;		/* set when a wavelet was used */
};

/* Appends one tile; px without gaps, w and h up to 64. */
void tile_put(struct tile_writer *t, struct palette *scratch, struct wire_buf *out, const uint32_t *px, unsigned w, unsigned h);

#endif
