/* Pixel formats: what can be served, and the exact value of one pixel. The loops over many
 * pixels are in convert.c and agree with these functions to the bit. */
#include "pixel/format.h"

#include <string.h>

#define MAP(r, g, b) ((uint32_t)(((r) * 255 + 3) / 7) << 16 | (uint32_t)(((g) * 255 + 3) / 7) << 8 | (uint32_t)((b) * 85))
#define MAP_B(r, g) MAP(r, g, 0), MAP(r, g, 1), MAP(r, g, 2), MAP(r, g, 3)
#define MAP_G(r) MAP_B(r, 0), MAP_B(r, 1), MAP_B(r, 2), MAP_B(r, 3), MAP_B(r, 4), MAP_B(r, 5), MAP_B(r, 6), MAP_B(r, 7)

const struct pixel_format pixel_format_native = {
	.bpp = 32, .depth = 24, .true_colour = true,
	.red_max = 255, .green_max = 255, .blue_max = 255,
	.red_shift = 16, .green_shift = 8, .blue_shift = 0,
};

/* Index: three bits of red, three of green, two of blue. */
static const uint32_t colour_map[256] = {
	MAP_G(0), MAP_G(1), MAP_G(2), MAP_G(3), MAP_G(4), MAP_G(5), MAP_G(6), MAP_G(7),
};
static const struct pixel_format map_format = {
	.bpp = 8, .depth = 8, .true_colour = true,
	.red_max = 7, .green_max = 7, .blue_max = 3,
	.red_shift = 5, .green_shift = 2, .blue_shift = 0,
};

const uint32_t *pixel_colour_map(void)
{
	return colour_map;
}

/* The bits of one component within the pixel; 0 when it cannot be. */
static uint32_t component_mask(unsigned bpp, uint16_t max, uint8_t shift)
{
	if (max == 0 || (max & (max + 1u)) != 0 || shift >= bpp)
		return 0;
	uint64_t mask = (uint64_t)max << shift;
	return mask >> bpp != 0 ? 0 : (uint32_t)mask;
}

bool pixel_format_normalise(struct pixel_format *f)
{
	if (f->bpp != 8 && f->bpp != 16 && f->bpp != 32)
		return false;
	if (!f->true_colour) {
		if (f->bpp != 8)
			return false;
		*f = (struct pixel_format){ .bpp = 8, .depth = 8 };
		return true;
	}
	uint32_t r = component_mask(f->bpp, f->red_max, f->red_shift);
	uint32_t g = component_mask(f->bpp, f->green_max, f->green_shift);
	uint32_t b = component_mask(f->bpp, f->blue_max, f->blue_shift);
	if (r == 0 || g == 0 || b == 0 || (r & g) != 0 || (r & b) != 0 || (g & b) != 0)
		return false;
	if (f->depth == 0 || f->depth > f->bpp)
		f->depth = (uint8_t)__builtin_popcountll((uint64_t)(r | g | b));
	if (f->bpp == 8)
		f->big_endian = false;
	return true;
}

bool pixel_format_equal(const struct pixel_format *a, const struct pixel_format *b)
{
	return a->bpp == b->bpp && a->depth == b->depth && a->big_endian == b->big_endian &&
	       a->true_colour == b->true_colour && a->red_max == b->red_max &&
	       a->green_max == b->green_max && a->blue_max == b->blue_max &&
	       a->red_shift == b->red_shift && a->green_shift == b->green_shift && a->blue_shift == b->blue_shift;
}

unsigned pixel_cpixel(const struct pixel_format *f, unsigned *offset)
{
	*offset = 0;
	if (f->bpp != 32 || f->depth > 24 || !f->true_colour)
		return f->bpp / 8u;
	uint32_t bits = (uint32_t)f->red_max << f->red_shift | (uint32_t)f->green_max << f->green_shift |
			(uint32_t)f->blue_max << f->blue_shift;
	bool low = (bits & 0xff000000u) == 0, high = (bits & 0xffu) == 0;
	if (!low && !high)
		return 4;
	*offset = (f->big_endian ? high : low) ? 0 : 1;
	return 3;
}

bool pixel_tpixel_is_rgb(const struct pixel_format *f)
{
	return f->true_colour && f->bpp == 32 && f->depth == 24 &&
	       f->red_max == 255 && f->green_max == 255 && f->blue_max == 255;
}

uint32_t pixel_quantise(const struct pixel_format *f, uint32_t xrgb)
{
	if (!f->true_colour)
		f = &map_format;
	return ((xrgb >> 16 & 255) * f->red_max + 127) / 255 << f->red_shift |
	       ((xrgb >> 8 & 255) * f->green_max + 127) / 255 << f->green_shift |
	       ((xrgb & 255) * f->blue_max + 127) / 255 << f->blue_shift;
}

static uint32_t expand(uint32_t value, unsigned max, unsigned shift)
{
	return ((value >> shift & max) * 255u + max / 2) / max;
}

uint32_t pixel_expand(const struct pixel_format *f, uint32_t value)
{
	if (!f->true_colour)
		return colour_map[value & 255];
	return expand(value, f->red_max, f->red_shift) << 16 | expand(value, f->green_max, f->green_shift) << 8 |
	       expand(value, f->blue_max, f->blue_shift);
}
