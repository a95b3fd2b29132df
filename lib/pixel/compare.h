/* Exact comparison of XRGB8888 pixels; the top byte never counts.
 * Strides are in pixels. Every function gives the same result at every level. */
#ifndef RFBKIT_PIXEL_COMPARE_H
#define RFBKIT_PIXEL_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"

/* --- blocks ----------------------------------------------------------------------- */

enum { PIXEL_BLOCK_W = 64, PIXEL_BLOCK_H = 32 };

/* Up to PIXEL_BLOCK_W × PIXEL_BLOCK_H pixels in three places. Strides may be negative. */
struct pixel_block {
	uint32_t *dst;
	const uint32_t *src, *was;	/* the top bytes of src are anything, those of was are 0 */
	ptrdiff_t dst_stride, src_stride, was_stride;
	int w, h;
};
/* Makes dst what src is, top bytes cleared; every pixel of src is read once, so it may be memory that others write
 * to. *box becomes the smallest rectangle (relative to the block) that holds every difference between that and `was`;
 * false when there is none. was may be dst, or any place whose rows are not written before they are read. */
bool pixel_block_follow(const struct pixel_block *b, struct pixel_rect *box);

/* --- rows: the loops themselves, one set per instruction set -------------------------- */

enum pixel_level { PIXEL_PORTABLE, PIXEL_LEVEL_AVX2, PIXEL_LEVEL_AVX512 };

struct pixel_rows {
	bool (*differ)(const uint32_t *a, const uint32_t *b, size_t n);
	size_t (*count)(const uint32_t *a, const uint32_t *b, size_t n);
	/* Copies little-endian pixels (at any alignment), top bytes cleared. Reads each byte of src once. */
	void (*load)(uint32_t *dst, const uint8_t *src, size_t n);
	/* acc[i] += (want[i] != now[i]) - (want[i] != then[i]): what replacing now by then would mend. */
	void (*gain)(int32_t *acc, const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n);
	/* How many pixels replacing now by then would mend. */
	size_t (*mend)(const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n);
	/* How many pairs of neighbours that differ in want it would mend. */
	size_t (*mend_edges)(const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n);
	/* How many of n - 1 neighbouring pairs differ. */
	size_t (*edges)(const uint32_t *a, size_t n);
	/* pixel_block_follow's loop: bit y of the result is set when row y differs, cols[x] (PIXEL_BLOCK_W of them) holds
	 * the bits in which column x does. */
	uint32_t (*follow)(const struct pixel_block *b, uint32_t *cols);
};
/* The loops of one level; NULL when this processor lacks it. */
const struct pixel_rows *pixel_rows_of(enum pixel_level level);
/* The fastest that this processor has. */
const struct pixel_rows *pixel_rows(void);

#endif
