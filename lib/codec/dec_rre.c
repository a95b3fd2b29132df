/* RRE (RFC 6143, 7.7.3) and CoRRE (rfbproto). Subrectangles may overlap; what they paint together is limited, or
 * a few bytes each would paint the whole rectangle again and again. */
#include "codec/decode.h"

/* Times that every pixel may be painted, on average. */
enum { REPAINTS = 16 };

static bool put_subrect(const struct dec *k, unsigned x, unsigned y, unsigned w, unsigned h, uint32_t colour, uint64_t *budget)
{
	if (x > k->r.w || w > k->r.w - x || y > k->r.h || h > k->r.h - y || (uint64_t)w * h > *budget)
		return false;
	*budget -= (uint64_t)w * h;
	dec_fill(k, x, y, w, h, colour);
	return true;
}

static long long decode(struct dec *k, const uint8_t *bytes, size_t n, bool compact)
{
	const struct unpack u = unpack_pixel(k->f);
	const unsigned each = u.pack.bytes + (compact ? 4u : 8u);
	uint64_t budget = (uint64_t)k->r.w * k->r.h * REPAINTS;

	if (n < 4)
		return 0;
	const uint64_t count = wire_ld32be(bytes), need = 4 + u.pack.bytes + count * each;
	if (n < need)
		return 0;
	const uint8_t *p = bytes + 4;
	dec_fill(k, 0, 0, k->r.w, k->r.h, unpack1(&u, p));
	p += u.pack.bytes;
	for (uint64_t i = 0; i < count; i++, p += each) {
		const uint8_t *b = p + u.pack.bytes;
		uint32_t colour = unpack1(&u, p);
		bool good = compact ? put_subrect(k, b[0], b[1], b[2], b[3], colour, &budget) :
			put_subrect(k, wire_ld16be(b), wire_ld16be(b + 2), wire_ld16be(b + 4), wire_ld16be(b + 6), colour, &budget);
		if (!good)
			return CODEC_E_BAD;
	}
	return (long long)need;
}

long long dec_rre(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, bytes, n, false);
}

long long dec_corre(struct dec *k, const uint8_t *bytes, size_t n)
{
	return decode(k, bytes, n, true);
}
