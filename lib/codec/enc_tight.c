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

/* What is sent exactly goes in pieces of this size: few enough pixels for a palette of their own. */
enum { PIECE_W = CONTENT_W / 2, PIECE_H = CONTENT_H / 2 };

/* Whether there is no need to look for pictures: one row in eight of the piece has very few colours. */
static bool is_plain(struct job *j, struct rect r)
{
	enum { VERY_FEW = 32, EVERY = 8 };
	uint32_t sample[PIECE_W * (PIECE_H / EVERY)];
	unsigned n = 0;

	for (unsigned y = 0; y < r.h; y += EVERY, n += r.w) {
		job_convert(j, sample + n, j->src->px + (r.y + y) * j->src->stride + r.x, r.w);
		if (y == 0 && !palette_scan(&j->e->palette, sample, r.w, VERY_FEW))
			return false;
	}
	return palette_scan(&j->e->palette, sample, n, VERY_FEW);
}

static void put_drawn(struct job *j, struct rect r)
{
	put_part(j, r, false);
}

/* Sends the parts of a piece that holds pictures, or may hold them. Without loss e->values are the piece's. */
static void put_measured(struct job *j, struct rect r)
{
	struct content content;
	struct content_part parts[CONTENT_PARTS];

	content_measure(&content, &j->p->format, j->src->px + r.y * j->src->stride + r.x, j->src->stride, r.w, r.h);
	unsigned n = content_cut(&content, may_lose(j), parts);
	if (n == 1 && !may_lose(j)) {
		put_exact(j, r, j->e->values);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct rect part = { parts[i].r.x + r.x, parts[i].r.y + r.y, parts[i].r.w, parts[i].r.h };
		if (parts[i].picture)
			put_part(j, part, true);
		else
			job_cut(j, part, PIECE_W, PIECE_H, put_drawn);
	}
}

/* Exactly, where few colours let us; nothing is gained by cutting it then. */
static void exact_piece(struct job *j, struct rect r)
{
	const uint32_t *px = job_values(j, r);

	if (px && !put_drawing(j, r, px))
		put_measured(j, r);
}

static void lossy_piece(struct job *j, struct rect r)
{
	if (is_plain(j, r))
		exact_piece(j, r);
	else
		put_measured(j, r);
}

/* Pieces that all may hold pictures are looked at together. */
static void lossy_pieces(struct job *j, struct rect r)
{
	bool together = true;

	for (unsigned y = 0; y < r.h && together; y += PIECE_H)
		for (unsigned x = 0; x < r.w && together; x += PIECE_W)
			together = !is_plain(j, (struct rect){ r.x + x, r.y + y, r.w - x < PIECE_W ? r.w - x : PIECE_W,
							       r.h - y < PIECE_H ? r.h - y : PIECE_H });
	if (together)
		put_measured(j, r);
	else
		job_cut(j, r, PIECE_W, PIECE_H, lossy_piece);
}

void enc_tight(struct job *j, struct rect r)
{
	if (may_lose(j))
		job_cut(j, r, CONTENT_W, CONTENT_H, lossy_pieces);
	else
		job_cut(j, r, PIECE_W, PIECE_H, exact_piece);
}
