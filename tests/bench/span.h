/* How long a rectangle's data is, without decoding it. */
#ifndef RFBKIT_BENCH_SPAN_H
#define RFBKIT_BENCH_SPAN_H

#include <stddef.h>
#include <stdint.h>

#include "rfb/smsg.h"

/* The bytes of the rectangle's data, which may be more than the n that are here; 0: more must be here to
 * say (Hextile: all); -1: an encoding whose boundaries cannot be followed. Pixels are 32 bits wide. */
long long span_of(const struct rfb_rect *r, const uint8_t *bytes, size_t n);

#endif
