/* JPEG (rfbproto "JPEG Encoding"). The image's end is the only end that the rectangle has: its segments are walked
 * through up to the EOI marker. An image may lack tables; the decoder keeps those of earlier ones. */
#include "codec/decode.h"

#include <string.h>

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, RST0 = 0xd0, RST7 = 0xd7, TEM = 1, SIZE_MAX_IMAGE = 64 << 20 };

/* After the entropy-coded data at `at`: where the marker that ends it begins; n when it is not there yet. */
static size_t skip_scan(const uint8_t *bytes, size_t n, size_t at)
{
	while (at + 1 < n) {
		const uint8_t *p = memchr(bytes + at, 0xff, n - at - 1);
		if (!p)
			return n - 1;
		at = (size_t)(p - bytes);
		if (p[1] == 0xff) {
			at++;
			continue;
		}
		if (p[1] != 0 && !(p[1] >= RST0 && p[1] <= RST7))
			return at;
		at += 2;
	}
	return at;
}

/* The image's length: 0 when its end is not there, CODEC_E_BAD. progress->tile says whether `at` is inside a scan. */
static long long find_end(struct progress *g, const uint8_t *bytes, size_t n)
{
	for (;;) {
		if (g->at > SIZE_MAX_IMAGE)
			return CODEC_E_BAD;
		if (g->tile) {
			g->at = skip_scan(bytes, n, g->at);
			if (g->at + 1 >= n || bytes[g->at + 1] == 0xff)
				return 0;
			g->tile = 0;
		}
		if (g->at + 2 > n)
			return 0;
		const uint8_t *p = bytes + g->at;
		if (p[0] != 0xff || (g->at == 0) != (p[1] == SOI))
			return CODEC_E_BAD;
		if (p[1] == EOI)
			return (long long)g->at + 2;
		if (p[1] == SOI || p[1] == TEM) {
			g->at += 2;
			continue;
		}
		if (p[1] == 0xff) {
			g->at++;
			continue;
		}
		if (g->at + 4 > n)
			return 0;
		if (wire_ld16be(p + 2) < 2)
			return CODEC_E_BAD;
		g->tile = p[1] == SOS;
		g->at += 2u + wire_ld16be(p + 2);
	}
}

long long dec_jpeg(struct dec *k, const uint8_t *bytes, size_t n)
{
	if (k->f->bpp == 8 || !jpeg_available())
		return jpeg_available() ? CODEC_E_BAD : CODEC_E_UNKNOWN;
	long long length = find_end(&k->d->progress, bytes, n);
	if (length <= 0)
		return length;
	int error = jpeg_get(&k->d->jpeg_tables, dec_row(k, 0, 0), k->to->stride, k->r.w, k->r.h, bytes, (size_t)length);
	return error ? error : length;
}
