/* JPEG by libjpeg-turbo, with instances that live as long as their encoder or decoder. Without it (JPEG=0) everything here
 * says that it cannot. Private to lib/codec. */
#ifndef RFBKIT_CODEC_JPEG_H
#define RFBKIT_CODEC_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

struct jpeg_encoder;
struct jpeg_decoder;

bool jpeg_available(void);
void jpeg_encoder_free(struct jpeg_encoder *e);
void jpeg_decoder_free(struct jpeg_decoder *d);

/* Appends a JFIF image of w × h XRGB8888 pixels. *e is made on first use. percent 1–100; subsample as in
 * codec_params. False (and out->bad): no memory. */
bool jpeg_put(struct jpeg_encoder **e, struct wire_buf *out, const uint32_t *px, size_t stride, unsigned w, unsigned h,
	      int percent, int subsample);
/* Decodes an image, which must be w × h, into XRGB8888. *d is made on first use. 0, or a CODEC_E_ error. */
int jpeg_get(struct jpeg_decoder **d, uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n);

#endif
