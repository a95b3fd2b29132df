/* Rectangles of every encoding in every class of pixel format. The input: which encoding, which format, width, height,
 * quality, then the bytes of rectangles that are all alike, one after another on one connection. */
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

enum { SIDE_MAX = 160, HEADER = 5, GUARD = 64 };

static const int32_t encodings[] = {
	CODEC_RAW, CODEC_COPYRECT, CODEC_RRE, CODEC_CORRE, CODEC_HEXTILE, CODEC_ZLIB, CODEC_TIGHT, CODEC_ZLIBHEX, CODEC_TRLE, CODEC_ZRLE,
	CODEC_ZYWRLE, CODEC_JPEG, CODEC_TIGHTPNG,
};

static const struct pixel_format formats[] = {
	{ 32, 24, false, true, 255, 255, 255, 16, 8, 0 },
	{ 32, 24, true, true, 255, 255, 255, 24, 16, 8 },
	{ 32, 30, false, true, 1023, 1023, 1023, 20, 10, 0 },
	{ 16, 16, false, true, 31, 63, 31, 11, 5, 0 },
	{ 16, 15, true, true, 31, 31, 31, 10, 5, 0 },
	{ 8, 8, false, true, 7, 7, 3, 5, 2, 0 },
	{ .bpp = 8, .depth = 8 },
};

#define PICK(table, byte) ((table)[(byte) % (sizeof (table) / sizeof *(table))])

/* The frame is a little larger than the rectangle on every side; what is around it must stay as it was. */
static void check_guard(const uint32_t *px, unsigned stride, unsigned w, unsigned h)
{
	for (unsigned y = 0; y < h + 2; y++)
		for (unsigned x = 0; x < w + 2; x++)
			if ((x == 0 || y == 0 || x > w || y > h) && px[y * stride + x] != 0xdeadbeefu)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n < HEADER)
		return 0;
	const int32_t encoding = PICK(encodings, bytes[0]);
	const struct pixel_format *f = &PICK(formats, bytes[1]);
	const unsigned w = 1 + bytes[2] % SIDE_MAX, h = 1 + bytes[3] % SIDE_MAX, stride = w + 2;
	uint32_t *px = malloc((size_t)stride * (h + 2) * sizeof *px);
	struct codec_frame frame = { px, stride, (uint16_t)(w + 2), (uint16_t)(h + 2) };
	struct codec_decoder *d = codec_decoder_new();

	if (!px || !d)
		abort();
	for (size_t i = 0; i < (size_t)stride * (h + 2); i++)
		px[i] = 0xdeadbeefu;
	codec_decoder_quality(d, bytes[4] % 11 - 1);
	bytes += HEADER;
	n -= HEADER;
	for (unsigned i = 0; i < 8; i++) {
		/* in two parts: the first is either enough or changes nothing */
		long long used = codec_decode(d, f, encoding, &frame, 1, 1, (uint16_t)w, (uint16_t)h, bytes, n / 2);
		if (used > (long long)(n / 2))
			abort();
		if (used == 0)
			used = codec_decode(d, f, encoding, &frame, 1, 1, (uint16_t)w, (uint16_t)h, bytes, n);
		if (used > (long long)n)
			abort();
		if (used <= 0)
			break;
		bytes += used;
		n -= (size_t)used;
	}
	check_guard(px, stride, w, h);
	codec_decoder_free(d);
	free(px);
	return 0;
}
