/* Cursor shapes in the four forms that viewers know. The toolkit's form is premultiplied ARGB; each form
 * here gets a visible part that some viewers can still handle: cropped around the hotspot, which lies inside. */
#include "rfb/put.h"

struct shape {
	const uint8_t *argb;	/* first pixel of the visible part */
	size_t stride;		/* bytes */
	uint16_t w, h, hot_x, hot_y;
};

/* Of `side`, a part of at most RFB_CURSOR_SIDE_MAX around the hotspot. Returns where it begins. */
static uint16_t crop(uint16_t side, int16_t hot, uint16_t *part, uint16_t *hot_in)
{
	int inside = hot < 0 ? 0 : hot >= side ? side - 1 : hot, begin = 0;

	*part = side;
	if (side > RFB_CURSOR_SIDE_MAX) {
		*part = RFB_CURSOR_SIDE_MAX;
		begin = inside - (int)RFB_CURSOR_SIDE_MAX / 2;
		if (begin < 0)
			begin = 0;
		if (begin > side - (int)RFB_CURSOR_SIDE_MAX)
			begin = side - (int)RFB_CURSOR_SIDE_MAX;
	}
	*hot_in = (uint16_t)(inside - begin);
	return (uint16_t)begin;
}

/* False: hidden. */
static bool visible(struct shape *s, const struct rfb_cursor *c)
{
	uint16_t x, y;

	if (c->w == 0 || c->h == 0)
		return false;
	x = crop(c->w, c->hot_x, &s->w, &s->hot_x);
	y = crop(c->h, c->hot_y, &s->h, &s->hot_y);
	s->stride = (size_t)c->w * 4;
	s->argb = c->argb + y * s->stride + (size_t)x * 4;
	return true;
}

static const uint8_t *pixel_at(const struct shape *s, unsigned x, unsigned y)
{
	return s->argb + y * s->stride + (size_t)x * 4;
}

static unsigned straight(unsigned premultiplied, unsigned alpha)
{
	unsigned v = alpha ? (premultiplied * 255 + alpha / 2) / alpha : 0;

	return v > 255 ? 255 : v;
}

/* 0xAARRGGBB with the alpha taken out of the colours. */
static uint32_t straight_pixel(const uint8_t p[4])
{
	unsigned a = p[3];

	return (uint32_t)a << 24 | straight(p[2], a) << 16 | straight(p[1], a) << 8 | straight(p[0], a);
}

static void put_shape_rect(struct wire_buf *out, const struct shape *s, int32_t encoding)
{
	rfb_put_rect(out, s->hot_x, s->hot_y, s->w, s->h, encoding);
}

/* One bit a pixel, rows padded to bytes, leftmost in the top bit; want says which pixels are 1. */
static void put_bits(struct wire_buf *out, const struct shape *s, bool (*want)(const uint8_t p[4]))
{
	for (unsigned y = 0; y < s->h; y++)
		for (unsigned x = 0; x < s->w; x += 8) {
			uint8_t byte = 0;

			for (unsigned i = 0; i < 8 && x + i < s->w; i++)
				if (want(pixel_at(s, x + i, y)))
					byte |= (uint8_t)(0x80 >> i);
			wire_put_u8(out, byte);
		}
}

static bool is_opaque(const uint8_t p[4])
{
	return p[3] >= 0x80;
}

static bool is_light(const uint8_t p[4])
{
	uint32_t c = straight_pixel(p);

	return is_opaque(p) && (c >> 16 & 255) * 299 + (c >> 8 & 255) * 587 + (c & 255) * 114 >= 128 * 1000;
}

void rfb_put_cursor(struct wire_buf *out, const struct rfb_cursor *c, const struct pixel_format *f)
{
	uint32_t row[RFB_CURSOR_SIDE_MAX];
	struct shape s;

	if (!visible(&s, c)) {
		rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_CURSOR);
		return;
	}
	put_shape_rect(out, &s, RFB_PSEUDO_CURSOR);
	for (unsigned y = 0; y < s.h; y++) {
		uint8_t *dst = wire_buf_grow(out, (size_t)s.w * pixel_bytes(f));

		if (!dst)
			return;
		for (unsigned x = 0; x < s.w; x++) {
			const uint8_t *p = pixel_at(&s, x, y);

			row[x] = is_opaque(p) ? straight_pixel(p) & 0xffffff : 0;
		}
		pixel_to_wire(f, dst, row, s.w);
	}
	put_bits(out, &s, is_opaque);
}

