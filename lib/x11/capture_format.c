/* Pixels of the server to XRGB8888. Servers of depth 24 and 32 already have it; all other true
 * colour goes through one table per channel, a colour map through one table. */
#include "x11/capture_state.h"

#include <X11/Xutil.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

static void channel_init(struct capture_format *f, int i, unsigned long mask)
{
	uint32_t max, bits;

	f->shift[i] = mask ? (unsigned)__builtin_ctzl(mask) : 0;
	max = (uint32_t)(mask >> f->shift[i]);
	for (bits = 0; bits < 32 && max >> bits; bits++)
		;
	if (bits > 10) {
		f->shift[i] += bits - 10;
		max = CAPTURE_LUT - 1;
	}
	f->max[i] = max;
	for (uint32_t v = 0; v <= max; v++)
		f->lut[i][v] = max ? ((v * 255 + max / 2) / max) << (16 - 8 * i) : 0;
}

static bool find_layout(struct x11_capture *c, struct capture_format *f)
{
	int n = 0;
	XPixmapFormatValues *v = XListPixmapFormats(c->dpy, &n);
	bool found = false;

	for (int i = 0; v && i < n; i++)
		if ((unsigned)v[i].depth == f->depth) {
			f->bpp = (unsigned)v[i].bits_per_pixel;
			f->pad = (unsigned)v[i].scanline_pad;
			found = true;
		}
	if (v)
		XFree(v);
	return found;
}

bool capture_format_init(struct x11_capture *c, char *why, size_t size)
{
	struct capture_format *f = &c->pixels.format;
	Visual *visual = DefaultVisual(c->dpy, DefaultScreen(c->dpy));
	const bool host_msb = htobe16(1) == 1;

	f->depth = (unsigned)DefaultDepth(c->dpy, DefaultScreen(c->dpy));
	if (!find_layout(c, f) || (f->bpp != 8 && f->bpp != 16 && f->bpp != 24 && f->bpp != 32)) {
		snprintf(why, size, "display %s: depth %u is not supported", c->display, f->depth);
		return false;
	}
	f->msb_first = ImageByteOrder(c->dpy) == MSBFirst;
	f->true_colour = visual->class == TrueColor || visual->class == DirectColor;
	f->map = DefaultColormap(c->dpy, DefaultScreen(c->dpy));
	if (!f->true_colour) {
		if (f->depth > 8) {
			snprintf(why, size, "display %s: a colour map of depth %u is not supported", c->display, f->depth);
			return false;
		}
		capture_format_refresh(c);
		return true;
	}
	f->direct = f->bpp == 32 && f->msb_first == host_msb && visual->red_mask == 0xff0000 &&
		    visual->green_mask == 0xff00 && visual->blue_mask == 0xff;
	channel_init(f, 0, visual->red_mask);
	channel_init(f, 1, visual->green_mask);
	channel_init(f, 2, visual->blue_mask);
	return true;
}

bool capture_format_refresh(struct x11_capture *c)
{
	struct capture_format *f = &c->pixels.format;
	const int n = 1 << f->depth;
	XColor colour[256];
	bool changed = false;
	unsigned before = x11_display_errors();

	if (f->true_colour)
		return false;
	memset(colour, 0, sizeof colour);
	for (int i = 0; i < n; i++)
		colour[i].pixel = (unsigned long)i;
	XQueryColors(c->dpy, f->map, colour, n);
	if (x11_display_errors() != before)
		return false;
	for (int i = 0; i < n; i++) {
		uint32_t v = (uint32_t)(colour[i].red >> 8) << 16 | (uint32_t)(colour[i].green >> 8) << 8 | colour[i].blue >> 8;

		changed |= f->lut[0][i] != v;
		f->lut[0][i] = v;
	}
	return changed;
}

size_t capture_format_stride(const struct capture_format *f, unsigned w)
{
	return ((size_t)w * f->bpp + f->pad - 1) / f->pad * (f->pad / 8);
}

static uint32_t load(const struct capture_format *f, const uint8_t *p)
{
	switch (f->bpp) {
	case 8:
		return p[0];
	case 16:
		return f->msb_first ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
	case 24:
		return f->msb_first ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]
				    : (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
	default:
		return f->msb_first ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
				    : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
	}
}

static void convert_row(const struct capture_format *f, uint32_t *dst, const uint8_t *src, unsigned w)
{
	const unsigned bytes = f->bpp / 8;

	if (!f->true_colour)
		for (unsigned x = 0; x < w; x++)
			dst[x] = f->lut[0][src[x]];
	else
		for (unsigned x = 0; x < w; x++, src += bytes) {
			uint32_t v = load(f, src);

			dst[x] = f->lut[0][v >> f->shift[0] & f->max[0]] | f->lut[1][v >> f->shift[1] & f->max[1]] |
				 f->lut[2][v >> f->shift[2] & f->max[2]];
		}
}

void capture_format_convert(const struct capture_format *f, uint32_t *dst, const uint8_t *src,
			    unsigned w, unsigned h, size_t dst_stride, size_t src_stride)
{
	for (unsigned y = 0; y < h; y++) {
		uint32_t *row = (uint32_t *)((uint8_t *)dst + y * dst_stride);

		if (f->direct)
			memcpy(row, src + y * src_stride, (size_t)w * 4);
		else
			convert_row(f, row, src + y * src_stride, w);
	}
}
