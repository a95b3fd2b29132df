/* Hashes of tiles, for a capture that nobody tells what changed. (fbdiff compares exactly; this
 * only says where to look. Equal hashes of different tiles have a chance of 2^-64.) */
#ifndef RFBKIT_PIXEL_TILE_H
#define RFBKIT_PIXEL_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/rect.h"

/* Hash of w × h XRGB8888 pixels, the top byte ignored; stride in pixels. */
uint64_t pixel_tile_hash(const uint32_t *px, size_t stride, int w, int h);

enum { PIXEL_TILE_W = 64, PIXEL_TILE_H = 16 };
/* How many hashes a screen of w × h needs: its tiles, row by row, those at the edges cut. */
size_t pixel_tile_count(int w, int h);
/* Hashes the tiles of a screen that meet `area`, updates hashes[], and sets changed[i] (bytes, as many as
 * hashes; may be NULL) to 1 for each that has another hash than before. Returns how many have. */
size_t pixel_tile_update(const uint32_t *px, size_t stride, int w, int h, struct pixel_rect area,
			 uint64_t *hashes, uint8_t *changed);

#endif
