/* The lengths of encoded rectangles, read from their headers: one function for each encoding. */
#include "span.h"

#include "codec/codec.h"
#include "wire/wire.h"

static long long span_tight(const struct rfb_rect *r, const uint8_t *p, size_t n)
{
	size_t at = 1, head, colours, bits = 24, rows = r->h, len;

	if (n < 1)
		return 0;
	if (p[0] >> 4 == 8)
		return 4;
	if (p[0] >> 4 != 9) {			/* basic */
		unsigned filter = 0;

		if (p[0] & 0x40) {
			if (n < 3)
				return 0;
			filter = p[at++];
		}
		if (filter == 1) {
			colours = p[at++] + 1u;
			at += colours * 3;
			bits = colours == 2 ? 1 : 8;
		}
		head = (r->w * bits + 7) / 8 * rows;
		if (head < 12)
			return (long long)(at + head);
	}
	if (n < at + 3)
		return 0;
	len = p[at] & 127u;
	if (p[at++] & 128) {
		len |= (p[at] & 127u) << 7;
		if (p[at++] & 128)
			len |= (size_t)p[at++] << 14;
	}
	return (long long)(at + len);
}

/* One tile's bytes; 0: more are needed to say. */
static size_t hextile_tile(size_t pixels, const uint8_t *p, size_t n)
{
	size_t len = 1;

	if (n < 1)
		return 0;
	if (p[0] & 1)
		return 1 + pixels * 4;
	len += (p[0] & 2 ? 4u : 0) + (p[0] & 4 ? 4u : 0);
	if (!(p[0] & 8))
		return len;
	return n <= len ? 0 : len + 1 + p[len] * (p[0] & 16 ? 6u : 2u);
}

static long long span_hextile(const struct rfb_rect *r, const uint8_t *p, size_t n)
{
	size_t at = 0;

	for (unsigned y = 0; y < r->h; y += 16)
		for (unsigned x = 0; x < r->w; x += 16) {
			size_t w = r->w - x < 16 ? r->w - x : 16, h = r->h - y < 16 ? r->h - y : 16;
			size_t len = hextile_tile(w * h, p + at, n - at);

			if (len == 0 || len > n - at)
				return 0;
			at += len;
		}
	return (long long)at;
}

static long long prefixed(const uint8_t *p, size_t n, size_t each, size_t more)
{
	return n < 4 ? 0 : (long long)(4 + more + (size_t)wire_ld32be(p) * each);
}

long long span_of(const struct rfb_rect *r, const uint8_t *bytes, size_t n)
{
	switch (r->encoding) {
	case CODEC_RAW: return (long long)r->w * r->h * 4;
	case CODEC_COPYRECT: return 4;
	case CODEC_RRE: return prefixed(bytes, n, 12, 4);
	case CODEC_CORRE: return prefixed(bytes, n, 8, 4);
	case CODEC_HEXTILE: return span_hextile(r, bytes, n);
	case CODEC_TIGHT: return span_tight(r, bytes, n);
	case CODEC_ZLIB: case CODEC_ZRLE: return prefixed(bytes, n, 1, 0);
	case CODEC_H264: return prefixed(bytes, n, 1, 4);
	default: return -1;
	}
}
