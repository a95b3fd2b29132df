/* Looking at pixels: which are equal, which colours there are, how long the runs are. Tight, TRLE, ZRLE,
 * Hextile and RRE all choose by these. Works on values laid out without gaps. Private to lib/codec. */
#ifndef RFBKIT_CODEC_SCAN_H
#define RFBKIT_CODEC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PALETTE_MAX = 256 };

/* A set of colours in the order of their first appearance. The table finds a colour's index; its
 * entries count only when their stamp is the current one, so that nothing need be cleared. */
struct palette {
	unsigned n;
	uint32_t colour[PALETTE_MAX];
	uint32_t count[PALETTE_MAX];	/* pixels of each */
	uint32_t runs;			/* runs of equal pixels in raster order */
	uint32_t singles;		/* runs of one pixel */
	uint32_t stamp;
	struct { uint32_t stamp, colour, index; } slot[1024];
};

/* --- scan.c --------------------------------------------------------------------------- */

/* The lowest n bits, n <= 64. */
static inline uint64_t scan_low_bits(unsigned n)
{
	return n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}
/* Bit i: a[i] == b[i], for i < n <= 64. */
uint64_t scan_equal(const uint32_t *a, const uint32_t *b, unsigned n);
/* Bit i: a[i] == v. */
uint64_t scan_equal_to(const uint32_t *a, uint32_t v, unsigned n);
/* Bit j: px[i + j] differs from the pixel before it, for j < k; 1 <= k <= 64. px[0] counts as different. */
uint64_t scan_changes(const uint32_t *px, size_t i, unsigned k);
/* How many runs of equal pixels, and how many of them are a single pixel. */
void scan_runs(const uint32_t *px, size_t n, uint32_t *runs, uint32_t *singles);
/* True when all n pixels are px[0]. */
bool scan_solid(const uint32_t *px, size_t n);

/* --- palette.c ------------------------------------------------------------------------- */

/* Collects the colours of n pixels. False when there are more than max (<= PALETTE_MAX) of them; the counts
 * are then of no use. */
bool palette_scan(struct palette *p, const uint32_t *px, size_t n, unsigned max);
/* Index of a colour that is in the palette; p->n when it is not. */
unsigned palette_find(const struct palette *p, uint32_t colour);
/* The index of each of n pixels, all of which are in the palette. */
void palette_indices(const struct palette *p, uint8_t *dst, const uint32_t *px, size_t n);
/* The most frequent colour's index. */
unsigned palette_commonest(const struct palette *p);

/* --- subrects.c ------------------------------------------------------------------------ */

struct subrect { uint32_t colour; uint8_t x, y, w, h; };

/* Covers what is not background with rectangles of one colour each. w, h <= 64. Returns how many,
 * or max + 1 when max were not enough. */
unsigned subrects_find(struct subrect *out, unsigned max, const uint32_t *px, unsigned w, unsigned h, uint32_t background);

#endif
