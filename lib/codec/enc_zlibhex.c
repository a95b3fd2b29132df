/* ZlibHex (rfbproto "zlibhex Encoding"): Hextile whose longer tiles are deflated, raw ones in one stream, the
 * others in another. The streams' blocks depend on nothing that came before. */
#include "codec/encode.h"
#include "codec/hextile.h"

/* A shorter tile does not gain from deflate. */
enum { SHORTEST = 40 };

/* Deflated when that is smaller. */
static void put_tile(struct job *j, const struct pack *k, const struct hex_plan *plan, const uint32_t *px, size_t n)
{
	struct wire_buf *out = job_out(j), *raw = &j->e->raw;
	const unsigned stream = plan->mask & HEX_RAW ? 0 : 1;
	size_t at = out->len + 1;

	wire_buf_reset(raw);
	hex_put_body(raw, k, plan, px, n);
	wire_put_u8(out, plan->mask & HEX_RAW ? HEX_ZLIB_RAW : plan->mask | HEX_ZLIB);
	wire_put_u16be(out, 0);
	if (raw->len >= SHORTEST)
		deflate_put(j->e->deflate, out, raw->data, raw->len, j->level, DEFLATE_SMALL);
	out->bad |= raw->bad;
	if (out->bad)
		return;
	size_t length = out->len - at - 2;
	/* the first of a connection is two bytes longer, and must still be worth it */
	if (raw->len >= SHORTEST && length + 4 < raw->len) {
		wire_set_u16be(out, at, (uint16_t)length);
		if (j->unit->hex_at[stream] == 0)
			j->unit->hex_at[stream] = at;
		return;
	}
	out->len = at - 1;
	wire_put_u8(out, plan->mask);
	wire_put(out, raw->data, raw->len);
}

void enc_zlibhex(struct job *j, struct rect r)
{
	hex_tiles(j, r, CODEC_ZLIBHEX, put_tile);
}
