/* Exact comparison of XRGB8888 pixels; the top byte never counts.
 * Strides are in pixels. Every function gives the same result at every level. */
#ifndef RFBKIT_PIXEL_COMPARE_H
#define RFBKIT_PIXEL_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"

/* --- whole areas ------------------------------------------------------------------ */

bool pixel_area_equal(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h);
/* How many pixels differ. */
long pixel_area_count(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h);
/* The smallest rectangle (relative to the area) that holds every difference; false when there is none. */
bool pixel_area_bounds(const uint32_t *a, size_t a_stride, const uint32_t *b, size_t b_stride, int w, int h,
		       struct pixel_rect *out);

/* --- rows: the loops themselves, one set per instruction set -------------------------- */

enum pixel_level { PIXEL_PORTABLE, PIXEL_LEVEL_AVX2, PIXEL_LEVEL_AVX512 };

struct pixel_rows {
	bool (*differ)(const uint32_t *a, const uint32_t *b, size_t n);
	size_t (*count)(const uint32_t *a, const uint32_t *b, size_t n);
	/* Copies little-endian pixels (at any alignment), top bytes cleared; true when they differ from ref, whose top
	 * bytes are clear. Reads each byte of src once. */
	bool (*take)(uint32_t *dst, const uint8_t *src, const uint32_t *ref, size_t n);
	/* The same without comparing. */
	void (*load)(uint32_t *dst, const uint8_t *src, size_t n);
	/* acc[i] |= the bits in which a[i] and b[i] differ. */
	void (*gather)(uint32_t *acc, const uint32_t *a, const uint32_t *b, size_t n);
	/* acc[i] += (want[i] != now[i]) - (want[i] != then[i]): what replacing now by then would mend. */
	void (*gain)(int32_t *acc, const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n);
	/* How many pixels replacing now by then would mend. */
	size_t (*mend)(const uint32_t *want, const uint32_t *now, const uint32_t *then, size_t n);
	/* How many of n - 1 neighbouring pairs differ. */
	size_t (*edges)(const uint32_t *a, size_t n);
};
/* The loops of one level; NULL when this processor lacks it. */
const struct pixel_rows *pixel_rows_of(enum pixel_level level);
/* The fastest that this processor has. */
const struct pixel_rows *pixel_rows(void);

#endif
