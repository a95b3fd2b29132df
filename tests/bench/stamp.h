/* A number coded into pixels: what the workload writes and the client reads back.
 *
 * 32 bits, most significant first, in two rows of 16 blocks of 4 × 4 pixels, white for 1 and black for 0, so that
 * it survives JPEG; then a third row of the low 16 bits inverted, so that half a picture is never mistaken for a stamp. */
#ifndef RFBKIT_BENCH_STAMP_H
#define RFBKIT_BENCH_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { STAMP_BLOCK = 4, STAMP_COLUMNS = 16, STAMP_ROWS = 3, STAMP_W = STAMP_BLOCK * STAMP_COLUMNS, STAMP_H = STAMP_BLOCK * STAMP_ROWS };

static inline bool stamp_bit(uint32_t value, int row, int column)
{
	if (row < 2)
		return value >> (31 - row * STAMP_COLUMNS - column) & 1;
	return !(value >> (15 - column) & 1);
}

/* Where in each scene the stamp stands, on a screen of w × h. */
struct stamp_place { const char *scene; int x, y; bool from_bottom; };

static inline bool stamp_place(const char *scene, int w, int h, int *x, int *y)
{
	static const struct stamp_place places[] = {
		{ "echo", 16, 16, false }, { "typing", 16, 16, false }, { "scroll", 16, 29, true }, { "drag", 16, 16, false },
		{ "video", 320, 180, false }, { "fullvideo", 0, 0, false }, { "pages", 16, 16, false }, { "idle", 16, 16, false }, { "area", 0, 0, false },
	};

	(void)w;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!strcmp(places[i].scene, scene)) {
			*x = places[i].x;
			*y = places[i].from_bottom ? h - places[i].y : places[i].y;
			return true;
		}
	return false;
}

/* Reads a stamp from XRGB8888 pixels; false when there is none. `at` is the stamp's first pixel. */
static inline bool stamp_read(const uint32_t *at, size_t stride, uint32_t *value)
{
	uint32_t bits[STAMP_ROWS] = { 0 };

	for (int r = 0; r < STAMP_ROWS; r++)
		for (int c = 0; c < STAMP_COLUMNS; c++) {
			uint32_t px = at[(size_t)(r * STAMP_BLOCK + 1) * stride + (size_t)(c * STAMP_BLOCK + 1)];
			bits[r] = bits[r] << 1 | ((px >> 8 & 255) > 127);
		}
	*value = bits[0] << 16 | bits[1];
	return (bits[1] ^ bits[2]) == 0xffff;
}

#endif
