/* Raw, CopyRect (RFC 6143, 7.7.1 and 7.7.2) and Zlib (rfbproto "zlib Encoding"). */
#include "codec/decode.h"

#include <string.h>

static void put_row(const struct dec *k, unsigned y, const uint8_t *bytes)
{
	pixel_from_wire(k->f, dec_row(k, 0, y), bytes, k->r.w);
}

long long dec_raw(struct dec *k, const uint8_t *bytes, size_t n)
{
	const size_t row = (size_t)k->r.w * pixel_bytes(k->f), need = row * k->r.h;

	if (n < need)
		return 0;
	for (unsigned y = 0; y < k->r.h; y++)
		put_row(k, y, bytes + y * row);
	return (long long)need;
}

long long dec_copyrect(struct dec *k, const uint8_t *bytes, size_t n)
{
	const size_t stride = k->to->stride;

	if (n < 4)
		return 0;
	unsigned sx = wire_ld16be(bytes), sy = wire_ld16be(bytes + 2);
	if (sx > k->to->w - k->r.w || sy > k->to->h - k->r.h)
		return CODEC_E_BAD;
	const uint32_t *src = k->to->px + sy * stride + sx;
	for (unsigned i = 0; i < k->r.h; i++) {
		unsigned y = sy < k->r.y ? k->r.h - 1 - i : i;
		memmove(dec_row(k, 0, y), src + y * stride, k->r.w * sizeof *src);
	}
	return 4;
}

long long dec_zlib(struct dec *k, const uint8_t *bytes, size_t n)
{
	struct inflate *z = &k->d->zlib;
	const size_t row = (size_t)k->r.w * pixel_bytes(k->f);

	if (n < 4 || n - 4 < wire_ld32be(bytes))
		return 0;
	size_t length = wire_ld32be(bytes);
	if (!inflate_feed(z, bytes + 4, length))
		return CODEC_E_SYSTEM;
	for (unsigned y = 0; row && y < k->r.h; y++)
		for (size_t at = 0, part; at < row; at += part) {
			part = row - at < DECODE_CHUNK ? row - at : DECODE_CHUNK;
			if (!inflate_get(z, k->d->chunk, part))
				return CODEC_E_BAD;
			unsigned bytes_each = pixel_bytes(k->f);
			pixel_from_wire(k->f, dec_row(k, (unsigned)(at / bytes_each), y), k->d->chunk, part / bytes_each);
		}
	return inflate_finish(z) ? 4 + (long long)length : CODEC_E_BAD;
}
