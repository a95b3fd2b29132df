/* What the decoders share. Private to lib/codec. */
#ifndef RFBKIT_CODEC_DECODE_H
#define RFBKIT_CODEC_DECODE_H

#include "codec/codec.h"
#include "codec/inflate.h"
#include "codec/jpeg.h"
#include "codec/pack.h"
#include "codec/rect.h"

enum { DECODE_CHUNK = 1 << 16, TILE_AREA_MAX = 64 * 64 };

/* How far a rectangle whose length is only known by walking through it has been walked, so that a caller that
 * returns with a few more bytes each time does not make us start over. */
struct progress {
	size_t at;		/* bytes of complete tiles */
	size_t tile;		/* how many tiles these are */
	unsigned palette;	/* TRLE: the size of the last palette */
};

struct codec_decoder {
	struct inflate zlib, zrle, tight[4], hex[2];
	struct jpeg_decoder *jpeg;		/* NULL until needed */
	struct jpeg_decoder *jpeg_tables;	/* of the JPEG encoding, which keeps its tables */
	int quality;				/* asked for, -1 for none */
	struct progress progress;
	uint8_t chunk[DECODE_CHUNK + 16];
};

/* One call of codec_decode. */
struct dec {
	struct codec_decoder *d;
	const struct pixel_format *f;
	struct codec_frame *to;
	struct rect r;
};

static inline uint32_t *dec_row(const struct dec *k, unsigned x, unsigned y)
{
	return k->to->px + (size_t)(k->r.y + y) * k->to->stride + k->r.x + x;
}
/* Fills a part of the rectangle, which must lie within it. */
void dec_fill(const struct dec *k, unsigned x, unsigned y, unsigned w, unsigned h, uint32_t xrgb);
/* Paints a part of the rectangle from pixels without gaps. */
void dec_paint(const struct dec *k, unsigned x, unsigned y, unsigned w, unsigned h, const uint32_t *xrgb);

/* --- unpack.c: packed pixels to XRGB8888 ---------------------------------------------------- */

struct unpack {
	struct pack pack;
	const struct pixel_format *f;
	bool direct;		/* pack's shifts are XRGB8888's */
};

struct unpack unpack_pixel(const struct pixel_format *f);
struct unpack unpack_cpixel(const struct pixel_format *f);
struct unpack unpack_tpixel(const struct pixel_format *f);
/* CPIXELs to values, not colours. */
struct unpack unpack_cpixel_values(const struct pixel_format *f);
void unpack(const struct unpack *u, uint32_t *dst, const uint8_t *src, size_t n);
static inline uint32_t unpack1(const struct unpack *u, const uint8_t *src)
{
	uint32_t v = pack_get1(&u->pack, src);
	return u->direct ? v : pixel_expand(u->f, v);
}

/* --- dec_*.c: as codec_decode ------------------------------------------------------------------ */

long long dec_raw(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_copyrect(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_zlib(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_rre(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_corre(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_hextile(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_trle(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_zrle(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_zywrle(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_zlibhex(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_jpeg(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_tight(struct dec *k, const uint8_t *bytes, size_t n);
long long dec_tightpng(struct dec *k, const uint8_t *bytes, size_t n);

/* --- dec_tile.c: tiles of TRLE and ZRLE --------------------------------------------------------- */

/* Zero but for `unpack` and `reuse` at the beginning of a rectangle. */
struct tile_reader {
	struct unpack unpack;
	bool reuse;		/* TRLE: 127 and 129 are allowed */
	unsigned levels;	/* ZYWRLE: raw tiles are coefficients of so many levels; then the unpacker gives values */
	unsigned n;		/* colours of the last palette, 0 for none */
	uint32_t colour[127];
};

/* Reads one tile into px (w × h XRGB8888 without gaps), or only finds its end when px is NULL. Returns the bytes
 * consumed, 0 when there are too few, CODEC_E_BAD. */
long long tile_get(struct tile_reader *t, uint32_t *px, unsigned w, unsigned h, const uint8_t *bytes, size_t n);

#endif
