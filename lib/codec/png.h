/* PNG images for TightPNG: written here (a row filter and our deflate), read by libpng. Without it (PNG=0) they can be
 * written, not read. Private to lib/codec. */
#ifndef RFBKIT_CODEC_PNG_H
#define RFBKIT_CODEC_PNG_H

#include "codec/deflate.h"
#include "codec/scan.h"
#include "pixel/format.h"

/* Appends an image of w × h values of format f without gaps, w up to 2048: indexed when there is a palette (which then
 * holds all of them), else true colour, filtered when `smooth`. raw is working memory. */
void png_put(struct deflate *d, struct wire_buf *out, struct wire_buf *raw, const struct pixel_format *f, const uint32_t *px,
	     unsigned w, unsigned h, const struct palette *p, bool smooth, int level);
/* Decodes an image, which must be w × h, into XRGB8888. 0, or a CODEC_E_ error. */
int png_get(uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n);

#endif
