/* Pixel formats of viewers (RFC 6143, 7.4) and conversion from and to XRGB8888,
 * the one format inside the toolkit (u32 0x..RRGGBB, top byte ignored). */
#ifndef RFBKIT_PIXEL_FORMAT_H
#define RFBKIT_PIXEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pixel_format {
	uint8_t bpp;		/* 8, 16, 32 */
	uint8_t depth;
	bool big_endian;
	bool true_colour;	/* false: 8 bpp indices into pixel_colour_map */
	uint16_t red_max, green_max, blue_max;
	uint8_t red_shift, green_shift, blue_shift;
};

/* What ServerInit advertises: 32 bpp, depth 24, little-endian, 0xRRGGBB. */
extern const struct pixel_format pixel_format_native;

/* Makes a format that a viewer sent usable: derives depth 0 from the maxima. False when it
 * cannot be served: bpp other than 8, 16, 32; a maximum that is not 2^n-1 or is zero; bits outside
 * the pixel or overlapping; a colour map at other than 8 bpp. */
bool pixel_format_normalise(struct pixel_format *f);
bool pixel_format_equal(const struct pixel_format *a, const struct pixel_format *b);
static inline unsigned pixel_bytes(const struct pixel_format *f) { return f->bpp / 8u; }
/* Bytes of a CPIXEL (RFC 6143, 7.7.5): 3 when 32 bpp, depth <= 24 and the colour bits lie within
 * the low or the high three bytes, else bpp / 8. *offset: which of the pixel's bytes, in wire order, comes first. */
unsigned pixel_cpixel(const struct pixel_format *f, unsigned *offset);
/* True when Tight packs its pixels into R, G, B bytes (TPIXEL). */
bool pixel_tpixel_is_rgb(const struct pixel_format *f);

/* One XRGB8888 pixel in the format's value (host integer, before byte order). Each component is
 * (v * max + 127) / 255; with a colour map, the index of pixel_colour_map's nearest (3-3-2 levels). */
uint32_t pixel_quantise(const struct pixel_format *f, uint32_t xrgb);
/* The other way: component * 255 / max, rounded; an index's colour. */
uint32_t pixel_expand(const struct pixel_format *f, uint32_t value);

/* n pixels to the format's bytes in wire order (n × bpp / 8 bytes), and back (top byte 0). */
void pixel_to_wire(const struct pixel_format *f, uint8_t *dst, const uint32_t *src, size_t n);
void pixel_from_wire(const struct pixel_format *f, uint32_t *dst, const uint8_t *src, size_t n);
/* n pixels to the format's values (host integers in u32: what encoders compare), back, and values to bytes. */
void pixel_to_values(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, size_t n);
void pixel_from_values(const struct pixel_format *f, uint32_t *dst, const uint32_t *values, size_t n);
void pixel_values_to_wire(const struct pixel_format *f, uint8_t *dst, const uint32_t *values, size_t n);

/* The fixed map served to colour-map viewers: 256 entries of XRGB8888. */
const uint32_t *pixel_colour_map(void);

#endif
