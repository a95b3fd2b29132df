/* Tight and TightPNG: looks at a piece of the rectangle, cuts it into drawings and pictures where it holds both, and sends each the way
 * that is smallest: a colour, a palette, a JPEG where quality was asked for, differences, or the pixels. */
#include "codec/content.h"
#include "codec/tight.h"

/* JPEG's tables alone are 600 bytes: pictures of fewer pixels are sent exactly. */
enum { JPEG_AREA_MIN = 1024 };

static bool may_lose(const struct job *j)
{
	return j->p->quality > 0 && j->p->format.bpp >= 16 && jpeg_available();
}

/* Whether indices and a palette are shorter than the pixels themselves. */
static bool palette_pays(const struct palette *p, unsigned bytes, size_t area)
{
	if (p->n == 2)
		return true;
	return bytes > 1 && area + p->n * bytes < area * bytes;
}

/* --- parts of one kind ------------------------------------------------------------------------ */

static bool is_png(const struct job *j)
{
	return j->p->encoding == CODEC_TIGHTPNG;
}

static void put_exact(struct job *j, struct rect r, const uint32_t *px)
{
	bool smooth = gradient_pays(&j->p->format, px, r.w, r.h);

	if (is_png(j))
		tight_put_png(j, r, px, NULL, smooth);
	else if (smooth)
		tight_put_gradient(j, r, px);
	else
		tight_put_copy(j, r, px);
}

/* True when the pixels have few colours and went out as such. */
static bool put_drawing(struct job *j, struct rect r, const uint32_t *px)
{
	struct palette *p = &j->e->palette;
	size_t area = (size_t)r.w * r.h;

	if (!palette_scan(p, px, area, PALETTE_MAX))
		return false;
	if (p->n == 1) {
		tight_put_fill(j, r, px[0]);
		return true;
	}
	if (!palette_pays(p, is_png(j) ? 3 : pack_tpixel(&j->p->format).bytes, area))
		return false;
	if (is_png(j))
		tight_put_png(j, r, px, p, false);
	else
		tight_put_palette(j, r, px, p);
	return true;
}

static void put_part(struct job *j, struct rect r, bool picture)
{
	if (picture && may_lose(j) && r.w * r.h >= JPEG_AREA_MIN) {
		tight_put_jpeg(j, r);
		return;
	}
	const uint32_t *px = job_values(j, r);
	if (px && !put_drawing(j, r, px))
		put_exact(j, r, px);
}

/* --- pieces ------------------------------------------------------------------------------------- */

/* Whether there is no need to look for pictures: one row in eight of the piece has very few colours. */
static bool is_plain(struct job *j, struct rect r)
{
	enum { VERY_FEW = 32, EVERY = 8 };
	uint32_t sample[CONTENT_PIECE * (CONTENT_PIECE / EVERY)];
	unsigned n = 0;

	for (unsigned y = 0; y < r.h; y += EVERY, n += r.w)
		pixel_to_values(&j->p->format, sample + n, j->src->px + (r.y + y) * j->src->stride + r.x, r.w);
	return palette_scan(&j->e->palette, sample, n, VERY_FEW);
}

/* Sends the piece as it is when nothing can be gained by cutting it: exactly, where few colours let us. */
static bool put_whole(struct job *j, struct rect r)
{
	if (may_lose(j) && !is_plain(j, r))
		return false;
	const uint32_t *px = job_values(j, r);
	return !px || put_drawing(j, r, px);
}

static void piece(struct job *j, struct rect r)
{
	struct content content;
	struct content_part parts[CONTENT_PARTS];

	if (put_whole(j, r))
		return;
	content_measure(&content, &j->p->format, j->src->px + r.y * j->src->stride + r.x, j->src->stride, r.w, r.h);
	unsigned n = content_cut(&content, may_lose(j), parts);
	if (n == 1 && !may_lose(j)) {
		put_exact(j, r, j->e->values);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct rect part = parts[i].r;
		part.x += r.x;
		part.y += r.y;
		put_part(j, part, parts[i].picture);
	}
}

void enc_tight(struct job *j, struct rect r)
{
	job_cut(j, r, CONTENT_PIECE, CONTENT_PIECE, piece);
}
