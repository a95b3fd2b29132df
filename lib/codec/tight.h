/* The parts of the Tight encoder: enc_tight.c decides, tight_put.c and gradient.c write. Private to lib/codec. */
#ifndef RFBKIT_CODEC_TIGHT_H
#define RFBKIT_CODEC_TIGHT_H

#include "codec/encode.h"

enum {
	TIGHT_WIDTH_MAX = 2048,
	TIGHT_PLAIN_MAX = 12,			/* shorter data is not compressed */
	TIGHT_LENGTH_MAX = (1 << 22) - 1,	/* what three bytes of length can say */
	/* compression control */
	TIGHT_STREAM3_RESET = 0x38, TIGHT_FILTER = 0x40, TIGHT_FILL = 0x80, TIGHT_JPEG = 0x90,
	TIGHT_NO_ZLIB = 0xa0, TIGHT_PNG = 0xa0,
	TIGHT_FILTER_COPY = 0, TIGHT_FILTER_PALETTE = 1, TIGHT_FILTER_GRADIENT = 2,
};

/* --- tight_put.c: a whole rectangle each; px are its values without gaps ------------------------ */

void tight_put_fill(struct job *j, struct rect r, uint32_t colour);
/* The palette holds all of px's colours, 2 at least. */
void tight_put_palette(struct job *j, struct rect r, const uint32_t *px, const struct palette *p);
void tight_put_copy(struct job *j, struct rect r, const uint32_t *px);
void tight_put_gradient(struct job *j, struct rect r, const uint32_t *px);
/* TightPNG: stands for the three above; p may be NULL. */
void tight_put_png(struct job *j, struct rect r, const uint32_t *px, const struct palette *p, bool smooth);
/* An approximation, from the frame's own pixels; the unit becomes lossy. */
void tight_put_jpeg(struct job *j, struct rect r);
/* A length in one to three bytes. */
void tight_put_length(struct wire_buf *out, size_t n);

/* --- gradient.c ------------------------------------------------------------------------------ */

/* Differences from the prediction, w × h × pack.bytes bytes, 16 and 32 bpp only. */
void gradient_filter(const struct pixel_format *f, uint8_t *dst, const uint32_t *px, unsigned w, unsigned h);
/* Whether differences will deflate to less than the pixels; w × h values. */
bool gradient_pays(const struct pixel_format *f, const uint32_t *px, unsigned w, unsigned h);
/* Undoes it for one row: src are the row's differences; above is the row before, w values (zeros for the first). */
void gradient_restore(const struct pixel_format *f, uint32_t *row, const uint32_t *above, const uint8_t *src, unsigned w);

/* The same for three-byte pixels, in XRGB8888. */
void gradient_restore_rgb(uint32_t *row, const uint32_t *above, const uint8_t *src, unsigned w);

#endif
