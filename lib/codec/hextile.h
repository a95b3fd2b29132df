/* Hextile's and ZlibHex's common parts: tiles, their subencoding bits, planning and writing them. Private to lib/codec. */
#ifndef RFBKIT_CODEC_HEXTILE_H
#define RFBKIT_CODEC_HEXTILE_H

#include "codec/pack.h"
#include "codec/rect.h"
#include "codec/scan.h"
#include "wire/wire.h"

enum {
	HEX_TILE = 16,
	HEX_RAW = 1, HEX_BACKGROUND = 2, HEX_FOREGROUND = 4, HEX_SUBRECTS = 8, HEX_COLOURED = 16,
	HEX_ZLIB_RAW = 32, HEX_ZLIB = 64,	/* ZlibHex only */
	HEX_SUBRECTS_MAX = 255,
};

/* What a tile will be sent as. */
struct hex_plan {
	uint8_t mask;
	uint32_t background, foreground;
	unsigned n;
	struct subrect found[HEX_SUBRECTS_MAX];
};

struct job;

/* A rectangle's header in that encoding, and its tiles, each planned and then written by `put`, which gets its n pixels too. */
void hex_tiles(struct job *j, struct rect r, int32_t encoding,
	       void (*put)(struct job *j, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n));
/* What follows the subencoding byte. */
void hex_put_body(struct wire_buf *out, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n);

#endif