/* The mean colour of the opaque pixels that are light, or of those that are not; `none` when there are none. */
static uint32_t mean_colour(const struct shape *s, bool light, uint32_t none)
{
	uint64_t r = 0, g = 0, b = 0, n = 0;

	for (unsigned y = 0; y < s->h; y++)
		for (unsigned x = 0; x < s->w; x++) {
			const uint8_t *p = pixel_at(s, x, y);
			uint32_t c = straight_pixel(p);

			if (!is_opaque(p) || is_light(p) != light)
				continue;
			r += c >> 16 & 255;
			g += c >> 8 & 255;
			b += c & 255;
			n++;
		}
	return n ? (uint32_t)(r / n << 16 | g / n << 8 | b / n) : none;
}

static void put_colour(struct wire_buf *out, uint32_t xrgb)
{
	wire_put_u8(out, (uint8_t)(xrgb >> 16));
	wire_put_u8(out, (uint8_t)(xrgb >> 8));
	wire_put_u8(out, (uint8_t)xrgb);
}

void rfb_put_xcursor(struct wire_buf *out, const struct rfb_cursor *c)
{
	struct shape s;

	if (!visible(&s, c)) {
		rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_XCURSOR);
		return;
	}
	put_shape_rect(out, &s, RFB_PSEUDO_XCURSOR);
	put_colour(out, mean_colour(&s, true, 0xffffff));
	put_colour(out, mean_colour(&s, false, 0));
	put_bits(out, &s, is_light);
	put_bits(out, &s, is_opaque);
}

/* R, G, B, A bytes, as they are or with the alpha taken out of the colours. */
static void put_rgba(struct wire_buf *out, const struct shape *s, bool premultiplied)
{
	for (unsigned y = 0; y < s->h; y++)
		for (unsigned x = 0; x < s->w; x++) {
			const uint8_t *p = pixel_at(s, x, y);
			uint32_t c = premultiplied ? (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : straight_pixel(p);

			put_colour(out, c);
			wire_put_u8(out, p[3]);
		}
}

void rfb_put_alpha_cursor(struct wire_buf *out, const struct rfb_cursor *c)
{
	struct shape s = { 0 };

	if (!visible(&s, c))
		s = (struct shape){ 0 };
	put_shape_rect(out, &s, RFB_PSEUDO_ALPHA_CURSOR);
	wire_put_u32be(out, 0);	/* the pixels are Raw */
	put_rgba(out, &s, true);
}

void rfb_put_vmware_cursor(struct wire_buf *out, const struct rfb_cursor *c)
{
	static const uint8_t clear[4];
	struct shape s;

	if (!visible(&s, c))
		s = (struct shape){ .argb = clear, .stride = 4, .w = 1, .h = 1 };
	put_shape_rect(out, &s, RFB_PSEUDO_VMWARE_CURSOR);
	wire_put_u8(out, 1);	/* with alpha */
	wire_put_u8(out, 0);
	put_rgba(out, &s, false);
}

bool rfb_put_best_cursor(struct wire_buf *out, const struct rfb_cursor *c, const struct rfb_encodings *e, const struct pixel_format *f)
{
	if (rfb_can(e, RFB_CAP_ALPHA_CURSOR))
		rfb_put_alpha_cursor(out, c);
	else if (rfb_can(e, RFB_CAP_VMWARE_CURSOR))
		rfb_put_vmware_cursor(out, c);
	else if (rfb_can(e, RFB_CAP_CURSOR))
		rfb_put_cursor(out, c, f);
	else if (rfb_can(e, RFB_CAP_XCURSOR))
		rfb_put_xcursor(out, c);
	else
		return false;
	return true;
}
