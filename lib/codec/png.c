/* PNG (ISO/IEC 15948): the four chunks that an image of ours has; libpng's simplified interface for others'. */
#include "codec/png.h"

#include <stdlib.h>
#include <zlib.h>

#include "codec/codec.h"
#include "codec/pack.h"

#if RFBKIT_PNG
#include <png.h>
#endif

/* Pieces are no wider. */
enum { PNG_WIDTH = 2048 };
enum { TRUE_COLOUR = 2, INDEXED = 3, FILTER_NONE = 0, FILTER_PAETH = 4 };

/* A chunk begins with its length, which comes last. */
static size_t chunk_begin(struct wire_buf *out, const char *type)
{
	size_t at = out->len;

	wire_put_u32be(out, 0);
	wire_put(out, type, 4);
	return at;
}

static void chunk_end(struct wire_buf *out, size_t at)
{
	if (out->bad)
		return;
	wire_set_u32be(out, at, (uint32_t)(out->len - at - 8));
	wire_put_u32be(out, (uint32_t)crc32(0, out->data + at + 4, (uInt)(out->len - at - 4)));
}

static void put_header(struct wire_buf *out, unsigned w, unsigned h, unsigned depth, unsigned type)
{
	wire_put(out, "\x89PNG\r\n\x1a\n", 8);
	size_t at = chunk_begin(out, "IHDR");
	wire_put_u32be(out, w);
	wire_put_u32be(out, h);
	wire_put_u8(out, (uint8_t)depth);
	wire_put_u8(out, (uint8_t)type);
	wire_put(out, "\0\0\0", 3);
	chunk_end(out, at);
}

static const struct pack rgb = { .bytes = 3, .shift = { 16, 8, 0 }, .aligned = true };

static void put_palette(struct wire_buf *out, const struct pixel_format *f, const struct palette *p)
{
	uint32_t colours[PALETTE_MAX];
	size_t at = chunk_begin(out, "PLTE");
	uint8_t *to = wire_buf_grow(out, p->n * 3);

	pixel_from_values(f, colours, p->colour, p->n);
	if (to)
		pack_put(&rgb, to, colours, p->n);
	chunk_end(out, at);
}

/* The filtered rows as one complete zlib stream. */
static void put_data(struct deflate *d, struct wire_buf *out, const struct wire_buf *raw, int level)
{
	size_t at = chunk_begin(out, "IDAT");

	deflate_put_header(out);
	deflate_put(d, out, raw->data, raw->len, level, DEFLATE_LARGE);
	wire_put(out, "\1\0\0\xff\xff", 5);
	wire_put_u32be(out, (uint32_t)adler32_z(adler32_z(0, NULL, 0), raw->data, raw->len));
	chunk_end(out, at);
}

/* --- rows ---------------------------------------------------------------------------------- */

static unsigned depth_of(const struct palette *p)
{
	return p->n <= 2 ? 1 : p->n <= 4 ? 2 : p->n <= 16 ? 4 : 8;
}

static void put_indexed_rows(struct wire_buf *raw, const uint32_t *px, unsigned w, unsigned h, const struct palette *p)
{
	const unsigned depth = depth_of(p), row = (w * depth + 7) / 8;
	uint8_t indices[PNG_WIDTH];

	for (unsigned y = 0; y < h; y++, px += w) {
		uint8_t *to = wire_buf_grow(raw, 1 + row);
		if (!to)
			return;
		memset(to, 0, 1 + row);
		palette_indices(p, indices, px, w);
		for (unsigned x = 0; x < w; x++)
			to[1 + x * depth / 8] |= (uint8_t)(indices[x] << (8 - depth - x * depth % 8));
	}
}

static uint8_t paeth(int left, int above, int corner)
{
	int p = left + above - corner, a = abs(p - left), b = abs(p - above), c = abs(p - corner);

	return (uint8_t)(a <= b && a <= c ? left : b <= c ? above : corner);
}

static void put_true_rows(struct wire_buf *raw, const struct pixel_format *f, const uint32_t *px, unsigned w, unsigned h, bool smooth)
{
	uint32_t colours[PNG_WIDTH];
	uint8_t rows[2][3 + 3 * PNG_WIDTH] = { { 0 } };

	for (unsigned y = 0; y < h; y++, px += w) {
		uint8_t *to = wire_buf_grow(raw, 1 + (size_t)w * 3), *row = rows[y & 1] + 3, *above = rows[~y & 1] + 3;
		if (!to)
			return;
		*to++ = smooth ? FILTER_PAETH : FILTER_NONE;
		pixel_from_values(f, colours, px, w);
		pack_put(&rgb, row, colours, w);
		for (unsigned i = 0; smooth && i < w * 3; i++)
			to[i] = (uint8_t)(row[i] - paeth(row[(int)i - 3], above[i], above[(int)i - 3]));
		if (!smooth)
			memcpy(to, row, (size_t)w * 3);
	}
}

void png_put(struct deflate *d, struct wire_buf *out, struct wire_buf *raw, const struct pixel_format *f, const uint32_t *px,
	     unsigned w, unsigned h, const struct palette *p, bool smooth, int level)
{
	wire_buf_reset(raw);
	if (p) {
		put_header(out, w, h, depth_of(p), INDEXED);
		put_palette(out, f, p);
		put_indexed_rows(raw, px, w, h, p);
	} else {
		put_header(out, w, h, 8, TRUE_COLOUR);
		put_true_rows(raw, f, px, w, h, smooth);
	}
	out->bad |= raw->bad;
	if (!out->bad)
		put_data(d, out, raw, level);
	chunk_end(out, chunk_begin(out, "IEND"));
}

/* --- reading --------------------------------------------------------------------------------- */

#if RFBKIT_PNG
int png_get(uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	int good;

	if (!png_image_begin_read_from_memory(&image, bytes, n))
		return CODEC_E_BAD;
	if (image.width != w || image.height != h) {
		png_image_free(&image);
		return CODEC_E_BAD;
	}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	image.format = PNG_FORMAT_ARGB;
#else
	image.format = PNG_FORMAT_BGRA;
#endif
	good = png_image_finish_read(&image, NULL, px, (png_int_32)(stride * sizeof *px), NULL);
	png_image_free(&image);
	if (!good)
		return CODEC_E_BAD;
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++)
			px[y * stride + x] &= 0xffffffu;
	return 0;
}
#else
int png_get(uint32_t *px, size_t stride, unsigned w, unsigned h, const uint8_t *bytes, size_t n)
{
	(void)px, (void)stride, (void)w, (void)h, (void)bytes, (void)n;
	return CODEC_E_UNKNOWN;
}
#endif
