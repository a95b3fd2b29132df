/* Pixel values to bytes and back. Three-byte pixels, the common case of both CPIXEL and TPIXEL,
 * go through a byte shuffle of four (SSSE3) or eight (AVX2) at a time; the rest is left to the compiler. */
#include "codec/pack.h"

#include "pixel/cpu.h"

#if PIXEL_X86
#include <immintrin.h>
#endif

static struct pack whole(const struct pixel_format *f)
{
	struct pack k = { .bytes = f->bpp / 8, .aligned = true };

	for (unsigned i = 0; i < k.bytes; i++)
		k.shift[i] = (uint8_t)(8 * (f->big_endian ? k.bytes - 1u - i : i));
	return k;
}

struct pack pack_pixel(const struct pixel_format *f)
{
	return whole(f);
}

struct pack pack_cpixel(const struct pixel_format *f)
{
	unsigned offset, bytes = pixel_cpixel(f, &offset);
	struct pack k = whole(f);

	for (unsigned i = 0; i < bytes; i++)
		k.shift[i] = k.shift[i + offset];
	k.bytes = (uint8_t)bytes;
	return k;
}

struct pack pack_tpixel(const struct pixel_format *f)
{
	if (!pixel_tpixel_is_rgb(f))
		return whole(f);
	return (struct pack){ .bytes = 3, .shift = { f->red_shift, f->green_shift, f->blue_shift },
		.aligned = (f->red_shift | f->green_shift | f->blue_shift) % 8 == 0 };
}

/* --- shuffles: how many of the n pixels they did ------------------------------------------- */

#if PIXEL_X86
/* Byte positions of four values' packed bytes; of the values themselves when `inverse`. */
static void shuffle_mask(const struct pack *k, uint8_t mask[16], bool inverse)
{
	for (unsigned i = 0; i < 16; i++)
		mask[i] = 0x80;
	for (unsigned p = 0; p < 4; p++)
		for (unsigned i = 0; i < 3; i++) {
			unsigned packed = 3 * p + i, wide = 4 * p + k->shift[i] / 8;
			mask[inverse ? wide : packed] = (uint8_t)(inverse ? packed : wide);
		}
}

/* Stores 16 bytes for each 12: stops where that would pass the end. */
PIXEL_AVX2 static size_t put3_avx2(const struct pack *k, uint8_t *dst, const uint32_t *v, size_t n)
{
	uint8_t mask[16];
	size_t i = 0;

	shuffle_mask(k, mask, false);
	const __m256i m = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)mask));
	for (; i + 10 <= n; i += 8, dst += 24) {
		__m256i q = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(v + i)), m);
		_mm_storeu_si128((__m128i *)dst, _mm256_castsi256_si128(q));
		_mm_storeu_si128((__m128i *)(dst + 12), _mm256_extracti128_si256(q, 1));
	}
	return i;
}

PIXEL_AVX2 static size_t get3_avx2(const struct pack *k, uint32_t *v, const uint8_t *src, size_t n)
{
	uint8_t mask[16];
	size_t i = 0;

	shuffle_mask(k, mask, true);
	const __m128i m = _mm_loadu_si128((const __m128i *)mask);
	for (; i + 6 <= n; i += 4, src += 12)
		_mm_storeu_si128((__m128i *)(v + i), _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)src), m));
	return i;
}
#else
static size_t put3_avx2(const struct pack *k, uint8_t *dst, const uint32_t *v, size_t n)
{
	(void)k, (void)dst, (void)v, (void)n;
	return 0;
}
static size_t get3_avx2(const struct pack *k, uint32_t *v, const uint8_t *src, size_t n)
{
	(void)k, (void)v, (void)src, (void)n;
	return 0;
}
#endif

void pack_put(const struct pack *k, uint8_t *dst, const uint32_t *values, size_t n)
{
	size_t i = k->bytes == 3 && k->aligned && pixel_has_avx2() ? put3_avx2(k, dst, values, n) : 0;
	const unsigned a = k->shift[0], b = k->shift[1], c = k->shift[2], d = k->shift[3];

	switch (k->bytes) {
	case 1:
		for (; i < n; i++)
			dst[i] = (uint8_t)(values[i] >> a);
		break;
	case 2:
		for (; i < n; i++) {
			dst[2 * i] = (uint8_t)(values[i] >> a);
			dst[2 * i + 1] = (uint8_t)(values[i] >> b);
		}
		break;
	case 3:
		for (; i < n; i++) {
			dst[3 * i] = (uint8_t)(values[i] >> a);
			dst[3 * i + 1] = (uint8_t)(values[i] >> b);
			dst[3 * i + 2] = (uint8_t)(values[i] >> c);
		}
		break;
	default:
		for (; i < n; i++) {
			dst[4 * i] = (uint8_t)(values[i] >> a);
			dst[4 * i + 1] = (uint8_t)(values[i] >> b);
			dst[4 * i + 2] = (uint8_t)(values[i] >> c);
			dst[4 * i + 3] = (uint8_t)(values[i] >> d);
		}
	}
}

void pack_get(const struct pack *k, uint32_t *values, const uint8_t *src, size_t n)
{
	size_t i = k->bytes == 3 && k->aligned && pixel_has_avx2() ? get3_avx2(k, values, src, n) : 0;

	for (; i < n; i++)
		values[i] = pack_get1(k, src + i * k->bytes);
}
