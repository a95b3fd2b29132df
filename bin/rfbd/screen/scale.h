/* Scaling a picture by averaging areas: a pixel of the output is the mean of what it covers of the input, each pixel weighted
 * by the part of it that is covered, rounded to the nearest. All in integers, so a part comes out as it does in the whole. */
#ifndef RFBD_SCALE_H
#define RFBD_SCALE_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was asked for: a factor, or a size; all zero: no scaling. */
struct scale {
	uint32_t num, den;
	uint32_t w, h;
};

/* "1/2", "0.75", "1280x720". Factors from 1/64 to 8. False: it is none. */
bool scale_parse(struct scale *out, const char *text);
/* The size that a picture of w × h comes to, each at least 1. False: it would be larger than a screen may be. */
bool scale_size(const struct scale *s, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h);

/* One axis: `from` pixels become `to`. */
struct scale_axis { uint32_t from, to; };

/* The output pixels that depend on the input pixels from x1 to before x2. */
void scale_span(struct scale_axis a, int32_t x1, int32_t x2, int32_t *out1, int32_t *out2);
/* The input pixel in the middle of an output pixel. */
int32_t scale_back(struct scale_axis a, int32_t x);
/* Computes the box of the output into `out`, rows without padding. px: the input, `stride` pixels a row; all four bytes of a
 * pixel are averaged. False: no memory. */
bool scale_box(uint32_t *out, const uint32_t *px, size_t stride, struct scale_axis x, struct scale_axis y, const pixman_box32_t *box);

#endif
