/* Conversion of many pixels. Everything works on blocks of BLOCK pixels with a constant trip count,
 * which compilers turn into vector code at -O2, once for the base instruction set and once for AVX2.
 * Division by 255 and by a component's maximum is a multiplication that is exact for the values that
 * occur (tests go through all of them), so no tables have to be built for a rectangle. */
#include "pixel/cpu.h"
#include "pixel/format.h"

#include <string.h>

enum { BLOCK = 64 };

/* One component: c ↦ (c * mul + add) >> 23, between bit positions. */
struct term { uint32_t mul, add, from, to, mask; };
struct terms { struct term t[3]; };

/* (c * max + 127) / 255 for max <= 255: x / 255 == x * 0x8081 >> 23 for x below 2^16. */
static struct term narrow_term(unsigned max, unsigned from, unsigned to)
{
	return (struct term){ max * 0x8081u, 127u * 0x8081u, from, to, 255 };
}

/* (c * 255 + max / 2) / max for max <= 255, with the reciprocal of max in 23 bits. */
static struct term widen_term(unsigned max, unsigned from, unsigned to)
{
	uint32_t m = (1u << 23) / max + 1;
	return (struct term){ 255u * m, max / 2 * m, from, to, max };
}

PIXEL_KERNEL void terms_block(const struct terms *s, uint32_t *restrict dst, const uint32_t *restrict src)
{
	const struct term r = s->t[0], g = s->t[1], b = s->t[2];
	for (unsigned i = 0; i < BLOCK; i++) {
		uint32_t p = src[i];
		dst[i] = ((p >> r.from & r.mask) * r.mul + r.add) >> 23 << r.to |
			 ((p >> g.from & g.mask) * g.mul + g.add) >> 23 << g.to |
			 ((p >> b.from & b.mask) * b.mul + b.add) >> 23 << b.to;
	}
}

/* Components of eight bits only change places. */
PIXEL_KERNEL void shuffle_block(const struct terms *s, uint32_t *restrict dst, const uint32_t *restrict src)
{
	const struct term r = s->t[0], g = s->t[1], b = s->t[2];
	for (unsigned i = 0; i < BLOCK; i++) {
		uint32_t p = src[i];
		dst[i] = (p >> r.from & 255) << r.to | (p >> g.from & 255) << g.to | (p >> b.from & 255) << b.to;
	}
}

PIXEL_KERNEL void mask_block(uint32_t *restrict dst, const uint32_t *restrict src)
{
	for (unsigned i = 0; i < BLOCK; i++)
		dst[i] = src[i] & 0xffffffu;
}

enum recipe { MASK, SHUFFLE, TERMS, EXACT };

struct plan {
	enum recipe recipe;
	struct terms terms;
	const struct pixel_format *format;
	bool widen;
};

PIXEL_KERNEL void plan_block(const struct plan *p, uint32_t *restrict dst, const uint32_t *restrict src)
{
	switch (p->recipe) {
	case MASK:
		mask_block(dst, src);
		break;
	case SHUFFLE:
		shuffle_block(&p->terms, dst, src);
		break;
	case TERMS:
		terms_block(&p->terms, dst, src);
		break;
	case EXACT:	/* maxima above 255: nobody's fast path */
		for (unsigned i = 0; i < BLOCK; i++)
			dst[i] = p->widen ? pixel_expand(p->format, src[i]) : pixel_quantise(p->format, src[i]);
		break;
	}
}

static struct plan plan_make(const struct pixel_format *f, bool widen)
{
	struct plan p = { .recipe = TERMS, .format = f, .widen = widen };
	const unsigned max[3] = {
		f->true_colour ? f->red_max : 7, f->true_colour ? f->green_max : 7, f->true_colour ? f->blue_max : 3 };
	const unsigned shift[3] = {
		f->true_colour ? f->red_shift : 5, f->true_colour ? f->green_shift : 2, f->true_colour ? f->blue_shift : 0 };

	if (max[0] > 255 || max[1] > 255 || max[2] > 255) {
		p.recipe = EXACT;
		return p;
	}
	for (unsigned i = 0; i < 3; i++)
		p.terms.t[i] = widen ? widen_term(max[i], shift[i], 16 - 8 * i) : narrow_term(max[i], 16 - 8 * i, shift[i]);
	if (max[0] == 255 && max[1] == 255 && max[2] == 255)
		p.recipe = shift[0] == 16 && shift[1] == 8 && shift[2] == 0 ? MASK : SHUFFLE;
	return p;
}

/* --- values and bytes ---------------------------------------------------------------- */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_BIG true
#else
#define HOST_BIG false
#endif

PIXEL_KERNEL void store_block(unsigned bytes, bool swap, uint8_t *restrict dst, const uint32_t *restrict v)
{
	uint16_t half[BLOCK];
	uint32_t word[BLOCK];

	if (bytes == 1) {
		for (unsigned i = 0; i < BLOCK; i++)
			dst[i] = (uint8_t)v[i];
	} else if (bytes == 2) {
		if (swap)
			for (unsigned i = 0; i < BLOCK; i++)
				half[i] = (uint16_t)((v[i] >> 8 & 255) | v[i] << 8);
		else
			for (unsigned i = 0; i < BLOCK; i++)
				half[i] = (uint16_t)v[i];
		memcpy(dst, half, sizeof half);
	} else if (swap) {
		for (unsigned i = 0; i < BLOCK; i++)
			word[i] = v[i] << 24 | (v[i] << 8 & 0xff0000u) | (v[i] >> 8 & 0xff00u) | v[i] >> 24;
		memcpy(dst, word, sizeof word);
	} else {
		memcpy(dst, v, sizeof word);
	}
}

