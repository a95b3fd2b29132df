/* The wavelet of ZYWRLE. The encoding is described only by its first implementation (Hitachi's, in libvncserver and
 * UltraVNC); this one was written to the same arithmetic. Private to lib/codec. */
#ifndef RFBKIT_CODEC_WAVELET_H
#define RFBKIT_CODEC_WAVELET_H

#include <stdbool.h>
#include <stdint.h>

#include "pixel/format.h"

/* Whether pixels of this format are transformed: 16 bits, or 32 with colours in the low three bytes. */
bool wavelet_can(const struct pixel_format *f);
/* Whether the components lie where the transform takes them to be: of other formats it would make noise. */
bool wavelet_suits(const struct pixel_format *f);
/* The number of levels at a viewer's quality level (0–9; −1 not given): 1–3, 0 for none. */
int wavelet_level(int quality);

/* w × h values (at most 64 × 64) to coefficients, which are values as well, of which most are alike; and back.
 * A tile smaller than 1 << levels either way stays as it is. */
void wavelet_analyse(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, unsigned w, unsigned h, unsigned levels);
void wavelet_synthesise(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, unsigned w, unsigned h, unsigned levels);

#endif
