/* Tight and TightPNG (rfbproto "Tight Encoding"). The header says how long everything is, so nothing is touched before all of
 * it is there; data is then inflated some rows at a time. */
#include "codec/decode.h"
#include "codec/png.h"
#include "codec/tight.h"

#include <string.h>

struct tight {
	struct dec *k;
	struct unpack unpack;
	uint8_t control, filter;
	unsigned n_colours;
	uint32_t colour[256];
	size_t row;			/* bytes of a row of filtered data */
	const uint8_t *data;
	size_t length;
	bool plain;			/* data is not compressed */
};

/* A length in one to three bytes; false when it is cut off. */
static bool get_length(struct wire_in *in, size_t *length)
{
	size_t n = 0;

	for (unsigned i = 0; i < 3; i++) {
		uint8_t b = wire_u8(in);
		n |= (size_t)(i < 2 ? b & 127 : b) << 7 * i;
		if (i < 2 && !(b & 128))
			break;
	}
	*length = n;
	return !in->bad;
}

/* --- the header: false when bytes are missing, *error when they are wrong -------------------------- */

static bool parse_palette(struct tight *t, struct wire_in *in)
{
	t->n_colours = wire_u8(in) + 1u;
	const uint8_t *p = wire_get(in, (size_t)t->n_colours * t->unpack.pack.bytes);
	if (!p)
		return false;
	unpack(&t->unpack, t->colour, p, t->n_colours);
	t->row = t->n_colours <= 2 ? (t->k->r.w + 7u) / 8 : t->k->r.w;
	return true;
}

static bool parse_filter(struct tight *t, struct wire_in *in, int *error)
{
	t->filter = t->control & TIGHT_FILTER ? wire_u8(in) : TIGHT_FILTER_COPY;
	t->row = (size_t)t->k->r.w * t->unpack.pack.bytes;
	if (in->bad)
		return false;
	if (t->filter == TIGHT_FILTER_PALETTE)
		return parse_palette(t, in);
	if (t->filter > TIGHT_FILTER_GRADIENT ||
	    (t->filter == TIGHT_FILTER_GRADIENT && (t->k->f->bpp == 8 || t->k->r.w > TIGHT_WIDTH_MAX)))
		*error = CODEC_E_BAD;
	return true;
}

