/* A few letters, for times on pictures. */
#ifndef RFBPLAY_FONT_H
#define RFBPLAY_FONT_H

#include <stddef.h>
#include <stdint.h>

enum { FONT_W = 6, FONT_H = 9 };	/* a character's cell, unscaled */

/* Writes text (digits, capital letters and " :./+-x%") into px at x, y, `scale` times as large; clipped to w × h. What the font
 * lacks is left blank. */
void font_draw(uint32_t *px, size_t stride, int w, int h, int x, int y, int scale, uint32_t colour, const char *text);

#endif