PIXEL_KERNEL void load_block(unsigned bytes, bool swap, uint32_t *restrict v, const uint8_t *restrict src)
{
	uint16_t half[BLOCK];

	if (bytes == 1) {
		for (unsigned i = 0; i < BLOCK; i++)
			v[i] = src[i];
	} else if (bytes == 2) {
		memcpy(half, src, sizeof half);
		if (swap)
			for (unsigned i = 0; i < BLOCK; i++)
				v[i] = (half[i] >> 8 | half[i] << 8) & 0xffffu;
		else
			for (unsigned i = 0; i < BLOCK; i++)
				v[i] = half[i];
	} else {
		memcpy(v, src, BLOCK * sizeof *v);
		if (swap)
			for (unsigned i = 0; i < BLOCK; i++)
				v[i] = v[i] << 24 | (v[i] << 8 & 0xff0000u) | (v[i] >> 8 & 0xff00u) | v[i] >> 24;
	}
}

/* --- whole runs: blocks, then a padded last one --------------------------------------- */

struct job {
	struct plan plan;
	unsigned bytes;
	bool swap;
	void (*run)(const struct job *j, void *dst, const void *src, size_t blocks);
};

PIXEL_KERNEL void run_values(const struct job *j, void *dst, const void *src, size_t blocks)
{
	uint32_t *d = dst;
	const uint32_t *s = src;
	for (size_t i = 0; i < blocks; i++)
		plan_block(&j->plan, d + i * BLOCK, s + i * BLOCK);
}

PIXEL_KERNEL void run_store(const struct job *j, void *dst, const void *src, size_t blocks)
{
	uint8_t *d = dst;
	const uint32_t *s = src;
	for (size_t i = 0; i < blocks; i++)
		store_block(j->bytes, j->swap, d + i * BLOCK * j->bytes, s + i * BLOCK);
}

PIXEL_KERNEL void run_to_wire(const struct job *j, void *dst, const void *src, size_t blocks)
{
	uint8_t *d = dst;
	const uint32_t *s = src;
	uint32_t v[BLOCK];
	for (size_t i = 0; i < blocks; i++) {
		plan_block(&j->plan, v, s + i * BLOCK);
		store_block(j->bytes, j->swap, d + i * BLOCK * j->bytes, v);
	}
}

PIXEL_KERNEL void run_from_wire(const struct job *j, void *dst, const void *src, size_t blocks)
{
	uint32_t *d = dst, v[BLOCK];
	const uint8_t *s = src;
	for (size_t i = 0; i < blocks; i++) {
		load_block(j->bytes, j->swap, v, s + i * BLOCK * j->bytes);
		plan_block(&j->plan, d + i * BLOCK, v);
	}
}

#define WRAPPERS(name) \
	static void name##_base(const struct job *j, void *d, const void *s, size_t n) { name(j, d, s, n); } \
	PIXEL_AVX2 static void name##_avx2(const struct job *j, void *d, const void *s, size_t n) { name(j, d, s, n); }
WRAPPERS(run_values)
WRAPPERS(run_store)
WRAPPERS(run_to_wire)
WRAPPERS(run_from_wire)
#define CHOOSE(name) (pixel_has_avx2() ? name##_avx2 : name##_base)

static void job_do(const struct job *j, void *dst, size_t dst_size, const void *src, size_t src_size, size_t n)
{
	size_t blocks = n / BLOCK, rest = n % BLOCK;
	uint32_t from[BLOCK] = { 0 }, to[BLOCK];

	j->run(j, dst, src, blocks);
	if (rest == 0)
		return;
	memcpy(from, (const uint8_t *)src + blocks * BLOCK * src_size, rest * src_size);
	j->run(j, to, from, 1);
	memcpy((uint8_t *)dst + blocks * BLOCK * dst_size, to, rest * dst_size);
}

void pixel_to_wire(const struct pixel_format *f, uint8_t *dst, const uint32_t *src, size_t n)
{
	struct job j = { plan_make(f, false), pixel_bytes(f), f->big_endian != HOST_BIG, CHOOSE(run_to_wire) };
	job_do(&j, dst, j.bytes, src, 4, n);
}

void pixel_from_wire(const struct pixel_format *f, uint32_t *dst, const uint8_t *src, size_t n)
{
	struct job j = { plan_make(f, true), pixel_bytes(f), f->big_endian != HOST_BIG, CHOOSE(run_from_wire) };
	job_do(&j, dst, 4, src, j.bytes, n);
}

void pixel_to_values(const struct pixel_format *f, uint32_t *dst, const uint32_t *src, size_t n)
{
	struct job j = { plan_make(f, false), 4, false, CHOOSE(run_values) };
	job_do(&j, dst, 4, src, 4, n);
}

void pixel_from_values(const struct pixel_format *f, uint32_t *dst, const uint32_t *values, size_t n)
{
	struct job j = { plan_make(f, true), 4, false, CHOOSE(run_values) };
	job_do(&j, dst, 4, values, 4, n);
}

void pixel_values_to_wire(const struct pixel_format *f, uint8_t *dst, const uint32_t *values, size_t n)
{
	struct job j = { .bytes = pixel_bytes(f), .swap = f->big_endian != HOST_BIG, .run = CHOOSE(run_store) };
	job_do(&j, dst, j.bytes, values, 4, n);
}
