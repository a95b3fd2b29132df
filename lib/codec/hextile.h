/* Hextile's and ZlibHex's common parts: tiles, their subencoding bits, planning and writing one. Private to lib/codec. */
#ifndef RFBKIT_CODEC_HEXTILE_H
#define RFBKIT_CODEC_HEXTILE_H

#include "codec/pack.h"
#include "codec/scan.h"
#include "wire/wire.h"

enum {
	HEX_TILE = 16,
	HEX_RAW = 1, HEX_BACKGROUND = 2, HEX_FOREGROUND = 4, HEX_SUBRECTS = 8, HEX_COLOURED = 16,
	HEX_ZLIB_RAW = 32, HEX_ZLIB = 64,	/* ZlibHex only */
	HEX_SUBRECTS_MAX = 255,
};

/* What the viewer remembers from the tile before. Zero at a rectangle's beginning. */
struct hex_carry {
	bool has_background, has_foreground;
	uint32_t background, foreground;
};

/* What a tile will be sent as. */
struct hex_plan {
	uint8_t mask;
	uint32_t background, foreground;
	unsigned n;
	struct subrect found[HEX_SUBRECTS_MAX];
};

void hex_plan(struct hex_plan *p, struct palette *scratch, const struct hex_carry *c, const uint32_t *px, unsigned w, unsigned h,
	      unsigned bytes);
/* What follows the subencoding byte. */
void hex_put_body(struct wire_buf *out, const struct pack *k, const struct hex_plan *p, const uint32_t *px, size_t n);
void hex_carry_on(struct hex_carry *c, const struct hex_plan *p);

#endif
