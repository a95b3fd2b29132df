/* Every RFB encoding, both directions.
 *
 * Encoders write whole rectangles (header and data) that depend on nothing but their
 * arguments, so that one encoding serves every viewer with the same key:
 *   Tight       zlib stream 3, reset in every rectangle (rfbproto "Tight Encoding")
 *   Zlib, ZRLE  raw deflate blocks, fully flushed, never final, after which any other such block may follow;
 *               the connection's 2-byte zlib header is not in them (see codec_unit.zlib)
 *   the others  as they are. */
#ifndef RFBKIT_CODEC_H
#define RFBKIT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixel/format.h"
#include "wire/wire.h"

enum codec_encoding {
	CODEC_RAW = 0, CODEC_COPYRECT = 1, CODEC_RRE = 2, CODEC_CORRE = 4, CODEC_HEXTILE = 5,
	CODEC_ZLIB = 6, CODEC_TIGHT = 7, CODEC_ZLIBHEX = 8, CODEC_TRLE = 15, CODEC_ZRLE = 16, CODEC_ZYWRLE = 17,
	CODEC_JPEG = 21, CODEC_H264 = 50, CODEC_TIGHTPNG = -260, CODEC_TIGHT_NOZLIB = -317,
};

/* What the bytes depend on, beside the pixels. Compared bytewise as a cache key: keep it zeroed before filling. */
struct codec_params {
	struct pixel_format format;
	int32_t encoding;		/* enum codec_encoding */
	int8_t compress;		/* 0–9; -1: the default */
	int8_t quality;			/* JPEG quality in percent, 1–100; -1: lossless. ZYWRLE: must be of the level that the viewer
					   itself asked for, or -1 when it did not, since its decoder goes by that */
	int8_t subsample;		/* JPEG chroma: 0 4:4:4, 1 4:2:2, 2 4:2:0, 3 grey; -1: the quality's own */
	bool tight_nozlib;		/* -317 was given: Tight's data uncompressed */
};

/* The frame to take pixels from, XRGB8888. */
struct codec_source {
	const uint32_t *px;		/* the frame's first pixel */
	size_t stride;			/* pixels from row to row */
};

/* Headers whose places are noted: all, in what a rectangle of up to 256 × 256 pixels is encoded to. */
#define CODEC_UNIT_RECTS 64u

/* One encoded piece of an update: complete rectangles, ready to send. */
struct codec_unit {
	struct wire_buf out;		/* n_rects rectangles, headers included */
	unsigned n_rects;
	uint32_t rect_at[CODEC_UNIT_RECTS];	/* where in `out` the headers of the first ones are */
	bool lossy;			/* some pixels are only approximately right */
	bool zlib;			/* exactly one Zlib, ZRLE or ZYWRLE rectangle: header 12 bytes, u32 length, raw deflate
					   blocks; the first one sent on a connection needs 0x78 0x01 before the blocks and
					   2 added to the length. ZRLE and ZYWRLE are one stream, Zlib is another */
	size_t hex_at[2];		/* ZlibHex: where in `out` each of its two streams has its first u16 length, 0 when
					   the unit does not use it; the same applies there */
};

/* --- unit.c: the zlib headers of a connection ------------------------------------------------ */

/* Which zlib streams of a connection have begun. Zero at its beginning. */
struct codec_streams { bool zlib, zrle, hex[2]; };

/* Whether the unit can be sent on this connection just as it is. */
bool codec_unit_is_plain(const struct codec_unit *u, const struct codec_streams *s);
/* Appends the unit as this connection must get it, whose streams have then begun. False: no memory (out->bad). */
bool codec_unit_put(const struct codec_unit *u, struct codec_streams *s, struct wire_buf *out);

/* --- quality.c --------------------------------------------------------------------------------- */

/* What a viewer's JPEG quality level (0–9, pseudo-encodings −32…−23) stands for: percent and chroma, TigerVNC's and
 * TurboVNC's but for the lowest two levels, which have one percent more. Other levels: −1 for both. */
void codec_quality(int level, int8_t *percent, int8_t *subsample);
/* The level that a percentage belongs to; −1 for −1. */
int codec_quality_level(int percent);

/* --- content.c ----------------------------------------------------------------------------------- */

/* Whether most of what a rectangle of the frame holds is pictures (photographs, video), not drawings or text. */
bool codec_is_picture(const struct codec_source *src, uint16_t x, uint16_t y, uint16_t w, uint16_t h);

/* --- encode.c ------------------------------------------------------------------------------------ */

/* Working memory of one encoding thread; not shared between threads. NULL: no memory. */
struct codec_encoder *codec_encoder_new(void);
void codec_encoder_free(struct codec_encoder *e);

/* Encodes the rectangle (x, y, w, h) of the frame, appending to *out (whose buffer may be reused).
 * Splits where the encoding has a largest rectangle. 0; -1 and errno ENOMEM, or ENOTSUP when the encoding
 * cannot carry the format (JPEG below 16 bpp: callers ask codec_supports first). */
int codec_encode(struct codec_encoder *e, struct codec_unit *out, const struct codec_params *p,
		 const struct codec_source *src, uint16_t x, uint16_t y, uint16_t w, uint16_t h);
bool codec_supports(const struct codec_params *p);
const char *codec_name(int32_t encoding);	/* "tight"; "unknown" */
/* The encoding of a name such as "zrle"; -1000 when there is none. */
int32_t codec_by_name(const char *name);

/* --- decoding: a client's side; state of one connection ---------------------------------- */

struct codec_decoder *codec_decoder_new(void);
void codec_decoder_free(struct codec_decoder *d);

struct codec_frame {
	uint32_t *px;			/* XRGB8888 */
	size_t stride;			/* pixels */
	uint16_t w, h;
};

enum { CODEC_E_BAD = -1, CODEC_E_SYSTEM = -2, CODEC_E_UNKNOWN = -3 };

/* The quality level (0–9; -1: none, as at the beginning) that this client asked for: ZYWRLE depends on it. */
void codec_decoder_quality(struct codec_decoder *d, int level);

/* Decodes one rectangle's data (after its 12-byte header) into the frame. Returns the bytes consumed;
 * 0 when more are needed (nothing consumed, no state changed: call again with more); a negative error.
 * The rectangle must lie within the frame (CODEC_E_BAD otherwise). A connection passes all its rectangles
 * here, in order. No byte of input is trusted. (long long: never overflows for inputs up to 2^62.) */
long long codec_decode(struct codec_decoder *d, const struct pixel_format *f, int32_t encoding, struct codec_frame *to,
		       uint16_t x, uint16_t y, uint16_t w, uint16_t h, const uint8_t *bytes, size_t n);

#endif
