/* From new pixels to the least that tells them: copies and tight rectangles. Holds one reference frame
 * (and, during a frame, what is new). The result is exact: a reader that had the
 * previous frame, does the copies in order and then takes the rectangles' pixels has the new one. */
#ifndef RFBKIT_PIXEL_DELTA_H
#define RFBKIT_PIXEL_DELTA_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"

struct pixel_delta;

struct pixel_changes {
	const struct pixel_copy *copies;	/* in order, before any rectangle */
	size_t n_copies;
	const struct pixel_rect *rects;
	size_t n_rects;
};

/* A black screen of w × h; NULL and errno when there is no memory. */
struct pixel_delta *pixel_delta_new(int w, int h);
void pixel_delta_free(struct pixel_delta *d);

/* New pixels of a rectangle within the screen: rows of little-endian XRGB8888, `stride` bytes apart, at any
 * alignment. Reads every byte once and keeps its own copy. */
void pixel_delta_take(struct pixel_delta *d, struct pixel_rect r, const uint8_t *src, size_t stride);
/* The same, but src is only looked at when pixel_delta_find is called, and must be readable until then (or _skip, or
 * _keep). It may be memory that others write to: whatever they do, reader and reference stay the same. */
void pixel_delta_lend(struct pixel_delta *d, struct pixel_rect r, const uint8_t *src, size_t stride);
/* Copies what was lent, which need not stay then. */
void pixel_delta_keep(struct pixel_delta *d);
/* The source itself copied: both rectangles are within the screen. */
void pixel_delta_move(struct pixel_delta *d, struct pixel_copy c);
/* What the frame at hand changed since the last one; then a new frame begins. *out is valid until the next call. */
void pixel_delta_find(struct pixel_delta *d, struct pixel_changes *out);
/* Begins a new frame without looking for changes, for a reader who gets all pixels anyway. */
void pixel_delta_skip(struct pixel_delta *d);
/* The pixels as of the last pixel_delta_find or _skip (top byte 0); *stride in bytes. */
const uint32_t *pixel_delta_pixels(const struct pixel_delta *d, size_t *stride);
/* Gives back the memory that only a running frame needs. To be called when nothing has come for a while,
 * be it in the middle of a frame, which keeps its own. */
void pixel_delta_relax(struct pixel_delta *d);

#endif
