/* Tight: cuts a rectangle into pieces and sends each the way that its content is smallest. */
#include "codec/tight.h"

enum { PIECE_AREA = 256 * 256 };

/* Whether indices and a palette are shorter than the pixels themselves. */
static bool palette_pays(const struct palette *p, unsigned bytes, size_t area)
{
	if (p->n == 2)
		return true;
	return bytes > 1 && area + p->n * bytes < area * bytes;
}

/* Smooth content, where differences are small but pixels are rarely repeated: the gradient filter. Looks at
 * one row in eight. */
static bool is_smooth(const struct job *j, const uint32_t *px, struct rect r)
{
	const struct pixel_format *f = &j->p->format;
	size_t same = 0, seen = 0, plain = 0, filtered = 0;

	if (f->bpp == 8 || r.w < 8 || r.h < 2)
		return false;
	for (unsigned y = 1; y < r.h; y += 8) {
		const uint32_t *row = px + (size_t)y * r.w, *above = row - r.w;
		for (unsigned x = 1; x < r.w; x++) {
			int left = (int)(row[x - 1] >> f->green_shift & f->green_max), up = (int)(above[x] >> f->green_shift & f->green_max);
			int here = (int)(row[x] >> f->green_shift & f->green_max);
			int p = left + up - (int)(above[x - 1] >> f->green_shift & f->green_max);
			p = p < 0 ? 0 : p > f->green_max ? f->green_max : p;
			seen++;
			same += row[x] == row[x - 1] || row[x] == above[x];
			filtered += (size_t)(here > p ? here - p : p - here);
			plain += (size_t)(here > left ? here - left : left - here);
		}
	}
	(void)plain;
	return same * 4 < seen && filtered < seen * f->green_max / 16;
}

static void piece(struct job *j, struct rect r)
{
	struct palette *p = &j->e->palette;
	const unsigned bytes = pack_tpixel(&j->p->format).bytes;
	const uint32_t *px = job_values(j, r);
	size_t area = (size_t)r.w * r.h;

	if (!px)
		return;
	if (palette_scan(p, px, area, PALETTE_MAX)) {
		if (p->n == 1) {
			tight_put_fill(j, r, px[0]);
			return;
		}
		if (palette_pays(p, bytes, area)) {
			tight_put_palette(j, r, px, p);
			return;
		}
	}
	if (is_smooth(j, px, r))
		tight_put_gradient(j, r, px);
	else
		tight_put_copy(j, r, px);
}

void enc_tight(struct job *j, struct rect r)
{
	unsigned w = r.w < TIGHT_WIDTH_MAX ? r.w : TIGHT_WIDTH_MAX;

	job_cut(j, r, w, PIECE_AREA / w, piece);
}
