/* A piecewise-linear Haar transform (Senecal et al., "An Improved N-Bit to N-Bit Reversible Haar-Like Transform") of
 * luma and two chroma differences, eight signed bits each, in place: after a level every other coefficient is a low
 * one, the input of the next. Coefficients are sent finest first, as pixels. */
#include "codec/wavelet.h"

#include <string.h>

enum { SIDE = 64, CHANNELS = 3 };

/* Y, U, V. */
struct coefficients { int8_t c[SIDE * SIDE][CHANNELS]; };

/* How a format's value holds its three components as bytes of their most significant bits. */
struct layout { unsigned left[3], right[3], mask[3]; };	/* red, green, blue: (v << left >> right) & mask */

static struct layout layout_of(const struct pixel_format *f)
{
	if (f->bpp == 32)
		return (struct layout){ { 0, 0, 0 }, { 16, 8, 0 }, { 255, 255, 255 } };
	if (f->green_max > 31)
		return (struct layout){ { 0, 0, 3 }, { 8, 3, 0 }, { 0xf8, 0xfc, 0xf8 } };
	return (struct layout){ { 0, 0, 3 }, { 7, 2, 0 }, { 0xf8, 0xf8, 0xf8 } };
}

bool wavelet_can(const struct pixel_format *f)
{
	unsigned offset;

	if (!f->true_colour || f->bpp == 8)
		return false;
	if (f->bpp == 16)
		return true;
	return pixel_cpixel(f, &offset) == 3 && ((uint32_t)f->red_max << f->red_shift | (uint32_t)f->green_max << f->green_shift |
						  (uint32_t)f->blue_max << f->blue_shift) < 1u << 24;
}

bool wavelet_suits(const struct pixel_format *f)
{
	const unsigned bits = f->bpp == 32 ? 8 : 5, more = f->bpp == 16 && f->green_max == 63;
	const unsigned top = (unsigned)f->red_shift > f->blue_shift ? f->red_shift : f->blue_shift;
	const unsigned max = (1u << bits) - 1;

	return wavelet_can(f) && f->red_max == max && f->blue_max == max && f->green_max == (more ? 63 : max) && f->green_shift == bits &&
	       top == 2 * bits + more && f->red_shift + f->blue_shift == (int)top;
}

int wavelet_level(int quality)
{
	return quality < 0 ? 1 : 3 - quality / 3;
}

static void load(const struct layout *l, uint32_t v, int out[3])
{
	for (unsigned i = 0; i < 3; i++)
		out[i] = (int)(v << l->left[i] >> l->right[i] & l->mask[i]);
}

static uint32_t save(const struct layout *l, const int in[3])
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 3; i++)
		v |= ((uint32_t)in[i] & l->mask[i]) << l->right[i] >> l->left[i];
	return v;
}

/* --- colours ------------------------------------------------------------------------------------ */

/* Keeps the bits that the format has, and away from -128, which the transform cannot negate. */
static int8_t trim(int v, unsigned mask)
{
	int step = (int)(256 - mask);

	v &= -step;
	return (int8_t)(v == -128 ? v + step : v);
}

static void to_yuv(const struct layout *l, uint32_t v, int8_t out[CHANNELS])
{
	int c[3];

	load(l, v, c);
	out[0] = trim(((c[0] + 2 * c[1] + c[2]) >> 2) - 128, l->mask[1]);
	out[1] = trim((c[2] - c[1]) >> 1, l->mask[0]);
	out[2] = trim((c[0] - c[1]) >> 1, l->mask[0]);
}

