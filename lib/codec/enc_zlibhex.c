/* ZlibHex (rfbproto "zlibhex Encoding"): Hextile whose longer tiles are deflated, raw ones in one stream, the
 * others in another. The streams' blocks depend on nothing that came before. */
#include "codec/encode.h"
#include "codec/hextile.h"

/* A shorter tile does not gain from deflate. */
enum { SHORTEST = 40 };

/* The tile's bytes in e->raw; deflated when that is smaller. */
static void put_tile(struct job *j, const struct hex_plan *plan)
{
	struct wire_buf *out = job_out(j), *raw = &j->e->raw;
	const unsigned stream = plan->mask & HEX_RAW ? 0 : 1;
	size_t at = out->len + 1;

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
	const struct pack k = pack_pixel(&j->p->format);
	struct hex_carry c = { 0 };
	struct hex_plan plan;
	uint32_t px[HEX_TILE * HEX_TILE];

	job_header(j, r, CODEC_ZLIBHEX);
	for (unsigned y = 0; y < r.h; y += HEX_TILE) {
		unsigned h = r.h - y < HEX_TILE ? r.h - y : HEX_TILE;
		const uint32_t *strip = job_values(j, (struct rect){ r.x, r.y + y, r.w, h });
		for (unsigned x = 0; strip && x < r.w; x += HEX_TILE) {
			unsigned w = r.w - x < HEX_TILE ? r.w - x : HEX_TILE;
			tile_copy(px, strip + x, r.w, w, h);
			hex_plan(&plan, &j->e->palette, &c, px, w, h, k.bytes);
			wire_buf_reset(&j->e->raw);
			hex_put_body(&j->e->raw, &k, &plan, px, (size_t)w * h);
			put_tile(j, &plan);
			hex_carry_on(&c, &plan);
		}
	}
}
