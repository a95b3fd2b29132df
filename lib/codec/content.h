/* What a piece of the screen is made of: which of its tiles are drawn (text, lines, areas: a palette does
 * them justice) and which are pictures. Private to lib/codec. */
#ifndef RFBKIT_CODEC_CONTENT_H
#define RFBKIT_CODEC_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/rect.h"
#include "pixel/format.h"

/* CONTENT_W × CONTENT_H pixels at most: the larger a JPEG, the less its tables cost. CONTENT_ACROSS is a multiple of four. */
enum {
	CONTENT_W = 640, CONTENT_H = 544, CONTENT_TILE = 16, CONTENT_ACROSS = CONTENT_W / CONTENT_TILE, CONTENT_DOWN = CONTENT_H / CONTENT_TILE,
	CONTENT_PARTS = 64,
};

struct content {
	unsigned w, h;				/* pixels */
	unsigned across, down;			/* tiles */
	uint32_t changes[CONTENT_DOWN][CONTENT_ACROSS];	/* pixels that differ from their left neighbour */
	uint32_t novel[CONTENT_DOWN][CONTENT_ACROSS];	/* and from the one above, too */
	uint32_t contrast[CONTENT_DOWN][CONTENT_ACROSS];/* sum of differences to both, of all components */
};

/* Measures w × h XRGB8888 pixels, seen in format f: every fourth row of them. */
void content_measure(struct content *c, const struct pixel_format *f, const uint32_t *px, size_t stride, unsigned w, unsigned h);

struct content_part { struct rect r; bool picture; };

/* Cuts the piece into drawn parts and pictures, at tiles' borders. lossy: a picture would be a JPEG, so that
 * smooth drawings may be one as well. Returns how many parts, 1 to CONTENT_PARTS; rectangles are relative to the piece. */
unsigned content_cut(const struct content *c, bool lossy, struct content_part *parts);

#endif
