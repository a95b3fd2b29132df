/* Raw (RFC 6143, 7.7.1) and Zlib (rfbproto "zlib Encoding": Raw, deflated). */
#include "codec/encode.h"

/* About how many bytes are deflated at a time: bounds the memory, costs nothing in size. */
enum { PART = 1 << 20 };

static void put_rows(struct job *j, struct wire_buf *out, struct rect r)
{
	size_t row = (size_t)r.w * pixel_bytes(&j->p->format);
	uint8_t *to = wire_buf_grow(out, row * r.h);

	if (!to)
		return;
	for (unsigned y = 0; y < r.h; y++, to += row) {
		const uint32_t *px = j->src->px + (r.y + y) * j->src->stride + r.x;
		if (j->native && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
			job_convert(j, to, px, r.w);
		else
			pixel_to_wire(&j->p->format, to, px, r.w);
	}
}

void enc_raw(struct job *j, struct rect r)
{
	job_header(j, r, CODEC_RAW);
	put_rows(j, job_out(j), r);
}

void enc_zlib(struct job *j, struct rect r)
{
	struct wire_buf *out = job_out(j), *raw = &j->e->raw;
	unsigned rows = PART / (r.w * pixel_bytes(&j->p->format));

	job_header(j, r, CODEC_ZLIB);
	size_t at = out->len;
	wire_put_u32be(out, 0);
	rows = rows ? rows : 1;
	for (unsigned y = 0; y < r.h; y += rows) {
		wire_buf_reset(raw);
		put_rows(j, raw, (struct rect){ r.x, r.y + y, r.w, r.h - y < rows ? r.h - y : rows });
		out->bad |= raw->bad;
		deflate_put(j->e->deflate, out, raw->data, raw->len, j->level, DEFLATE_LARGE);
		if (out->bad)
			return;
	}
	job_length(j, at);
	j->unit->zlib = true;
}
