/* Server to client messages and rectangles without pixels. */
#include "rfb/put.h"

void rfb_put_format(struct wire_buf *out, const struct pixel_format *f)
{
	wire_put_u8(out, f->bpp);
	wire_put_u8(out, f->depth);
	wire_put_u8(out, f->big_endian);
	wire_put_u8(out, f->true_colour);
	wire_put_u16be(out, f->red_max);
	wire_put_u16be(out, f->green_max);
	wire_put_u16be(out, f->blue_max);
	wire_put_u8(out, f->red_shift);
	wire_put_u8(out, f->green_shift);
	wire_put_u8(out, f->blue_shift);
	wire_put_zero(out, 3);
}

void rfb_put_server_init(struct wire_buf *out, uint16_t w, uint16_t h, const struct pixel_format *f,
			 const char *name, size_t name_len)
{
	wire_put_u16be(out, w);
	wire_put_u16be(out, h);
	rfb_put_format(out, f);
	wire_put_u32be(out, (uint32_t)name_len);
	wire_put(out, name, name_len);
}

void rfb_put_tight_capabilities(struct wire_buf *out)
{
	wire_put_zero(out, 8);	/* no server messages, client messages, encodings; padding */
}

void rfb_put_update(struct wire_buf *out, uint16_t n_rects)
{
	wire_put_u8(out, 0);
	wire_put_u8(out, 0);
	wire_put_u16be(out, n_rects);
}

void rfb_put_colour_map(struct wire_buf *out, uint16_t first, uint16_t n, const uint32_t *xrgb)
{
	wire_put_u8(out, 1);
	wire_put_u8(out, 0);
	wire_put_u16be(out, first);
	wire_put_u16be(out, n);
	for (unsigned i = 0; i < n; i++) {
		wire_put_u16be(out, (uint16_t)((xrgb[i] >> 16 & 255) * 257));
		wire_put_u16be(out, (uint16_t)((xrgb[i] >> 8 & 255) * 257));
		wire_put_u16be(out, (uint16_t)((xrgb[i] & 255) * 257));
	}
}

void rfb_put_bell(struct wire_buf *out)
{
	wire_put_u8(out, 2);
}

static void put_type(struct wire_buf *out, uint8_t type)
{
	wire_put_u8(out, type);
	wire_put_zero(out, 3);
}

void rfb_put_cut_text(struct wire_buf *out, const uint8_t *latin1, uint32_t n)
{
	put_type(out, 3);
	wire_put_u32be(out, n);
	wire_put(out, latin1, n);
}

void rfb_put_fence(struct wire_buf *out, uint32_t flags, const uint8_t *payload, unsigned n)
{
	if (n > RFB_FENCE_MAX)
		n = RFB_FENCE_MAX;
	put_type(out, 248);
	wire_put_u32be(out, flags);
	wire_put_u8(out, (uint8_t)n);
	wire_put(out, payload, n);
}

void rfb_put_end_of_continuous(struct wire_buf *out)
{
	wire_put_u8(out, 150);
}

void rfb_put_xvp(struct wire_buf *out, uint8_t code)
{
	wire_put_u8(out, 250);
	wire_put_u8(out, 0);
	wire_put_u8(out, 1);
	wire_put_u8(out, code);
}

/* --- rectangles ------------------------------------------------------------------------- */

void rfb_put_rect(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, int32_t encoding)
{
	wire_put_u16be(out, x);
	wire_put_u16be(out, y);
	wire_put_u16be(out, w);
	wire_put_u16be(out, h);
	wire_put_u32be(out, (uint32_t)encoding);
}

void rfb_put_copy_rect(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, uint16_t src_x, uint16_t src_y)
{
	rfb_put_rect(out, x, y, w, h, 1);
	wire_put_u16be(out, src_x);
	wire_put_u16be(out, src_y);
}

void rfb_put_last_rect(struct wire_buf *out)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_LAST_RECT);
}

void rfb_put_desktop_size(struct wire_buf *out, uint16_t w, uint16_t h)
{
	rfb_put_rect(out, 0, 0, w, h, RFB_PSEUDO_DESKTOP_SIZE);
}

static void put_screen(struct wire_buf *out, const struct rfb_screen *s)
{
	wire_put_u32be(out, s->id);
	wire_put_u16be(out, s->x);
	wire_put_u16be(out, s->y);
	wire_put_u16be(out, s->w);
	wire_put_u16be(out, s->h);
	wire_put_u32be(out, s->flags);
}

void rfb_put_ext_desktop_size(struct wire_buf *out, uint16_t reason, uint16_t status, uint16_t w, uint16_t h,
			      const struct rfb_screen *screens, unsigned n)
{
	const struct rfb_screen whole = { .w = w, .h = h };

	if (n == 0) {
		screens = &whole;
		n = 1;
	}
	if (n > 255)
		n = 255;
	rfb_put_rect(out, reason, status, w, h, RFB_PSEUDO_EXT_DESKTOP_SIZE);
	wire_put_u8(out, (uint8_t)n);
	wire_put_zero(out, 3);
	for (unsigned i = 0; i < n; i++)
		put_screen(out, &screens[i]);
}

void rfb_put_desktop_name(struct wire_buf *out, const char *utf8, uint32_t n)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_DESKTOP_NAME);
	wire_put_u32be(out, n);
	wire_put(out, utf8, n);
}

void rfb_put_pointer_pos(struct wire_buf *out, uint16_t x, uint16_t y)
{
	rfb_put_rect(out, x, y, 0, 0, RFB_PSEUDO_POINTER_POS);
}

void rfb_put_vmware_pointer(struct wire_buf *out, uint16_t x, uint16_t y)
{
	rfb_put_rect(out, x, y, 0, 0, RFB_PSEUDO_VMWARE_POINTER);
}

void rfb_put_qemu_leds(struct wire_buf *out, uint8_t mask)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_QEMU_LEDS);
	wire_put_u8(out, mask);
}

void rfb_put_vmware_leds(struct wire_buf *out, uint32_t mask)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_VMWARE_LEDS);
	wire_put_u32be(out, mask);
}

void rfb_put_qemu_keys(struct wire_buf *out)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_QEMU_KEYS);
}

void rfb_put_ext_mouse(struct wire_buf *out)
{
	rfb_put_rect(out, 0, 0, 0, 0, RFB_PSEUDO_EXT_MOUSE);
}
