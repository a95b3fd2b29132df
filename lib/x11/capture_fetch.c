/* Captures boxes of the screen into memory: by MIT-SHM straight into the segment, otherwise by
 * GetImage in bands. A fetch counts only if the screen did not change before its end; what it
 * took is kept for the next one otherwise. */
#include "x11/capture_state.h"

#include <X11/Xutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BAND_BYTES = 1 << 20,	/* of one GetImage reply */
	SHM_FAILURES_MAX = 3,	/* in a row, while the screen did not change */
	FAILURES_MAX = 20,
};

static bool shm_get(struct x11_capture *c, struct capture_memory *m, int x, int y, unsigned w, unsigned h, size_t offset)
{
	unsigned before = x11_display_errors();
	XImage *image = XShmCreateImage(c->dpy, DefaultVisual(c->dpy, DefaultScreen(c->dpy)), c->pixels.format.depth,
					ZPixmap, (char *)m->p + offset, &m->info, w, h);
	bool good;

	if (!image)
		return false;
	good = XShmGetImage(c->dpy, c->root, image, x, y, AllPlanes) && x11_display_errors() == before;
	image->data = NULL;
	XDestroyImage(image);
	return good;
}

static bool plain_get(struct x11_capture *c, int x, int y, unsigned w, unsigned h, uint32_t *dst)
{
	const struct capture_format *f = &c->pixels.format;
	const size_t stride = capture_format_stride(f, w);
	unsigned rows = stride < BAND_BYTES ? (unsigned)(BAND_BYTES / stride) : 1;

	for (unsigned at = 0; at < h; at += rows) {
		unsigned n = h - at < rows ? h - at : rows, before = x11_display_errors();
		XImage *image = XGetImage(c->dpy, c->root, x, y + (int)at, w, n, AllPlanes, ZPixmap);
		bool good = image && x11_display_errors() == before && (unsigned)image->bits_per_pixel == f->bpp;

		if (good)
			capture_format_convert(f, dst + (size_t)at * w, (const uint8_t *)image->data, w, n,
					       (size_t)w * 4, (size_t)image->bytes_per_line);
		if (image)
			XDestroyImage(image);
		if (!good)
			return false;
	}
	return true;
}

bool capture_fetch_rect(struct x11_capture *c, unsigned x, unsigned y, unsigned w, unsigned h, size_t offset)
{
	struct capture_pixels *p = &c->pixels;
	const int rx = c->screen.now.origin_x + (int)x, ry = c->screen.now.origin_y + (int)y;
	uint32_t *dst = (uint32_t *)(p->out.p + offset);

	if (c->screen.hidden) {
		memset(dst, 0, (size_t)w * h * 4);
		return true;
	}
	if (!p->use_shm)
		return plain_get(c, rx, ry, w, h, dst);
	if (p->format.direct)
		return shm_get(c, &p->out, rx, ry, w, h, offset);
	if (!shm_get(c, &p->raw, rx, ry, w, h, 0))
		return false;
	capture_format_convert(&p->format, dst, p->raw.p, w, h, (size_t)w * 4, capture_format_stride(&p->format, w));
	return true;
}

void capture_fetch_reset(struct x11_capture *c)
{
	c->damage.whole = true;
	c->hash.valid = false;
	c->news |= X11_NEWS_PIXELS;
}

/* Boxes packed one after the other. */
static bool fetch_boxes(struct x11_capture *c, const pixman_box32_t *b, unsigned n)
{
	size_t offset = 0;

	for (unsigned i = 0; i < n; i++) {
		const unsigned w = (unsigned)(b[i].x2 - b[i].x1), h = (unsigned)(b[i].y2 - b[i].y1);

		if (!capture_fetch_rect(c, (unsigned)b[i].x1, (unsigned)b[i].y1, w, h, offset))
			return false;
		c->pixels.box[i] = (struct x11_box){
			.x = (uint16_t)b[i].x1, .y = (uint16_t)b[i].y1, .w = (uint16_t)w, .h = (uint16_t)h,
			.px = (const uint32_t *)(c->pixels.out.p + offset), .stride = (size_t)w * 4, .offset = offset,
		};
		offset += ((size_t)w * h * 4 + CAPTURE_ALIGN - 1) / CAPTURE_ALIGN * CAPTURE_ALIGN;
	}
	return true;
}

/* Boxes of the whole part, which capture_hash_look has captured. */
static void point_boxes(struct x11_capture *c, const pixman_box32_t *b, unsigned n)
{
	const size_t stride = (size_t)c->screen.now.w * 4;

	for (unsigned i = 0; i < n; i++) {
		const size_t offset = (size_t)b[i].y1 * stride + (size_t)b[i].x1 * 4;

		c->pixels.box[i] = (struct x11_box){
			.x = (uint16_t)b[i].x1, .y = (uint16_t)b[i].y1,
			.w = (uint16_t)(b[i].x2 - b[i].x1), .h = (uint16_t)(b[i].y2 - b[i].y1),
			.px = (const uint32_t *)(c->pixels.out.p + offset), .stride = stride, .offset = offset,
		};
	}
}

/* What is to be captured, and its boxes. False on an X error. */
static bool fetch(struct x11_capture *c, pixman_region32_t *region, unsigned *n)
{
	pixman_box32_t box[CAPTURE_BOXES_MAX];

	if (capture_format_refresh(c))
		c->damage.whole = true;
	if (!c->damage.have) {
		if (c->damage.whole)
			c->hash.valid = false;
		if (!capture_hash_look(c, region))
			return false;
		*n = capture_boxes(region, box);
		point_boxes(c, box, *n);
		return true;
	}
	capture_damage_take(c, region);
	*n = capture_boxes(region, box);
	return fetch_boxes(c, box, *n);
}

/* After an X error: MIT-SHM is given up when no change of the screen explains it, and in the end
 * the display. */
static int failed(struct x11_capture *c)
{
	const unsigned n = ++c->pixels.failures;

	c->screen.dirty = true;
	if (c->pixels.use_shm && n >= SHM_FAILURES_MAX)
		capture_memory_no_shm(c);
	if (n >= FAILURES_MAX)
		x11_lose(&c->lost, "display %s cannot be captured", c->display);
	capture_fetch_reset(c);
	return X11_FETCH_AGAIN;
}

int x11_capture_fetch(struct x11_capture *c, const struct x11_box **boxes)
{
	const uint64_t layout = c->screen.serial;
	pixman_region32_t region;
	unsigned n = 0;
	bool good;

	*boxes = c->pixels.box;
	if (c->lost.why[0])
		return X11_FETCH_AGAIN;
	if (!capture_memory_fit(c)) {
		x11_lose(&c->lost, "no memory to capture %ux%u pixels", c->screen.now.w, c->screen.now.h);
		return X11_FETCH_AGAIN;
	}
	c->news &= ~(unsigned)X11_NEWS_PIXELS;
	pixman_region32_init(&region);
	good = fetch(c, &region, &n);
	pixman_region32_fini(&region);
	if (!good)
		return failed(c);
	/* events that came before the last reply are in the queue by now: pixels of a screen that
	 * has meanwhile been changed are not told */
	c->damage.whole = false;
	x11_capture_news(c);
	if (c->lost.why[0] || c->screen.serial != layout)
		return X11_FETCH_AGAIN;
	c->pixels.failures = 0;
	capture_probe_start(c);
	return (int)n;
}
