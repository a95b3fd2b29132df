/* A viewer's decoders of Open H.264 (rfbproto, "Open H.264 Encoding"), by libavcodec: one for each rectangle's place and size. */
#ifndef RFBKIT_BENCH_H264DEC_H
#define RFBKIT_BENCH_H264DEC_H

#include <stdint.h>

#include "codec/codec.h"

struct h264dec;

struct h264dec_counts {
	unsigned long rects, keys;	/* rectangles with a picture; those that a decoder began with */
	unsigned long resets, resets_all;	/* flags seen */
	unsigned long bytes;
	unsigned decoders, most;	/* now, ever */
	unsigned long broken;		/* rectangles that could not be decoded */
};

struct h264dec *h264dec_new(void);
void h264dec_free(struct h264dec *d);
/* As codec_decode. What cannot be decoded is counted, and changes nothing. */
long long h264dec_rect(struct h264dec *d, struct codec_frame *to, uint16_t x, uint16_t y, uint16_t w, uint16_t h, const uint8_t *bytes, size_t n);
/* From now on the last picture is kept apart from the frame, where it may be drawn over. */
void h264dec_keep(struct h264dec *d);
/* It and its place; NULL: there is none yet. Valid until the next one. */
const uint32_t *h264dec_last(const struct h264dec *d, uint16_t box[4]);
const struct h264dec_counts *h264dec_count(const struct h264dec *d);

#endif
