/* Packed pixels to XRGB8888. Where every component has eight bits a pixel's bytes only change places. */
#include "codec/decode.h"

#include <string.h>

/* Where the byte of the value's bits `shift` and up belongs in XRGB8888; 255 for nowhere. */
static uint8_t place(const struct pixel_format *f, unsigned shift)
{
	return shift == f->red_shift ? 16 : shift == f->green_shift ? 8 : shift == f->blue_shift ? 0 : 255;
}

static struct unpack make(const struct pixel_format *f, struct pack k)
{
	struct unpack u = { .pack = k, .f = f };
	struct pack direct = { .bytes = k.bytes, .aligned = true };

	if (k.bytes != 3 || !f->true_colour || f->red_max != 255 || f->green_max != 255 || f->blue_max != 255)
		return u;
	for (unsigned i = 0; i < 3; i++) {
		direct.shift[i] = place(f, k.shift[i]);
		if (direct.shift[i] == 255)
			return u;
	}
	u.pack = direct;
	u.direct = true;
	return u;
}

struct unpack unpack_pixel(const struct pixel_format *f)
{
	return make(f, pack_pixel(f));
}

struct unpack unpack_cpixel(const struct pixel_format *f)
{
	return make(f, pack_cpixel(f));
}

struct unpack unpack_cpixel_values(const struct pixel_format *f)
{
	return (struct unpack){ .pack = pack_cpixel(f), .f = f, .direct = true };
}

struct unpack unpack_tpixel(const struct pixel_format *f)
{
	return make(f, pack_tpixel(f));
}

void unpack(const struct unpack *u, uint32_t *dst, const uint8_t *src, size_t n)
{
	uint32_t values[256];

	if (u->direct) {
		pack_get(&u->pack, dst, src, n);
		return;
	}
	if (u->pack.bytes == pixel_bytes(u->f)) {
		pixel_from_wire(u->f, dst, src, n);
		return;
	}
	for (size_t i = 0; i < n; i += 256) {
		size_t k = n - i < 256 ? n - i : 256;
		pack_get(&u->pack, values, src + i * u->pack.bytes, k);
		pixel_from_values(u->f, dst + i, values, k);
	}
}
