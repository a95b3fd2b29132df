/* Frames of the stream's picture become frames of the scaled one, as records: the screen stages those as it does any. */
#include "scaler.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

int scaler_init(struct scaler *s, const struct scale *scale)
{
	memset(s, 0, sizeof *s);
	s->scale = *scale;
	return screen_init(&s->native);
}

void scaler_fini(struct scaler *s)
{
	screen_fini(&s->native);
}

static bool scales(const struct scaler *s)
{
	return s->scale.num || s->scale.w;
}

/* --- sizes -------------------------------------------------------------------------------- */

void scaler_size(const struct scaler *s, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h)
{
	if (!scales(s) || !scale_size(&s->scale, w, h, out_w, out_h)) {
		*out_w = w;
		*out_h = h;
	}
}

static void axes(const struct scaler *s, struct scale_axis *x, struct scale_axis *y)
{
	x->from = s->native.w;
	y->from = s->native.h;
	scaler_size(s, s->native.w, s->native.h, &x->to, &y->to);
}

void scaler_back(const struct scaler *s, const struct screen *to, int *x, int *y)
{
	if (!scales(s) || !s->native.ready)
		return;
	*x = scale_back((struct scale_axis){ s->native.w, to->w }, *x);
	*y = scale_back((struct scale_axis){ s->native.h, to->h }, *y);
}

/* A place between pixels, to the nearest. */
static int32_t back(const struct scaler *s, int64_t at)
{
	return (int32_t)((at * s->scale.den + s->scale.num / 2) / s->scale.num);
}

bool scaler_back_resize(const struct scaler *s, struct fbs_resize *r)
{
	if (!scales(s))
		return true;
	if (s->scale.w)
		return false;
	const struct scale inverse = { .num = s->scale.den, .den = s->scale.num };
	if (!scale_size(&inverse, r->w, r->h, &r->w, &r->h))
		return false;
	for (unsigned i = 0; i < r->n_outputs; i++) {
		struct fbs_output *o = &r->outputs[i];
		const int32_t x2 = back(s, (int64_t)o->x + o->w), y2 = back(s, (int64_t)o->y + o->h);
		*o = (struct fbs_output){ o->id, back(s, o->x), back(s, o->y), 0, 0 };
		o->w = x2 > o->x ? (uint32_t)(x2 - o->x) : 1;
		o->h = y2 > o->y ? (uint32_t)(y2 - o->y) : 1;
	}
	return true;
}

/* --- a frame of the scaled picture ------------------------------------------------------------ */

/* A frame that is put together: sticky failure. */
struct frame {
	struct scaler *s;
	struct screen *to;
	struct scale_axis x, y;
	bool failed;
};

static void put(struct frame *f, const struct fbs_record *r)
{
	const char *why;
	if (!f->failed && screen_apply(f->to, r, &why) < 0)
		f->failed = true;
}

/* An output keeps its neighbours: what two share is the same place for both. */
static struct fbs_output scaled_output(const struct frame *f, const struct fbs_output *o)
{
	const int64_t x1 = (int64_t)o->x * f->x.to / f->x.from, x2 = ((int64_t)o->x + o->w) * f->x.to / f->x.from;
	const int64_t y1 = (int64_t)o->y * f->y.to / f->y.from, y2 = ((int64_t)o->y + o->h) * f->y.to / f->y.from;
	return (struct fbs_output){ o->id, (int32_t)x1, (int32_t)y1, x2 > x1 ? (uint32_t)(x2 - x1) : 1, y2 > y1 ? (uint32_t)(y2 - y1) : 1 };
}

static void put_screen(struct frame *f)
{
	struct fbs_record r = { .type = FBS_SCREEN, .screen = f->s->native.layout };
	if (f->to->ready && (f->to->w != f->x.to || f->to->h != f->y.to))
		f->s->all = true;
	r.screen.w = f->x.to;
	r.screen.h = f->y.to;
	if (f->s->scale.w)
		r.screen.flags &= ~(uint32_t)FBS_SCREEN_RESIZABLE;
	for (unsigned i = 0; i < r.screen.n_outputs; i++)
		r.screen.outputs[i] = scaled_output(f, &f->s->native.layout.outputs[i]);
	put(f, &r);
}

static void put_box(struct frame *f, const pixman_box32_t *b)
{
	const size_t w = (size_t)(b->x2 - b->x1), h = (size_t)(b->y2 - b->y1);
	uint32_t *px = malloc(w * h * sizeof *px);
	if (!px || !scale_box(px, f->s->native.front, f->s->native.w, f->x, f->y, b)) {
		free(px);
		f->failed = true;
		return;
	}
	for (size_t i = 0; i < w * h; i++)
		px[i] = htole32(px[i]);
	const struct fbs_record r = { .type = FBS_PIXELS, .pixels = { (uint16_t)b->x1, (uint16_t)b->y1, (uint16_t)w, (uint16_t)h,
								      FBS_RAW, (const uint8_t *)px, (uint32_t)(w * h * 4) } };
	put(f, &r);
	free(px);
}

static void add_span(struct frame *f, pixman_region32_t *out, const pixman_box32_t *b)
{
	pixman_box32_t o;
	scale_span(f->x, b->x1, b->x2, &o.x1, &o.x2);
	scale_span(f->y, b->y1, b->y2, &o.y1, &o.y2);
	if (!pixman_region32_union_rect(out, out, o.x1, o.y1, (unsigned)(o.x2 - o.x1), (unsigned)(o.y2 - o.y1)))
		f->failed = true;
}

