/* Open H.264 (rfbproto "Open H.264 Encoding", number 50): the one encoding with a history. A context encodes one region of
 * the screen, frame after frame; its bytes are the same for every viewer that has followed it since a key frame.
 *
 * A viewer joins at a key frame. One that missed a frame gets nothing from this context until the next; meanwhile the
 * region is sent to it in another encoding. Pixels shown are approximate: what has become quiet is sent exactly
 * afterwards, and the context can be left alone (viewers keep up to 64). */
#ifndef RFBKIT_CODEC_H264_H
#define RFBKIT_CODEC_H264_H

#include "codec/codec.h"

enum { CODEC_H264_SIDE_MIN = 16, CODEC_H264_SIDE_MAX = 4096, CODEC_H264_KBIT_MAX = 240000 };

/* What a viewer's decoder shall forget before a rectangle. */
enum codec_h264_flags { CODEC_H264_RESET_CONTEXT = 1, CODEC_H264_RESET_ALL = 2 };

struct codec_h264;

/* Whether there is an encoder in this build. */
bool codec_h264_available(void);
/* A context for a region of w × h pixels, each CODEC_H264_SIDE_MIN to _MAX, in screen-content real-time mode. quality: in percent,
 * 1–100, as codec_params has it: the best that a frame is to look, however much the rate (1 to CODEC_H264_KBIT_MAX) would allow. NULL and errno:
 * EINVAL, ENOMEM, ENOTSUP (not in this build, or the library refuses). */
struct codec_h264 *codec_h264_new(uint16_t w, uint16_t h, int quality, unsigned kbit_per_second, unsigned frames_per_second);
void codec_h264_free(struct codec_h264 *e);
/* Changes the rate, 1 to CODEC_H264_KBIT_MAX, from the next frame on. */
void codec_h264_rate(struct codec_h264 *e, unsigned kbit_per_second);

/* Encodes the region as it is now at (x, y) and appends its rectangle to *out (lossy is set). key: a frame that stands for itself,
 * whose rectangle tells the viewer to begin this context anew; the first frame always is one. *was_key (may be NULL):
 * whether it became one, as the library may decide so itself. 0; -1 and errno: ENOMEM, EIO (the library failed). */
int codec_h264_encode(struct codec_h264 *e, struct codec_unit *out, const struct codec_source *src, uint16_t x, uint16_t y,
		      bool key, bool *was_key);

/* A rectangle without a picture, that only says what to forget. */
void codec_h264_put_reset(struct codec_unit *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, unsigned flags);

/* XRGB8888 to the three planes of I420 (BT.601, studio range), of (w + 1) / 2 × 2 columns and (h + 1) / 2 × 2 rows; odd edges are repeated.
 * stride: of luma in bytes, even; chroma's is half of it. */
void codec_i420(uint8_t *y, uint8_t *u, uint8_t *v, size_t stride, const uint32_t *px, size_t px_stride, unsigned w, unsigned h);

#endif
