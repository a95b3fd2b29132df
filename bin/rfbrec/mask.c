/* Masking keeps the true picture, because a copy may bring to light what was covered. */
#include "mask.h"

#include <errno.h>
#include <string.h>

struct area { int x, y, w, h; };

void mask_fini(struct mask *m)
{
	rec_picture_fini(&m->picture);
	wire_buf_fini(&m->scratch);
}

/* The common part of two areas; false when there is none. */
static bool common(struct area *out, const struct area *a, const struct mask_area *b)
{
	int x2 = a->x + a->w < b->x + (int)b->w ? a->x + a->w : b->x + (int)b->w;
	int y2 = a->y + a->h < b->y + (int)b->h ? a->y + a->h : b->y + (int)b->h;

	out->x = a->x > b->x ? a->x : b->x;
	out->y = a->y > b->y ? a->y : b->y;
	out->w = x2 - out->x;
	out->h = y2 - out->y;
	return out->w > 0 && out->h > 0;
}

static bool touches(const struct mask *m, const struct area *a)
{
	struct area part;

	for (unsigned i = 0; i < m->n; i++)
		if (common(&part, a, &m->areas[i]))
			return true;
	return false;
}

static void blacken(const struct mask *m, uint32_t *px, const struct area *a)
{
	struct area part;

	for (unsigned i = 0; i < m->n; i++)
		if (common(&part, a, &m->areas[i]))
			for (int y = 0; y < part.h; y++)
				memset(px + (size_t)(part.y - a->y + y) * (size_t)a->w + (part.x - a->x), 0, (size_t)part.w * 4);
}

/* The picture's pixels of an area, blackened, in records that are small enough. */
static int put_area(struct mask *m, const struct fbs_record *like, struct area a, rec_put put, void *arg)
{
	int band = (int)(FBS_DATA_MAX / ((unsigned)a.w * 4u)), left = a.h, result = 0;

	for (; left > 0 && !result; left -= a.h, a.y += a.h) {
		struct fbs_record r = { .type = FBS_PIXELS, .time_us = like->time_us };
		size_t row = (size_t)a.w * 4;

		a.h = left < band ? left : band;
		wire_buf_reset(&m->scratch);
		for (int y = 0; y < a.h; y++)
			wire_put(&m->scratch, m->picture.px + (size_t)(a.y + y) * m->picture.screen.w + a.x, row);
		if (m->scratch.bad) {
			errno = ENOMEM;
			return -1;
		}
		blacken(m, (uint32_t *)(void *)m->scratch.data, &a);
		r.pixels = (struct fbs_pixels){ (uint16_t)a.x, (uint16_t)a.y, (uint16_t)a.w, (uint16_t)a.h, FBS_RAW,
						m->scratch.data, (uint32_t)m->scratch.len };
		result = put(arg, &r);
	}
	return result;
}

int mask_record(struct mask *m, const struct fbs_record *r, rec_put put, void *arg)
{
	const struct fbs_pixels *p = &r->pixels;
	const struct fbs_copy *c = &r->copy;
	struct area to, from;
	int result;

	if (!m->n)
		return put(arg, r);
	result = rec_picture_apply(&m->picture, r);
	if (result) {
		errno = result == FBS_E_VALUE ? EILSEQ : ENOMEM;
		return -1;
	}
	if (r->type == FBS_PIXELS) {
		to = (struct area){ p->x, p->y, p->w, p->h };
		return touches(m, &to) ? put_area(m, r, to, put, arg) : put(arg, r);
	}
	if (r->type == FBS_COPY) {
		to = (struct area){ c->x, c->y, c->w, c->h };
		from = (struct area){ c->src_x, c->src_y, c->w, c->h };
		return touches(m, &to) || touches(m, &from) ? put_area(m, r, to, put, arg) : put(arg, r);
	}
	return put(arg, r);
}
