/* Units leave out the two bytes that open a zlib stream; a connection gets them once per stream. */
#include "codec/codec.h"

enum { HEADER = 0x7801, RECT_HEADER = 12 };

static bool *stream_of(const struct codec_unit *u, struct codec_streams *s)
{
	return (int32_t)wire_ld32be(u->out.data + 8) == CODEC_ZLIB ? &s->zlib : &s->zrle;
}

bool codec_unit_is_plain(const struct codec_unit *u, const struct codec_streams *s)
{
	if (u->zlib)
		return *stream_of(u, (struct codec_streams *)s);
	return (u->hex_at[0] == 0 || s->hex[0]) && (u->hex_at[1] == 0 || s->hex[1]);
}

/* A rectangle with a u32 length after its header. */
static void put_zlib(const struct codec_unit *u, struct wire_buf *out)
{
	const uint8_t *p = u->out.data;

	wire_put(out, p, RECT_HEADER);
	wire_put_u32be(out, wire_ld32be(p + RECT_HEADER) + 2);
	wire_put_u16be(out, HEADER);
	wire_put(out, p + RECT_HEADER + 4, u->out.len - RECT_HEADER - 4);
}

/* Up to two u16 lengths, in either order. */
static void put_hex(const struct codec_unit *u, struct codec_streams *s, struct wire_buf *out)
{
	const unsigned first = u->hex_at[0] && (u->hex_at[1] == 0 || u->hex_at[0] < u->hex_at[1]) ? 0 : 1;
	size_t from = 0;

	for (unsigned i = 0; i < 2; i++) {
		unsigned k = i ? 1 - first : first;
		size_t at = u->hex_at[k];
		if (at == 0 || s->hex[k])
			continue;
		s->hex[k] = true;
		wire_put(out, u->out.data + from, at - from);
		wire_put_u16be(out, (uint16_t)(wire_ld16be(u->out.data + at) + 2));
		wire_put_u16be(out, HEADER);
		from = at + 2;
	}
	wire_put(out, u->out.data + from, u->out.len - from);
}

bool codec_unit_put(const struct codec_unit *u, struct codec_streams *s, struct wire_buf *out)
{
	if (codec_unit_is_plain(u, s)) {
		wire_put(out, u->out.data, u->out.len);
	} else if (u->zlib) {
		put_zlib(u, out);
		*stream_of(u, s) = true;
	} else {
		put_hex(u, s, out);
	}
	return !out->bad;
}
