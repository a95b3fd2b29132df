/* Tight's gradient filter (rfbproto "GradientFilter"): each component minus left + above - above-left, held within
 * the component's range. Components of eight bits are filtered as bytes, many at a time. */
#include "codec/tight.h"

#include "pixel/cpu.h"

#if PIXEL_X86
#include <immintrin.h>
#endif

enum { BLOCK = 32 };

/* BLOCK bytes of three-byte pixels; the bytes at -3 must exist. */
PIXEL_KERNEL void block_rgb(uint8_t *restrict dst, const uint8_t *restrict row, const uint8_t *restrict above)
{
	for (unsigned i = 0; i < BLOCK; i++) {
		int p = row[(int)i - 3] + above[i] - above[(int)i - 3];
		p = p < 0 ? 0 : p;
		p = p > 255 ? 255 : p;
		dst[i] = (uint8_t)(row[i] - p);
	}
}

static void blocks_base(uint8_t *dst, const uint8_t *row, const uint8_t *above, size_t n)
{
	for (size_t i = 0; i < n; i += BLOCK)
		block_rgb(dst + i, row + i, above + i);
}

PIXEL_AVX2 static void blocks_avx2(uint8_t *dst, const uint8_t *row, const uint8_t *above, size_t n)
{
	for (size_t i = 0; i < n; i += BLOCK)
		block_rgb(dst + i, row + i, above + i);
}

/* Two packed rows are kept, with a pixel of zeros before them and room for a whole block after. */
static void filter_rgb(const struct pack *k, uint8_t *dst, const uint32_t *px, unsigned w, unsigned h)
{
	enum { LEAD = 32, ROOM = LEAD + TIGHT_WIDTH_MAX * 3 + BLOCK };
	uint8_t rows[2][ROOM] = { { 0 } }, out[ROOM];
	size_t n = (size_t)w * 3;

	for (unsigned y = 0; y < h; y++, px += w, dst += n) {
		uint8_t *row = rows[y & 1] + LEAD, *above = rows[~y & 1] + LEAD;
		pack_put(k, row, px, w);
		if (pixel_has_avx2())
			blocks_avx2(out, row, above, n);
		else
			blocks_base(out, row, above, n);
		memcpy(dst, out, n);
	}
}

static inline uint32_t component(uint32_t v, uint32_t max, unsigned shift)
{
	return v >> shift & max;
}

static uint32_t predict(uint32_t left, uint32_t above, uint32_t corner, uint32_t max, unsigned shift)
{
	int32_t p = (int32_t)component(left, max, shift) + (int32_t)component(above, max, shift) - (int32_t)component(corner, max, shift);

	return p < 0 ? 0 : p > (int32_t)max ? max : (uint32_t)p;
}

/* v minus (or plus) the prediction, in each component modulo its range. */
static uint32_t apply(const struct pixel_format *f, uint32_t v, uint32_t left, uint32_t above, uint32_t corner, bool plus)
{
	const uint32_t max[3] = { f->red_max, f->green_max, f->blue_max };
	const unsigned shift[3] = { f->red_shift, f->green_shift, f->blue_shift };
	uint32_t out = 0;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t p = predict(left, above, corner, max[i], shift[i]), c = component(v, max[i], shift[i]);
		out |= ((plus ? c + p : c - p) & max[i]) << shift[i];
	}
	return out;
}

static void filter_any(const struct pixel_format *f, const struct pack *k, uint8_t *dst, const uint32_t *px, unsigned w, unsigned h)
{
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++, px++, dst += k->bytes)
			pack_put1(k, dst, apply(f, *px, x ? px[-1] : 0, y ? *(px - w) : 0, x && y ? *(px - w - 1) : 0, false));
}

void gradient_filter(const struct pixel_format *f, uint8_t *dst, const uint32_t *px, unsigned w, unsigned h)
{
	const struct pack k = pack_tpixel(f);

	if (k.bytes == 3)
		filter_rgb(&k, dst, px, w, h);
	else
		filter_any(f, &k, dst, px, w, h);
}

/* Smooth content, where differences are small but pixels are rarely repeated. Looks at one row in eight, at green. */
bool gradient_pays(const struct pixel_format *f, const uint32_t *px, unsigned w, unsigned h)
{
	size_t same = 0, seen = 0, sum = 0;

	if (f->bpp == 8 || w < 8 || h < 2)
		return false;
	for (unsigned y = 1; y < h; y += 8) {
		const uint32_t *row = px + (size_t)y * w, *above = row - w;
		for (unsigned x = 1; x < w; x++) {
			int32_t d = (int32_t)component(row[x], f->green_max, f->green_shift) -
				    (int32_t)predict(row[x - 1], above[x], above[x - 1], f->green_max, f->green_shift);
			same += row[x] == row[x - 1] || row[x] == above[x];
			sum += (size_t)(d < 0 ? -d : d);
		}
		seen += w - 1;
	}
	return same * 4 < seen && sum < seen * f->green_max / 16;
}

void gradient_restore(const struct pixel_format *f, uint32_t *row, const uint32_t *above, const uint8_t *src, unsigned w)
{
	const struct pack k = pack_tpixel(f);

	for (unsigned x = 0; x < w; x++, src += k.bytes)
		row[x] = apply(f, pack_get1(&k, src), x ? row[x - 1] : 0, above[x], x ? above[x - 1] : 0, true);
}

#if PIXEL_X86
/* The three components of a pixel in words of a register. */
static inline __m128i words(uint32_t xrgb)
{
	return _mm_unpacklo_epi8(_mm_cvtsi32_si128((int)xrgb), _mm_setzero_si128());
}

void gradient_restore_rgb(uint32_t *row, const uint32_t *above, const uint8_t *src, unsigned w)
{
	__m128i left = _mm_setzero_si128(), corner = left;

	for (unsigned x = 0; x < w; x++, src += 3) {
		__m128i up = words(above[x] & 0xffffff);
		__m128i predicted = _mm_add_epi16(left, _mm_sub_epi16(up, corner));
		uint32_t difference = (uint32_t)src[0] << 16 | (uint32_t)src[1] << 8 | src[2];
		__m128i pixel = _mm_add_epi8(_mm_packus_epi16(predicted, predicted), _mm_cvtsi32_si128((int)difference));
		row[x] = (uint32_t)_mm_cvtsi128_si32(pixel);
		left = _mm_unpacklo_epi8(pixel, _mm_setzero_si128());
		corner = up;
	}
}
#else
void gradient_restore_rgb(uint32_t *row, const uint32_t *above, const uint8_t *src, unsigned w)
{
	for (unsigned x = 0; x < w; x++, src += 3)
		row[x] = apply(&pixel_format_native, (uint32_t)src[0] << 16 | (uint32_t)src[1] << 8 | src[2], x ? row[x - 1] : 0,
			       above[x], x ? above[x - 1] : 0, true);
}
#endif
