/* The client's messages, written. */
#include "rfb/put.h"

static void put_type(struct wire_buf *out, uint8_t type, uint8_t flag)
{
	wire_put_u8(out, type);
	wire_put_u8(out, flag);
}

static void put_area(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	wire_put_u16be(out, x);
	wire_put_u16be(out, y);
	wire_put_u16be(out, w);
	wire_put_u16be(out, h);
}

void rfb_put_set_format(struct wire_buf *out, const struct pixel_format *f)
{
	put_type(out, 0, 0);
	wire_put_u16be(out, 0);
	rfb_put_format(out, f);
}

void rfb_put_set_encodings(struct wire_buf *out, const int32_t *list, uint16_t n)
{
	put_type(out, 2, 0);
	wire_put_u16be(out, n);
	for (unsigned i = 0; i < n; i++)
		wire_put_u32be(out, (uint32_t)list[i]);
}

void rfb_put_request(struct wire_buf *out, bool incremental, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	put_type(out, 3, incremental);
	put_area(out, x, y, w, h);
}

void rfb_put_key(struct wire_buf *out, uint32_t keysym, bool down)
{
	put_type(out, 4, down);
	wire_put_u16be(out, 0);
	wire_put_u32be(out, keysym);
}

void rfb_put_qemu_key(struct wire_buf *out, uint32_t keysym, uint32_t code, bool down)
{
	put_type(out, 255, 0);
	wire_put_u16be(out, down);
	wire_put_u32be(out, keysym);
	wire_put_u32be(out, code);
}

void rfb_put_pointer(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t buttons, bool extended)
{
	bool marked = extended && buttons >> 7;

	put_type(out, 5, marked ? (uint8_t)((buttons & 0x7f) | 0x80) : (uint8_t)(buttons & (extended ? 0x7f : 0xff)));
	wire_put_u16be(out, x);
	wire_put_u16be(out, y);
	if (marked)
		wire_put_u8(out, (uint8_t)(buttons >> 7));
}

void rfb_put_client_cut_text(struct wire_buf *out, const uint8_t *latin1, uint32_t n)
{
	put_type(out, 6, 0);
	wire_put_u16be(out, 0);
	wire_put_u32be(out, n);
	wire_put(out, latin1, n);
}

void rfb_put_continuous(struct wire_buf *out, bool enable, uint16_t x, uint16_t y, uint16_t w, uint16_t h)
{
	put_type(out, 150, enable);
	put_area(out, x, y, w, h);
}

void rfb_put_client_fence(struct wire_buf *out, uint32_t flags, const uint8_t *payload, unsigned n)
{
	rfb_put_fence(out, flags, payload, n);	/* the same bytes either way */
}

void rfb_put_set_desktop_size(struct wire_buf *out, uint16_t w, uint16_t h, const struct rfb_screen *screens, uint8_t n)
{
	put_type(out, 251, 0);
	wire_put_u16be(out, w);
	wire_put_u16be(out, h);
	wire_put_u8(out, n);
	wire_put_u8(out, 0);
	for (unsigned i = 0; i < n; i++) {
		wire_put_u32be(out, screens[i].id);
		put_area(out, screens[i].x, screens[i].y, screens[i].w, screens[i].h);
		wire_put_u32be(out, screens[i].flags);
	}
}