static bool parse_data(struct tight *t, struct wire_in *in, int *error)
{
	size_t size = t->row * t->k->r.h;

	t->length = size;
	t->plain = size < TIGHT_PLAIN_MAX;
	if (!t->plain) {
		if (!get_length(in, &t->length))
			return false;
		if ((t->control & TIGHT_NO_ZLIB) == TIGHT_NO_ZLIB) {
			t->plain = true;
			if (t->length != size)
				*error = CODEC_E_BAD;
		}
	}
	t->data = wire_get(in, t->length);
	return t->data;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static bool put_indexed(const struct tight *t, uint32_t *to, const uint8_t *row)
{
	const unsigned w = t->k->r.w;

	if (t->n_colours > 2) {
		for (unsigned x = 0; x < w; x++) {
			if (row[x] >= t->n_colours)
				return false;
			to[x] = t->colour[row[x]];
		}
		return true;
	}
	for (unsigned x = 0; x < w; x++)
		to[x] = t->colour[row[x / 8] >> (7 - x % 8) & 1];
	return true;
}

/* The values of the gradient filter's last row. */
struct gradient { uint32_t rows[2][TIGHT_WIDTH_MAX]; };

static void put_gradient(const struct tight *t, struct gradient *g, unsigned y, const uint8_t *row)
{
	uint32_t *here = g->rows[y & 1], *above = g->rows[~y & 1];

	if (y == 0)
		memset(above, 0, sizeof g->rows[0]);
	if (t->unpack.pack.bytes == 3) {
		gradient_restore_rgb(dec_row(t->k, 0, y), y ? dec_row(t->k, 0, y - 1) : above, row, t->k->r.w);
		return;
	}
	gradient_restore(t->k->f, here, above, row, t->k->r.w);
	pixel_from_values(t->k->f, dec_row(t->k, 0, y), here, t->k->r.w);
}

static bool put_row(const struct tight *t, struct gradient *g, unsigned y, const uint8_t *row)
{
	switch (t->filter) {
	case TIGHT_FILTER_PALETTE:
		return put_indexed(t, dec_row(t->k, 0, y), row);
	case TIGHT_FILTER_GRADIENT:
		put_gradient(t, g, y, row);
		return true;
	default:
		unpack(&t->unpack, dec_row(t->k, 0, y), row, t->k->r.w);
		return true;
	}
}

static bool put_rows(const struct tight *t, struct inflate *z)
{
	struct gradient g;
	const unsigned h = t->k->r.h, at_once = (unsigned)(DECODE_CHUNK / t->row);

	for (unsigned y = 0; y < h; y += at_once) {
		unsigned rows = h - y < at_once ? h - y : at_once;
		const uint8_t *p = t->data + y * t->row;
		if (!t->plain) {
			if (!inflate_get(z, t->k->d->chunk, rows * t->row))
				return false;
			p = t->k->d->chunk;
		}
		for (unsigned i = 0; i < rows; i++, p += t->row)
			if (!put_row(t, &g, y + i, p))
				return false;
	}
	return true;
}

/* --- rectangles ------------------------------------------------------------------------------------ */

static void reset_streams(struct dec *k, uint8_t control)
{
	for (unsigned i = 0; i < 4; i++)
		if (control >> i & 1)
			inflate_restart(&k->d->tight[i]);
}

static long long basic(struct tight *t, struct wire_in *in, const uint8_t *bytes)
{
	struct inflate *z = &t->k->d->tight[t->control >> 4 & 3];
	int error = 0;

	if (!parse_filter(t, in, &error))
		return 0;
	if (error)
		return error;
	/* a row must fit into the chunk that rows are inflated into */
	if (t->row > DECODE_CHUNK)
		return CODEC_E_BAD;
	if (t->k->r.w == 0 || t->k->r.h == 0)
		return in->at - bytes;
	if (!parse_data(t, in, &error))
		return error;
	if (error)
		return error;
	reset_streams(t->k, t->control);
	if (!t->plain && !inflate_feed(z, t->data, t->length))
		return CODEC_E_SYSTEM;
	if (!put_rows(t, z) || (!t->plain && !inflate_finish(z)))
		return CODEC_E_BAD;
	return in->at - bytes;
}

static long long fill(struct tight *t, struct wire_in *in, const uint8_t *bytes)
{
	const uint8_t *p = wire_get(in, t->unpack.pack.bytes);

	if (!p)
		return 0;
	reset_streams(t->k, t->control);
	dec_fill(t->k, 0, 0, t->k->r.w, t->k->r.h, unpack1(&t->unpack, p));
	return in->at - bytes;
}

/* A JPEG or PNG image with its length. */
static long long image(struct tight *t, struct wire_in *in, const uint8_t *bytes, bool png)
{
	struct dec *k = t->k;
	size_t length;
	const uint8_t *p = get_length(in, &length) ? wire_get(in, length) : NULL;

	if (!p)
		return 0;
	if (!png && k->f->bpp == 8)
		return CODEC_E_BAD;
	reset_streams(k, t->control);
	int error = png ? png_get(dec_row(k, 0, 0), k->to->stride, k->r.w, k->r.h, p, length) :
			  jpeg_get(&k->d->jpeg, dec_row(k, 0, 0), k->to->stride, k->r.w, k->r.h, p, length);
	return error ? error : in->at - bytes;
}

long long dec_tight(struct dec *k, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);
	struct tight t = { .k = k, .unpack = unpack_tpixel(k->f), .control = wire_u8(&in) };

	if (in.bad)
		return 0;
	switch (t.control & 0xf0) {
	case TIGHT_FILL:
		return fill(&t, &in, bytes);
	case TIGHT_JPEG:
		return image(&t, &in, bytes, false);
	case TIGHT_NO_ZLIB:
	case TIGHT_NO_ZLIB | TIGHT_FILTER:
		return basic(&t, &in, bytes);
	default:
		return t.control & 0x80 ? CODEC_E_BAD : basic(&t, &in, bytes);
	}
}

long long dec_tightpng(struct dec *k, const uint8_t *bytes, size_t n)
{
	struct wire_in in = wire_in(bytes, n);
	struct tight t = { .k = k, .unpack = unpack_tpixel(k->f), .control = wire_u8(&in) };

	if (in.bad)
		return 0;
	switch (t.control & 0xf0) {
	case TIGHT_FILL:
		return fill(&t, &in, bytes);
	case TIGHT_JPEG:
		return image(&t, &in, bytes, false);
	case TIGHT_PNG:
		return image(&t, &in, bytes, true);
	default:
		return CODEC_E_BAD;
	}
}
