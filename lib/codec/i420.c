/* XRGB8888 to I420 by BT.601 in studio range, which decoders assume that do not look at what the stream says. Chroma is
 * the mean of four pixels. Blocks of constant length become vector code. */
#include <string.h>

#include "codec/h264.h"
#include "pixel/cpu.h"

enum { BLOCK = 32 };	/* pixels of two rows; half as many of chroma */

PIXEL_KERNEL void luma(uint8_t *restrict to, const uint32_t *restrict px)
{
	for (unsigned i = 0; i < BLOCK; i++) {
		uint32_t p = px[i], r = p >> 16 & 255, g = p >> 8 & 255, b = p & 255;
		to[i] = (uint8_t)((66 * r + 129 * g + 25 * b + 128 + (16 << 8)) >> 8);
	}
}

PIXEL_KERNEL void chroma(uint8_t *restrict u, uint8_t *restrict v, const uint32_t *restrict a, const uint32_t *restrict c)
{
	for (unsigned i = 0; i < BLOCK / 2; i++) {
		/* two components at a time: sums of four stay within ten bits */
		uint32_t rb = (a[2 * i] & 0xff00ff) + (a[2 * i + 1] & 0xff00ff) + (c[2 * i] & 0xff00ff) + (c[2 * i + 1] & 0xff00ff);
		uint32_t g4 = (a[2 * i] >> 8 & 255) + (a[2 * i + 1] >> 8 & 255) + (c[2 * i] >> 8 & 255) + (c[2 * i + 1] >> 8 & 255);
		int32_t r = (int32_t)(rb >> 16), g = (int32_t)g4, b = (int32_t)(rb & 0xffff);
		u[i] = (uint8_t)((-38 * r - 74 * g + 112 * b + (512 + (128 << 10))) >> 10);
		v[i] = (uint8_t)((112 * r - 94 * g - 18 * b + (512 + (128 << 10))) >> 10);
	}
}

struct rows { uint8_t *y[2], *u, *v; const uint32_t *px[2]; };

PIXEL_KERNEL void block(const struct rows *r, size_t x)
{
	luma(r->y[0] + x, r->px[0] + x);
	luma(r->y[1] + x, r->px[1] + x);
	chroma(r->u + x / 2, r->v + x / 2, r->px[0] + x, r->px[1] + x);
}

static void blocks_base(const struct rows *r, size_t n)
{
	for (size_t x = 0; x < n; x += BLOCK)
		block(r, x);
}

PIXEL_AVX2 static void blocks_avx2(const struct rows *r, size_t n)
{
	for (size_t x = 0; x < n; x += BLOCK)
		block(r, x);
}

/* What is left of two rows, by way of a block of its own. */
static void tail(const struct rows *r, size_t from, unsigned w)
{
	uint32_t px[2][BLOCK];
	uint8_t y[2][BLOCK], u[BLOCK / 2], v[BLOCK / 2];
	const struct rows one = { { y[0], y[1] }, u, v, { px[0], px[1] } };
	unsigned even = (w + 1) / 2 * 2;

	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < BLOCK; i++)
			px[k][i] = r->px[k][from + i < w ? from + i : w - 1];
	blocks_base(&one, BLOCK);
	for (unsigned k = 0; k < 2; k++)
		memcpy(r->y[k] + from, y[k], even - from);
	memcpy(r->u + from / 2, u, (even - from) / 2);
	memcpy(r->v + from / 2, v, (even - from) / 2);
}

void codec_i420(uint8_t *y, uint8_t *u, uint8_t *v, size_t stride, const uint32_t *px, size_t px_stride, unsigned w, unsigned h)
{
	size_t whole = w / BLOCK * BLOCK;

	for (unsigned i = 0; i < h; i += 2) {
		const uint32_t *row = px + i * px_stride;
		const struct rows r = { { y + i * stride, y + (i + 1) * stride }, u + i / 2 * (stride / 2), v + i / 2 * (stride / 2),
			{ row, i + 1 < h ? row + px_stride : row } };
		(pixel_has_avx2() ? blocks_avx2 : blocks_base)(&r, whole);
		if (whole < w)
			tail(&r, whole, w);
	}
}
