/* Tight rectangles as bytes (rfbproto "Tight Encoding"). What is compressed goes to stream 3, which every such
 * rectangle resets: each is a zlib stream of its own, cut off after its last byte of data. */
#include "codec/huffman.h"
#include "codec/png.h"
#include "codec/tight.h"

void tight_put_length(struct wire_buf *out, size_t n)
{
	wire_put_u8(out, (uint8_t)((n & 127) | (n > 127 ? 128 : 0)));
	if (n > 127)
		wire_put_u8(out, (uint8_t)((n >> 7 & 127) | (n > 16383 ? 128 : 0)));
	if (n > 16383)
		wire_put_u8(out, (uint8_t)(n >> 14));
}

enum { LENGTH_BYTES = 3 };

/* Leaves room for a length; returns where. What it counts is then appended. */
static size_t begin_length(struct wire_buf *out)
{
	const size_t at = out->len;

	wire_put_zero(out, LENGTH_BYTES);
	return at;
}

static void end_length(struct wire_buf *out, size_t at)
{
	if (out->bad)
		return;
	const size_t n = out->len - at - LENGTH_BYTES, bytes = n > 16383 ? 3 : n > 127 ? 2 : 1;

	if (n > TIGHT_LENGTH_MAX) {
		out->bad = true;
		return;
	}
	if (bytes < LENGTH_BYTES)
		memmove(out->data + at + bytes, out->data + at + LENGTH_BYTES, n);
	out->len = at;
	tight_put_length(out, n);
	out->len += n;
}

/* Differences of neighbours hold no matches worth looking for, but for somebody who wants it small. */
static void put_deflated(struct job *j, const struct wire_buf *data, bool differences)
{
	enum { FAST_MAX = 5 };
	struct wire_buf *out = job_out(j);
	const size_t at = begin_length(out);

	deflate_put_header(out);
	if (differences && j->level > 0 && j->level <= FAST_MAX)
		huffman_put_last(out, data->data, data->len);
	else
		deflate_put_last(j->e->deflate, out, data->data, data->len, j->level, DEFLATE_LARGE);
	end_length(out, at);
}

static void put_data(struct job *j, const struct wire_buf *data, bool differences)
{
	struct wire_buf *out = job_out(j);

	out->bad |= data->bad;
	if (out->bad)
		return;
	if (data->len < TIGHT_PLAIN_MAX) {
		wire_put(out, data->data, data->len);
	} else if (j->p->tight_nozlib) {
		tight_put_length(out, data->len);
		wire_put(out, data->data, data->len);
	} else {
		put_deflated(j, data, differences);
	}
}

static uint8_t basic(const struct job *j)
{
	return j->p->tight_nozlib ? TIGHT_NO_ZLIB : TIGHT_STREAM3_RESET;
}

static void put_colours(struct job *j, const uint32_t *colours, unsigned n)
{
	const struct pack k = pack_tpixel(&j->p->format);
	uint8_t *p = wire_buf_grow(job_out(j), (size_t)n * k.bytes);

	if (p)
		pack_put(&k, p, colours, n);
}

void tight_put_fill(struct job *j, struct rect r, uint32_t colour)
{
	job_header(j, r, j->p->encoding);
	wire_put_u8(job_out(j), TIGHT_FILL);
	put_colours(j, &colour, 1);
}

/* A bit for each pixel, set where it is not `zero`. */
static void put_bits(uint8_t *p, const uint32_t *px, uint32_t zero, unsigned w, unsigned h)
{
	for (unsigned y = 0; y < h; y++) {
		for (unsigned x = 0; x < w; x += 64) {
			unsigned n = w - x < 64 ? w - x : 64;
			uint64_t bits = ~scan_equal_to(px, zero, n) & scan_low_bits(n);
			px += n;
			/* lowest bit leftmost, to highest bit of the first byte leftmost */
			bits = (bits >> 1 & 0x5555555555555555u) | (bits & 0x5555555555555555u) << 1;
			bits = (bits >> 2 & 0x3333333333333333u) | (bits & 0x3333333333333333u) << 2;
			bits = (bits >> 4 & 0x0f0f0f0f0f0f0f0fu) | (bits & 0x0f0f0f0f0f0f0f0fu) << 4;
			for (unsigned i = 0; i < n; i += 8)
				*p++ = (uint8_t)(bits >> i);
		}
	}
}

void tight_put_palette(struct job *j, struct rect r, const uint32_t *px, const struct palette *p)
{
	struct wire_buf *raw = &j->e->raw, *out = job_out(j);
	size_t n = p->n == 2 ? (size_t)(r.w + 7) / 8 * r.h : (size_t)r.w * r.h;

	job_header(j, r, j->p->encoding);
	wire_put_u8(out, basic(j) | TIGHT_FILTER);
	wire_put_u8(out, TIGHT_FILTER_PALETTE);
	wire_put_u8(out, (uint8_t)(p->n - 1));
	put_colours(j, p->colour, p->n);
	wire_buf_reset(raw);
	uint8_t *to = wire_buf_grow(raw, n);
	if (to && p->n == 2)
		put_bits(to, px, p->colour[0], r.w, r.h);
	else if (to)
		palette_indices(p, to, px, n);
	put_data(j, raw, false);
}

void tight_put_copy(struct job *j, struct rect r, const uint32_t *px)
{
	const struct pack k = pack_tpixel(&j->p->format);
	struct wire_buf *raw = &j->e->raw;
	size_t n = (size_t)r.w * r.h;

	job_header(j, r, j->p->encoding);
	wire_put_u8(job_out(j), basic(j));
	wire_buf_reset(raw);
	uint8_t *to = wire_buf_grow(raw, n * k.bytes);
	if (to)
		pack_put(&k, to, px, n);
	put_data(j, raw, false);
}

void tight_put_gradient(struct job *j, struct rect r, const uint32_t *px)
{
	struct wire_buf *raw = &j->e->raw;

	job_header(j, r, j->p->encoding);
	wire_put_u8(job_out(j), basic(j) | TIGHT_FILTER);
	wire_put_u8(job_out(j), TIGHT_FILTER_GRADIENT);
	wire_buf_reset(raw);
	uint8_t *to = wire_buf_grow(raw, (size_t)r.w * r.h * pack_tpixel(&j->p->format).bytes);
	if (to)
		gradient_filter(&j->p->format, to, px, r.w, r.h);
	put_data(j, raw, true);
}

void tight_put_png(struct job *j, struct rect r, const uint32_t *px, const struct palette *p, bool smooth)
{
	struct wire_buf *out = job_out(j);

	job_header(j, r, CODEC_TIGHTPNG);
	wire_put_u8(out, TIGHT_PNG);
	const size_t at = begin_length(out);
	png_put(j->e->deflate, out, &j->e->raw, &j->p->format, px, r.w, r.h, p, smooth, j->level);
	end_length(out, at);
}

void tight_put_jpeg(struct job *j, struct rect r)
{
	struct wire_buf *out = job_out(j);

	job_header(j, r, j->p->encoding);
	wire_put_u8(out, TIGHT_JPEG);
	const size_t at = begin_length(out);
	jpeg_put(&j->e->jpeg, out, j->src->px + r.y * j->src->stride + r.x, j->src->stride, r.w, r.h, j->p->quality, j->p->subsample);
	end_length(out, at);
	j->unit->lossy = true;
}
