/* The part of the screen that a viewer sees: all of it, the region of its rule, or with -R view as much as it asked for. Everything inside is in the screen's
 * coordinates; here is where a viewer's own, which begin at the region's corner, are turned into them and back.
 *
 * A viewer's framebuffer has the region's size wherever the region lies; what lies beyond the screen is black. */
#include <stdlib.h>
#include <string.h>

#include "viewer.h"

enum { HEADER = 12 };	/* bytes of a rectangle's header: x, y first */

static pixman_box32_t intersect(pixman_box32_t a, pixman_box32_t b)
{
	pixman_box32_t r = { a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1, a.x2 < b.x2 ? a.x2 : b.x2, a.y2 < b.y2 ? a.y2 : b.y2 };
	return r.x1 < r.x2 && r.y1 < r.y2 ? r : (pixman_box32_t){ 0 };
}

pixman_box32_t viewer_frame(const struct viewer *v)
{
	const struct cli_limits *l = &v->limits;
	pixman_box32_t f = { 0, 0, (int32_t)v->w->screen.w, (int32_t)v->w->screen.h };
	if (l->w)
		f = (pixman_box32_t){ l->x, l->y, l->x + l->w, l->y + l->h };
	if (v->view_w && v->view_w < f.x2 - f.x1)
		f.x2 = f.x1 + v->view_w;
	if (v->view_h && v->view_h < f.y2 - f.y1)
		f.y2 = f.y1 + v->view_h;
	return f;
}

bool viewer_sees_part(const struct viewer *v)
{
	return v->limits.w || v->view_w;
}

/* Its framebuffer as it knows it. */
static pixman_box32_t sent_frame(const struct viewer *v)
{
	const pixman_box32_t f = viewer_frame(v);
	return (pixman_box32_t){ f.x1, f.y1, f.x1 + v->w_sent, f.y1 + v->h_sent };
}

pixman_box32_t viewer_bounds(const struct viewer *v)
{
	const struct screen *s = &v->w->screen;
	return intersect(intersect(viewer_frame(v), sent_frame(v)), (pixman_box32_t){ 0, 0, (int32_t)s->w, (int32_t)s->h });
}

bool viewer_clip(const struct viewer *v, const struct rfb_area *a, pixman_box32_t *out)
{
	const pixman_box32_t f = sent_frame(v);
	const pixman_box32_t asked = intersect(f, (pixman_box32_t){ f.x1 + a->x, f.y1 + a->y, f.x1 + a->x + a->w, f.y1 + a->y + a->h });
	*out = intersect(viewer_bounds(v), asked);
	return asked.x1 < asked.x2;
}

bool viewer_spot(const struct viewer *v, int *x, int *y)
{
	const pixman_box32_t f = viewer_frame(v), b = viewer_bounds(v);
	*x += f.x1;
	*y += f.y1;
	*x = *x < b.x1 ? b.x1 : *x >= b.x2 ? b.x2 - 1 : *x;
	*y = *y < b.y1 ? b.y1 : *y >= b.y2 ? b.y2 - 1 : *y;
	return b.x1 < b.x2;
}

void viewer_blank(struct viewer *v)
{
	pixman_box32_t f = sent_frame(v), b = viewer_bounds(v);
	pixman_region32_t seen;
	pixman_region32_clear(&v->blank);
	if (f.x1 >= f.x2 || f.y1 >= f.y2)
		return;
	pixman_region32_init_with_extents(&seen, &b);
	pixman_region32_union_rect(&v->blank, &v->blank, f.x1, f.y1, v->w_sent, v->h_sent);
	pixman_region32_subtract(&v->blank, &v->blank, &seen);
	pixman_region32_fini(&seen);
}

/* --- what happens on the screen ------------------------------------------------------------ */

/* The part of a copy that has both ends in what the viewer sees: false when there is none. */
static bool clip_copy(const struct viewer *v, const struct fbs_copy *c, struct fbs_copy *out)
{
	const pixman_box32_t b = viewer_bounds(v);
	const int dx = c->x - c->src_x, dy = c->y - c->src_y;
	pixman_box32_t d = intersect(b, (pixman_box32_t){ c->x, c->y, c->x + c->w, c->y + c->h });
	d = intersect(d, (pixman_box32_t){ b.x1 + dx, b.y1 + dy, b.x2 + dx, b.y2 + dy });
	*out = (struct fbs_copy){ (uint16_t)d.x1, (uint16_t)d.y1, (uint16_t)(d.x2 - d.x1), (uint16_t)(d.y2 - d.y1),
				  (uint16_t)(d.x1 - dx), (uint16_t)(d.y1 - dy) };
	return d.x1 < d.x2;
}

void viewer_copy(struct viewer *v, const struct fbs_copy *c)
{
	struct fbs_copy part;
	if (!viewer_sees_part(v)) {
		picture_copy(&v->pic, c);
		return;
	}
	pixman_region32_t rest;
	pixman_region32_init_rect(&rest, c->x, c->y, c->w, c->h);
	if (clip_copy(v, c, &part)) {
		pixman_region32_t moved;
		picture_copy(&v->pic, &part);
		pixman_region32_init_rect(&moved, part.x, part.y, part.w, part.h);
		pixman_region32_subtract(&rest, &rest, &moved);
		pixman_region32_fini(&moved);
	}
	picture_damage(&v->pic, &rest);
	pixman_region32_fini(&rest);
}

/* --- what is sent ------------------------------------------------------------------------------ */

static void put_place(uint8_t *header, struct view_origin o)
{
	wire_st16be(header, (uint16_t)(wire_ld16be(header) - o.x));
	wire_st16be(header + 2, (uint16_t)(wire_ld16be(header + 2) - o.y));
}

/* One rectangle: only its header is the viewer's own. More of them: all of it is, which costs a copy but no encoding. */
static void put_elsewhere(struct viewer *v, struct unit *unit, struct view_origin o)
{
	const struct codec_unit *e = &unit->enc;
	uint8_t header[HEADER];
	if (e->n_rects > CODEC_UNIT_RECTS) {
		viewer_doom(v, "a unit of too many rectangles");
		return;
	}
	if (e->n_rects == 1) {
		memcpy(header, e->out.data, HEADER);
		put_place(header, o);
		outq_put(&v->out, header, HEADER);
		outq_put_unit(&v->out, unit, HEADER);
		return;
	}
	uint8_t *own = malloc(e->out.len);
	if (!own) {
		v->out.bad = true;
		return;
	}
	memcpy(own, e->out.data, e->out.len);
	for (unsigned i = 0; i < e->n_rects; i++)
		put_place(own + e->rect_at[i], o);
	outq_put(&v->out, own, e->out.len);
	free(own);
}

void viewer_put_unit(struct viewer *v, struct unit *unit, struct view_origin o)
{
	struct wire_buf own = { 0 };
	if (codec_unit_is_plain(&unit->enc, &v->streams)) {
		if (o.x || o.y)
			put_elsewhere(v, unit, o);
		else
			outq_put_unit(&v->out, unit, 0);
		return;
	}
	if (!codec_unit_put(&unit->enc, &v->streams, &own))
		v->out.bad = true;
	else	/* always a single rectangle */
		put_place(own.data, o);
	outq_put(&v->out, own.data, own.len);
	wire_buf_fini(&own);
}
