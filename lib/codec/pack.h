/* How pixel values become bytes: PIXEL, CPIXEL (RFC 6143, 7.7.5) and TPIXEL (rfbproto, "Tight Encoding").
 * All three are a number of bytes, each of which is eight bits of the value. Private to lib/codec. */
#ifndef RFBKIT_CODEC_PACK_H
#define RFBKIT_CODEC_PACK_H

#include "pixel/format.h"

struct pack {
	uint8_t bytes;		/* 1–4 */
	uint8_t shift[4];	/* byte i is value >> shift[i] */
	bool aligned;		/* every shift is a multiple of 8 */
};

struct pack pack_pixel(const struct pixel_format *f);
struct pack pack_cpixel(const struct pixel_format *f);
struct pack pack_tpixel(const struct pixel_format *f);

/* n values to n × bytes, and back. */
void pack_put(const struct pack *k, uint8_t *dst, const uint32_t *values, size_t n);
void pack_get(const struct pack *k, uint32_t *values, const uint8_t *src, size_t n);

static inline void pack_put1(const struct pack *k, uint8_t *dst, uint32_t value)
{
	for (unsigned i = 0; i < k->bytes; i++)
		dst[i] = (uint8_t)(value >> k->shift[i]);
}
static inline uint32_t pack_get1(const struct pack *k, const uint8_t *src)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < k->bytes; i++)
		v |= (uint32_t)src[i] << k->shift[i];
	return v;
}

#endif