static int clamp(int v)
{
	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static uint32_t from_yuv(const struct layout *l, const int8_t in[CHANNELS])
{
	int y = in[0] + 128, u = in[1] * 2, v = in[2] * 2, g = y - ((u + v) >> 2);
	const int c[3] = { clamp(v + g), clamp(g), clamp(u + g) };

	return save(l, c);
}

/* A coefficient as a pixel: V, Y, U in the places of red, green, blue. */
static uint32_t pixel_of(const struct layout *l, const int8_t in[CHANNELS])
{
	const int c[3] = { in[2] & 255, in[0] & 255, in[1] & 255 };

	return save(l, c);
}

static void pixel_to(const struct layout *l, uint32_t v, int8_t out[CHANNELS])
{
	int c[3];

	load(l, v, c);
	out[0] = (int8_t)c[1];
	out[1] = (int8_t)c[2];
	out[2] = (int8_t)c[0];
}

/* --- the transform -------------------------------------------------------------------------------- */

static bool negative(int v)
{
	return (v & 0x80) != 0;
}

/* Two samples to a low and a high one; the same again undoes it. */
static void haar(int8_t *a, int8_t *b)
{
	int x = *a, y = *b;

	if (negative(x) != negative(y)) {
		int sum = x + y;
		if (negative(sum) == negative(y))
			x -= sum;
		y = sum;
	} else {
		int difference = x - y;
		if (negative(difference) == negative(x))
			y += difference;
		x = difference;
	}
	*a = (int8_t)y;
	*b = (int8_t)x;
}

/* One level along a line of `count` samples that are `step` apart, of those that are low so far. */
static void line(struct coefficients *k, unsigned start, unsigned count, unsigned step, unsigned level)
{
	unsigned apart = step << level;

	for (unsigned i = 0; i < count >> (level + 1); i++, start += 2 * apart)
		for (unsigned c = 0; c < CHANNELS; c++)
			haar(&k->c[start][c], &k->c[start + apart][c]);
}

static void rows(struct coefficients *k, unsigned w, unsigned h, unsigned level)
{
	for (unsigned y = 0; y < h; y += 1u << level)
		line(k, y * w, w, 1, level);
}

static void columns(struct coefficients *k, unsigned w, unsigned h, unsigned level)
{
	for (unsigned x = 0; x < w; x += 1u << level)
		line(k, x, h, w, level);
}

/* --- what is left out ---------------------------------------------------------------------------------- */

/* Rounded to a multiple of step, half a step around zero and more becoming zero; 128 drops it. */
static int8_t coarser(int8_t v, int step)
{
	int size = v < 0 ? -v : v;

	size = size * 4 < step * 3 ? 0 : (size + step / 2) / step * step;
	if (step >= 128)
		size = 0;
	size = size > 120 ? 120 : size;
	return (int8_t)(v < 0 ? -size : size);
}

/* Steps of luma by number of levels and level; chroma's finest level is dropped. */
static const int luma_step[3][3] = { { 24 }, { 40, 16 }, { 64, 24, 16 } };

/* The w × h samples' part `quarter` of a level: bit 0 high along rows, bit 1 along columns. Calls it a visit. */
struct visit { unsigned at, end, row_end, step, w; };

static struct visit visit(unsigned quarter, unsigned level, unsigned w, unsigned h)
{
	unsigned half = 1u << level, start = (quarter & 1 ? half : 0) + (quarter & 2 ? half * w : 0);

	return (struct visit){ start, w * h, start + w - (start % w), 2 * half, w };
}

/* Moves on to the next sample; false when there is none. */
static bool visit_next(struct visit *v, unsigned first_x)
{
	v->at += v->step;
	if (v->at >= v->row_end) {
		v->at = v->row_end - v->w + v->step * v->w + first_x;
		v->row_end += v->step * v->w;
	}
	return v->at < v->end;
}

static void quantise(struct coefficients *k, unsigned w, unsigned h, unsigned level, unsigned levels)
{
	int luma = luma_step[levels - 1][level], chroma = level == 0 ? 128 : luma;

	for (unsigned quarter = 1; quarter < 4; quarter++) {
		struct visit v = visit(quarter, level, w, h);
		unsigned first_x = v.at % w;
		do {
			int8_t *c = k->c[v.at];
			c[0] = coarser(c[0], luma);
			c[1] = coarser(c[1], chroma);
			c[2] = coarser(c[2], chroma);
		} while (visit_next(&v, first_x));
	}
}

/* --- order ------------------------------------------------------------------------------------------------ */

/* Positions (in the w × h samples) in the order in which they are sent: finest level first, low ones last. */
static unsigned order(uint16_t *position, unsigned w, unsigned h, unsigned levels)
{
	unsigned n = 0;

	for (unsigned level = 0; level < levels; level++)
		for (unsigned quarter = 4; quarter-- > (level + 1 == levels ? 0u : 1u);) {
			struct visit v = visit(quarter, level, w, h);
			unsigned first_x = v.at % w;
			do
				position[n++] = (uint16_t)v.at;
			while (visit_next(&v, first_x));
		}
	return n;
}

/* The pixels that do not fill a whole square of the coarsest level: to the right, then below, then the corner. */
static unsigned rest(uint16_t *position, unsigned w, unsigned h, unsigned whole_w, unsigned whole_h)
{
	unsigned n = 0;

	for (unsigned y = 0; y < whole_h; y++)
		for (unsigned x = whole_w; x < w; x++)
			position[n++] = (uint16_t)(y * w + x);
	for (unsigned y = whole_h; y < h; y++)
		for (unsigned x = 0; x < whole_w; x++)
			position[n++] = (uint16_t)(y * w + x);
	for (unsigned y = whole_h; y < h; y++)
		for (unsigned x = whole_w; x < w; x++)
			position[n++] = (uint16_t)(y * w + x);
	return n;
}

void wavelet_analyse(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, unsigned w, unsigned h, unsigned levels)
{
	const struct layout l = layout_of(f);
	const unsigned ww = w >> levels << levels, hh = h >> levels << levels;
	uint16_t position[SIDE * SIDE];
	struct coefficients k = { 0 };

	if (ww == 0 || hh == 0) {
		memcpy(dst, src, (size_t)w * h * sizeof *dst);
		return;
	}
	for (unsigned y = 0; y < hh; y++)
		for (unsigned x = 0; x < ww; x++)
			to_yuv(&l, src[y * w + x], k.c[y * ww + x]);
	for (unsigned level = 0; level < levels; level++) {
		rows(&k, ww, hh, level);
		columns(&k, ww, hh, level);
		quantise(&k, ww, hh, level, levels);
	}
	unsigned n = order(position, ww, hh, levels);
	for (unsigned i = 0; i < n; i++)
		*dst++ = pixel_of(&l, k.c[position[i]]);
	n = rest(position, w, h, ww, hh);
	for (unsigned i = 0; i < n; i++)
		*dst++ = src[position[i]];
}

void wavelet_synthesise(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, unsigned w, unsigned h, unsigned levels)
{
	const struct layout l = layout_of(f);
	const unsigned ww = w >> levels << levels, hh = h >> levels << levels;
	uint16_t position[SIDE * SIDE];
	struct coefficients k = { 0 };

	if (ww == 0 || hh == 0) {
		memcpy(dst, src, (size_t)w * h * sizeof *dst);
		return;
	}
	unsigned n = order(position, ww, hh, levels);
	for (unsigned i = 0; i < n; i++)
		pixel_to(&l, *src++, k.c[position[i]]);
	for (unsigned level = levels; level-- > 0;) {
		columns(&k, ww, hh, level);
		rows(&k, ww, hh, level);
	}
	for (unsigned y = 0; y < hh; y++)
		for (unsigned x = 0; x < ww; x++)
			dst[y * w + x] = from_yuv(&l, k.c[y * ww + x]);
	n = rest(position, w, h, ww, hh);
	for (unsigned i = 0; i < n; i++)
		dst[position[i]] = *src++;
}