/* What depends on the pixels that the frame changed. */
static void find_changes(struct frame *f, pixman_region32_t *out, const struct screen_change *c)
{
	for (unsigned i = 0; i < c->n_ops; i++) {
		const struct screen_op *op = &c->ops[i];
		if (op->is_copy) {
			const struct fbs_copy *m = &op->copy;
			const pixman_box32_t to = { m->x, m->y, m->x + m->w, m->y + m->h };
			add_span(f, out, &to);
			continue;
		}
		int n;
		const pixman_box32_t *b = pixman_region32_rectangles((pixman_region32_t *)(uintptr_t)&op->damage, &n);
		for (; n > 0; n--, b++)
			add_span(f, out, b);
	}
}

static void put_pixels(struct frame *f, const struct screen_change *c)
{
	pixman_region32_t region;
	int n;
	pixman_region32_init(&region);
	if (f->s->all || (c->what & SCREEN_RESIZED))
		pixman_region32_union_rect(&region, &region, 0, 0, f->x.to, f->y.to);
	else
		find_changes(f, &region, c);
	const pixman_box32_t *b = pixman_region32_rectangles(&region, &n);
	for (; n > 0 && !f->failed; n--, b++)
		put_box(f, b);
	pixman_region32_fini(&region);
}

static void put_cursor(struct frame *f)
{
	const struct screen_cursor *c = &f->s->native.cursor;
	struct fbs_record r = { .type = FBS_CURSOR };
	if (!c->w || !c->h) {
		put(f, &r);
		return;
	}
	int32_t none, w, h;
	scale_span(f->x, 0, c->w, &none, &w);
	scale_span(f->y, 0, c->h, &none, &h);
	w = w > (int32_t)FBS_CURSOR_SIDE_MAX ? (int32_t)FBS_CURSOR_SIDE_MAX : w;
	h = h > (int32_t)FBS_CURSOR_SIDE_MAX ? (int32_t)FBS_CURSOR_SIDE_MAX : h;
	const struct scale_axis x = { c->w, (uint32_t)w }, y = { c->h, (uint32_t)h };
	uint32_t *argb = malloc((size_t)w * (size_t)h * sizeof *argb);
	if (!argb || !scale_box(argb, c->argb, c->w, x, y, &(pixman_box32_t){ 0, 0, w, h })) {
		free(argb);
		f->failed = true;
		return;
	}
	r.cursor = (struct fbs_cursor){ (uint16_t)w, (uint16_t)h, (int16_t)(c->hot_x * w / c->w), (int16_t)(c->hot_y * h / c->h),
					(const uint8_t *)argb };
	put(f, &r);
	free(argb);
}

static void put_pointer(struct frame *f)
{
	struct fbs_record r = { .type = FBS_POINTER, .pointer = f->s->native.pointer };
	r.pointer.x = (int32_t)((int64_t)r.pointer.x * f->x.to / f->x.from);
	r.pointer.y = (int32_t)((int64_t)r.pointer.y * f->y.to / f->y.from);
	put(f, &r);
}

static void put_states(struct frame *f, const struct screen_change *c)
{
	const struct screen *n = &f->s->native;
	if (c->what & SCREEN_CURSOR)
		put_cursor(f);
	if (c->what & (SCREEN_POINTER | SCREEN_RESIZED))
		put_pointer(f);
	if (c->what & SCREEN_NAME)
		put(f, &(struct fbs_record){ .type = FBS_NAME, .name = { n->name, (uint32_t)strlen(n->name) } });
	if (c->what & SCREEN_LEDS)
		put(f, &(struct fbs_record){ .type = FBS_LEDS, .leds = { n->leds } });
	for (unsigned i = 0; i < c->bells; i++)
		put(f, &(struct fbs_record){ .type = FBS_BELL });
}

/* --- the screen's interface ---------------------------------------------------------------------- */

int scaler_apply(struct scaler *s, struct screen *to, const struct fbs_record *r, const char **why)
{
	return screen_apply(scales(s) ? &s->native : to, r, why);
}

void scaler_abort(struct scaler *s, struct screen *to)
{
	screen_abort(scales(s) ? &s->native : to);
}

static void tell_size(const struct frame *f)
{
	uint32_t w, h;
	if (!scale_size(&f->s->scale, f->x.from, f->y.from, &w, &h))
		cli_log(CLI_WARN, "--scale: %ux%u would become too large: it is shown as it is", f->x.from, f->y.from);
	else
		cli_log(CLI_INFO, "%ux%u is shown as %ux%u", f->x.from, f->y.from, f->x.to, f->y.to);
}

int scaler_commit(struct scaler *s, struct screen *to, bool keyframe, const struct screen_change **change)
{
	const struct screen_change *c;
	if (!scales(s))
		return screen_commit(to, keyframe, change);
	if (screen_commit(&s->native, keyframe, &c) < 0)
		return -1;
	struct frame f = { .s = s, .to = to };
	axes(s, &f.x, &f.y);
	if (c->what & SCREEN_RESIZED)
		tell_size(&f);
	if (c->what & (SCREEN_RESIZED | SCREEN_OUTPUTS))
		put_screen(&f);
	put_pixels(&f, c);
	put_states(&f, c);
	if (!f.failed && screen_commit(to, true, change) == 0) {	/* many a change is none after scaling */
		s->all = false;
		return 0;
	}
	screen_abort(to);
	s->all = true;
	return -1;
}
