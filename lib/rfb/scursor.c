/* Cursor shapes off the wire, in any of their forms, to premultiplied ARGB. */
#include "rfb/smsg.h"

static void put_argb(struct wire_buf *out, uint32_t argb)
{
	wire_put_u32le(out, argb);
}

/* Scales the colours by alpha. */
static uint32_t premultiplied(unsigned r, unsigned g, unsigned b, unsigned a)
{
	return (uint32_t)a << 24 | (r * a + 127) / 255 << 16 | (g * a + 127) / 255 << 8 | (b * a + 127) / 255;
}

static bool bit(const uint8_t *map, size_t w, size_t x, size_t y)
{
	return map[y * ((w + 7) / 8) + x / 8] & 0x80 >> x % 8;
}

static void masked_cursor(struct wire_buf *out, const struct rfb_smsg *m, const struct pixel_format *f)
{
	size_t w = m->rect.w, h = m->rect.h;
	const uint8_t *mask = m->data.at + w * h * pixel_bytes(f);

	for (size_t y = 0; y < h; y++)
		for (size_t x = 0; x < w; x++) {
			uint32_t px;

			pixel_from_wire(f, &px, m->data.at + (y * w + x) * pixel_bytes(f), 1);
			put_argb(out, bit(mask, w, x, y) ? 0xff000000u | px : 0);
		}
}

static void two_coloured_cursor(struct wire_buf *out, const struct rfb_smsg *m)
{
	const uint8_t *c = m->data.at, *map = c + 6;
	size_t w = m->rect.w, h = m->rect.h;
	const uint8_t *mask = map + (w + 7) / 8 * h;

	for (size_t y = 0; y < h; y++)
		for (size_t x = 0; x < w; x++) {
			const uint8_t *rgb = bit(map, w, x, y) ? c : c + 3;

			put_argb(out, bit(mask, w, x, y) ? premultiplied(rgb[0], rgb[1], rgb[2], 255) : 0);
		}
}

/* VMware's classic form: where the AND mask keeps the screen, XOR would invert it, which ARGB cannot say: black then. */
static uint32_t classic_pixel(const uint8_t *and_at, const uint8_t *xor_at, const struct pixel_format *f)
{
	uint32_t and_px, xor_px;

	pixel_from_wire(f, &and_px, and_at, 1);
	pixel_from_wire(f, &xor_px, xor_at, 1);
	if (and_px == 0)
		return 0xff000000u | xor_px;
	return xor_px == 0 ? 0 : 0xff000000u;
}

static void vmware_cursor(struct wire_buf *out, const struct rfb_smsg *m, const struct pixel_format *f)
{
	size_t n = (size_t)m->rect.w * m->rect.h, size = pixel_bytes(f);
	const uint8_t *p = m->data.at + 2;

	for (size_t i = 0; i < n; i++)
		put_argb(out, m->data.at[0] ? premultiplied(p[4 * i], p[4 * i + 1], p[4 * i + 2], p[4 * i + 3])
					    : classic_pixel(p + i * size, p + (n + i) * size, f));
}

void rfb_smsg_cursor(struct wire_buf *out, const struct rfb_smsg *m, const struct pixel_format *f)
{
	size_t n = (size_t)m->rect.w * m->rect.h;
	const uint8_t *p = m->data.at + 4;

	if (n == 0)
		return;
	if (m->rect.encoding == RFB_PSEUDO_CURSOR)
		masked_cursor(out, m, f);
	else if (m->rect.encoding == RFB_PSEUDO_XCURSOR)
		two_coloured_cursor(out, m);
	else if (m->rect.encoding == RFB_PSEUDO_VMWARE_CURSOR)
		vmware_cursor(out, m, f);
	else
		for (size_t i = 0; i < n; i++)
			put_argb(out, (uint32_t)p[4 * i + 3] << 24 | (uint32_t)p[4 * i] << 16 | (uint32_t)p[4 * i + 1] << 8 | p[4 * i + 2]);
}
