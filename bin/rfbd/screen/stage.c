/* Putting the next frame together. Pixels and copies go straight into `back`, so the
 * memory is bounded by the screen's size whatever a source sends; everything else is
 * kept aside until the commit. An abort only marks what back has to fetch again. */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "pixels.h"

struct stage *stage_new(void)
{
	struct stage *st = calloc(1, sizeof *st);
	if (st)
		pixman_region32_init(&st->behind);
	return st;
}

static void change_clear(struct stage *st)
{
	for (unsigned i = 0; i < st->change.n_ops; i++)
		if (!st->change.ops[i].is_copy)
			pixman_region32_fini(&st->change.ops[i].damage);
	st->change.n_ops = 0;
	st->change.what = st->change.bells = 0;
}

void stage_free(struct stage *st)
{
	change_clear(st);
	free(st->change.ops);
	pixman_region32_fini(&st->behind);
	canvas_free(&st->back);
	free(st->boxes);
	free(st->runs);
	free(st->cursor.argb);
	codec_decoder_free(st->decoder);
	free(st);
}

/* --- records -------------------------------------------------------------------- */

/* A frame of the staged size to write to; what it holds is behind. */
static int make_back(struct stage *st)
{
	return st->back.px ? 0 : canvas_make(&st->back, st->w, st->h);
}

/* Whether front is the frame before this one, in the same size. */
static bool has_front(const struct stage *st, const struct screen *s)
{
	return s->ready && st->w == s->w && st->h == s->h;
}

/* All the pixels that the frame has touched so far, as one region. */
static bool touched_region(const struct stage *st, pixman_region32_t *all)
{
	if (!pixman_region32_init_rects(all, st->boxes, (int)st->n_boxes))
		return false;
	for (size_t i = 0; i < st->n_runs; i++)
		if (st->runs[i].is_copy &&
		    !pixman_region32_union_rect(all, all, st->runs[i].copy.x, st->runs[i].copy.y,
						st->runs[i].copy.w, st->runs[i].copy.h))
			return false;
	return true;
}

static void fetch(struct stage *st, const struct screen *s, pixman_region32_t *what)
{
	int n;
	const pixman_box32_t *b = pixman_region32_rectangles(what, &n);
	for (; n > 0; n--, b++)
		pixels_copy_box(st->back.px, s->front, st->w, b);
}

/* Fetches from front what back lacks and this frame has not written anew: often next to nothing. */
static int catch_up(struct stage *st, const struct screen *s)
{
	pixman_region32_t touched;
	if (make_back(st) < 0)
		return -1;
	if (!has_front(st, s) || !pixman_region32_not_empty(&st->behind))
		return 0;
	if (!touched_region(st, &touched))
		return -1;
	pixman_region32_subtract(&st->behind, &st->behind, &touched);
	pixman_region32_fini(&touched);
	fetch(st, s, &st->behind);
	pixman_region32_clear(&st->behind);
	return 0;
}

static bool overlap(const pixman_box32_t *a, const pixman_box32_t *b)
{
	return a->x1 < b->x2 && b->x1 < a->x2 && a->y1 < b->y2 && b->y1 < a->y2;
}

/* Grows an array to hold one more element. */
static bool room(void **array, size_t *cap, size_t n, size_t size)
{
	if (n < *cap)
		return true;
	size_t want = *cap ? *cap * 2 : 64;
	void *p = realloc(*array, want * size);
	if (!p)
		return false;
	*array = p;
	*cap = want;
	return true;
}

static int note_box(struct stage *st, const struct fbs_pixels *p)
{
	if (!room((void **)&st->boxes, &st->cap_boxes, st->n_boxes, sizeof *st->boxes))
		return -1;
	if (st->n_runs == 0 || st->runs[st->n_runs - 1].is_copy) {
		if (!room((void **)&st->runs, &st->cap_runs, st->n_runs, sizeof *st->runs))
			return -1;
		st->runs[st->n_runs++] = (struct stage_run){ .first = st->n_boxes };
	}
	st->runs[st->n_runs - 1].n++;
	st->boxes[st->n_boxes++] = (pixman_box32_t){ p->x, p->y, p->x + p->w, p->y + p->h };
	return 0;
}

static int apply_pixels(struct stage *st, const struct fbs_pixels *p, const char **why)
{
	if (note_box(st, p) < 0)
		return -1;
	pixman_box32_t box = { p->x, p->y, p->x + p->w, p->y + p->h };
	if (p->encoding == FBS_RAW) {
		pixels_put_raw(st->back.px, st->w, &box, p->data);
		return 0;
	}
	if (!st->decoder && !(st->decoder = codec_decoder_new()))
		return -1;
	struct codec_frame to = { st->back.px, st->w, (uint16_t)st->w, (uint16_t)st->h };
	long long used = codec_decode(st->decoder, &pixel_format_native, (int32_t)p->encoding, &to,
				      p->x, p->y, p->w, p->h, p->data, p->len);
	if (used == (long long)p->len)
		return 0;
	*why = used == CODEC_E_SYSTEM ? "out of memory" : used == CODEC_E_UNKNOWN ? "pixels in an unknown encoding" :
		"pixels that do not decode";
	return -1;
}

/* Whether this frame has written to the copy's source. */
static bool reads_written(const struct stage *st, const struct fbs_copy *c)
{
	const pixman_box32_t src = { c->src_x, c->src_y, c->src_x + c->w, c->src_y + c->h };
	for (size_t i = 0; i < st->n_boxes; i++)
		if (overlap(&st->boxes[i], &src))
			return true;
	for (size_t i = 0; i < st->n_runs; i++) {
		const struct fbs_copy *o = &st->runs[i].copy;
		const pixman_box32_t dst = { o->x, o->y, o->x + o->w, o->y + o->h };
		if (st->runs[i].is_copy && overlap(&dst, &src))
			return true;
	}
	return false;
}

/* Whether back holds nearly all that the copy makes of the whole picture, if it is only shifted; *by: by how much. */
static bool is_shift(const struct stage *st, const struct fbs_copy *c, ptrdiff_t *by)
{
	enum { REST = 4 };	/* what else there is of the picture is fetched twice: it must be less than so manieth of it */
	const uint64_t all = (uint64_t)st->w * st->h;
	*by = ((ptrdiff_t)c->src_y - c->y) * (ptrdiff_t)st->w + c->src_x - c->x;
	return *by != 0 && (all - (uint64_t)c->w * c->h) * REST < all;
}

/* All but the copy's destination is behind, then. */
static void leave_rest(struct stage *st, const struct fbs_copy *c)
{
	pixman_region32_t all, dst;
	pixman_region32_init_rect(&all, 0, 0, st->w, st->h);
	pixman_region32_init_rect(&dst, c->x, c->y, c->w, c->h);
	pixman_region32_subtract(&st->behind, &all, &dst);
	pixman_region32_fini(&all);
	pixman_region32_fini(&dst);
}

/* Applies a copy of nearly everything, the first thing in a frame. */
static bool shift_all(struct stage *st, const struct screen *s, const struct fbs_copy *c, ptrdiff_t by)
{
	if (canvas_has_room(&st->back, by)) {
		pixman_region32_t lacks;
		pixman_region32_init(&lacks);
		pixman_region32_intersect_rect(&lacks, &st->behind, c->src_x, c->src_y, c->w, c->h);
		fetch(st, s, &lacks);
		pixman_region32_fini(&lacks);
		canvas_shift(&st->back, by);
	} else if (canvas_rewind(&st->back, by)) {
		pixels_copy_from(st->back.px, s->front, st->w, c);
	} else {
		return false;
	}
	leave_rest(st, c);
	return true;
}

/* From front a copy is a single pass, and nothing has to be fetched before. A scroll that moves most of the screen is less. */
static int apply_copy(struct stage *st, const struct screen *s, const struct fbs_copy *c)
{
	ptrdiff_t by;
	if (make_back(st) < 0 || !room((void **)&st->runs, &st->cap_runs, st->n_runs, sizeof *st->runs))
		return -1;
	if (st->n_runs == 0 && has_front(st, s) && is_shift(st, c, &by) && shift_all(st, s, c, by))
		;
	else if (has_front(st, s) && !reads_written(st, c))
		pixels_copy_from(st->back.px, s->front, st->w, c);
	else if (catch_up(st, s) == 0)
		pixels_move(st->back.px, st->w, c);
	else
		return -1;
	st->runs[st->n_runs++] = (struct stage_run){ .is_copy = true, .copy = *c };
	return 0;
}

static int apply_screen(struct stage *st, const struct screen *s, const struct fbs_screen *layout)
{
	st->layout = *layout;
	st->layout.display = NULL;
	st->layout.display_len = 0;
	st->what |= SCREEN_OUTPUTS;
	if (layout->w == st->w && layout->h == st->h)
		return 0;
	canvas_free(&st->back);
	st->w = layout->w;
	st->h = layout->h;
	st->n_runs = st->n_boxes = 0;
	pixman_region32_clear(&st->behind);
	if (has_front(st, s))	/* back to the size of the current frame within one frame: all of it has to be fetched again */
		pixman_region32_union_rect(&st->behind, &st->behind, 0, 0, st->w, st->h);
	return make_back(st);
}

static int apply_cursor(struct stage *st, const struct fbs_cursor *c)
{
	size_t n = (size_t)c->w * c->h * 4;
	uint32_t *argb = NULL;
	if (n) {
		argb = malloc(n);
		if (!argb)
			return -1;
		memcpy(argb, c->argb, n);
	}
	free(st->cursor.argb);
	int hx = c->hot_x < 0 ? 0 : c->hot_x, hy = c->hot_y < 0 ? 0 : c->hot_y;
	st->cursor = (struct screen_cursor){ c->w, c->h, (uint16_t)(c->w && hx >= c->w ? c->w - 1 : hx),
					     (uint16_t)(c->h && hy >= c->h ? c->h - 1 : hy), argb, 0 };
	st->what |= SCREEN_CURSOR;
	return 0;
}

int stage_apply(struct stage *st, struct screen *s, const struct fbs_record *r, const char **why)
{
	int rc = 0;
	*why = "out of memory";
	switch (r->type) {
	case FBS_SCREEN:
		rc = apply_screen(st, s, &r->screen);
		break;
	case FBS_PIXELS:
		rc = make_back(st) < 0 ? -1 : apply_pixels(st, &r->pixels, why);
		break;
	case FBS_COPY:
		rc = apply_copy(st, s, &r->copy);
		break;
	case FBS_CURSOR:
		rc = apply_cursor(st, &r->cursor);
		break;
	case FBS_POINTER:
		st->pointer = r->pointer;
		st->what |= SCREEN_POINTER;
		break;
	case FBS_NAME:
		memcpy(st->name, r->name.text, r->name.len);
		st->name[r->name.len] = '\0';
		st->what |= SCREEN_NAME;
		break;
	case FBS_LEDS:
		st->leds = r->leds.mask;
		st->what |= SCREEN_LEDS;
		break;
	case FBS_BELL:
		st->bells++;
		break;
	case FBS_SHARED:
	case FBS_DAMAGE:
		*why = "shared pixels without fbdiff -m in between";
		rc = -1;
		break;
	}
	return rc;
}

/* --- the end of a frame ------------------------------------------------------------ */

void stage_abort(struct stage *st, struct screen *s)
{
	if (st->w != s->w || st->h != s->h || !s->ready) {
		canvas_free(&st->back);
		st->w = s->w;
		st->h = s->h;
		pixman_region32_clear(&st->behind);
		if (s->ready)
			pixman_region32_union_rect(&st->behind, &st->behind, 0, 0, s->w, s->h);
	} else {
		for (size_t i = 0; i < st->n_boxes; i++) {
			const pixman_box32_t *b = &st->boxes[i];
			pixman_region32_union_rect(&st->behind, &st->behind, b->x1, b->y1,
						   (unsigned)(b->x2 - b->x1), (unsigned)(b->y2 - b->y1));
		}
		for (size_t i = 0; i < st->n_runs; i++) {
			const struct fbs_copy *c = &st->runs[i].copy;
			if (st->runs[i].is_copy)
				pixman_region32_union_rect(&st->behind, &st->behind, c->x, c->y, c->w, c->h);
		}
	}
	st->n_boxes = st->n_runs = 0;
	st->what = st->bells = 0;
	free(st->cursor.argb);
	st->cursor.argb = NULL;
}

static struct screen_op *next_op(struct stage *st)
{
	size_t cap = st->cap_ops;
	if (!room((void **)&st->change.ops, &cap, st->change.n_ops, sizeof *st->change.ops))
		return NULL;
	st->cap_ops = (unsigned)cap;
	return &st->change.ops[st->change.n_ops];
}

/* One operation: what differs between back and front within what the frame touched. */
static int prepare_compared(struct stage *st, const struct screen *s)
{
	pixman_region32_t all;
	struct screen_op *op = next_op(st);
	if (!op || !touched_region(st, &all))
		return -1;
	op->is_copy = false;
	pixman_region32_init(&op->damage);
	bool ok = pixels_differ(&op->damage, &all, st->back.px, s->front, st->w);
	pixman_region32_fini(&all);
	if (ok && pixman_region32_not_empty(&op->damage))
		st->change.n_ops++;
	else
		pixman_region32_fini(&op->damage);
	return ok ? 0 : -1;
}

static int prepare_ops(struct stage *st)
{
	for (size_t i = 0; i < st->n_runs; i++) {
		const struct stage_run *run = &st->runs[i];
		struct screen_op *op = next_op(st);
		if (!op)
			return -1;
		op->is_copy = run->is_copy;
		if (run->is_copy)
			op->copy = run->copy;
		else if (!pixman_region32_init_rects(&op->damage, st->boxes + run->first, (int)run->n))
			return -1;
		st->change.n_ops++;
	}
	return 0;
}

int stage_prepare(struct stage *st, const struct screen *s, bool compare, bool resized)
{
	change_clear(st);
	if (resized) {
		struct screen_op *op = next_op(st);
		if (!op || catch_up(st, s) < 0)
			return -1;
		op->is_copy = false;
		pixman_region32_init_rect(&op->damage, 0, 0, st->w, st->h);
		st->change.n_ops = 1;
		return 0;
	}
	if (st->n_runs == 0)
		return 0;
	if (catch_up(st, s) < 0)
		return -1;
	return compare ? prepare_compared(st, s) : prepare_ops(st);
}

/* Records what back lacks after the exchange: what this frame brought, but for a scroll that it can follow by a shift. */
static void fall_behind(struct stage *st)
{
	const struct screen_op *ops = st->change.ops;
	ptrdiff_t by;
	const bool shifted = st->change.n_ops > 0 && ops[0].is_copy && is_shift(st, &ops[0].copy, &by) && canvas_has_room(&st->back, by);
	if (shifted) {
		canvas_shift(&st->back, by);
		leave_rest(st, &ops[0].copy);
	}
	for (unsigned i = shifted; i < st->change.n_ops; i++) {
		struct screen_op *op = &st->change.ops[i];
		if (op->is_copy)
			pixman_region32_union_rect(&st->behind, &st->behind, op->copy.x, op->copy.y, op->copy.w, op->copy.h);
		else
			pixman_region32_union(&st->behind, &st->behind, &op->damage);
	}
}

static void adopt_cursor(struct stage *st, struct screen *s)
{
	struct screen_cursor *a = &s->cursor, *b = &st->cursor;
	bool same = a->serial && a->w == b->w && a->h == b->h && a->hot_x == b->hot_x && a->hot_y == b->hot_y &&
		memcmp(a->argb ? a->argb : (void *)"", b->argb ? b->argb : (void *)"", (size_t)a->w * a->h * 4) == 0;
	if (same) {
		free(b->argb);
	} else {
		free(a->argb);
		b->serial = a->serial + 1;
		*a = *b;
		st->change.what |= SCREEN_CURSOR;
	}
	b->argb = NULL;
}

static bool same_layout(const struct fbs_screen *a, const struct fbs_screen *b)
{
	return a->flags == b->flags && a->n_outputs == b->n_outputs &&
		memcmp(a->outputs, b->outputs, a->n_outputs * sizeof a->outputs[0]) == 0;
}

static void adopt_state(struct stage *st, struct screen *s)
{
	struct screen_change *c = &st->change;
	if (st->what & SCREEN_CURSOR)
		adopt_cursor(st, s);
	if ((st->what & SCREEN_POINTER) && memcmp(&st->pointer, &s->pointer, sizeof s->pointer) != 0) {
		s->pointer = st->pointer;
		s->pointer_serial++;
		c->what |= SCREEN_POINTER;
	}
	if ((st->what & SCREEN_NAME) && strcmp(st->name, s->name) != 0) {
		memcpy(s->name, st->name, sizeof s->name);
		c->what |= SCREEN_NAME;
	}
	if ((st->what & SCREEN_LEDS) && (!s->has_leds || st->leds != s->leds)) {
		s->leds = st->leds;
		s->has_leds = true;
		c->what |= SCREEN_LEDS;
	}
	if (st->what & SCREEN_OUTPUTS) {
		if (!same_layout(&st->layout, &s->layout))
			c->what |= SCREEN_OUTPUTS;
		s->layout = st->layout;
	}
	c->bells = st->bells;
	st->what = st->bells = 0;
}

void stage_exchange(struct stage *st, struct screen *s, bool resized)
{
	if (resized) {
		canvas_free(&s->shown);
		s->shown = st->back;
		st->back = (struct canvas){ NULL };
		pixman_region32_clear(&st->behind);
		pixman_region32_union_rect(&st->behind, &st->behind, 0, 0, s->w, s->h);
		st->change.what |= SCREEN_RESIZED | SCREEN_PIXELS;
	} else if (st->n_runs) {
		const struct canvas t = s->shown;
		s->shown = st->back;
		st->back = t;
		fall_behind(st);
		if (st->change.n_ops)
			st->change.what |= SCREEN_PIXELS;
	}
	s->front = s->shown.px;
	st->n_runs = st->n_boxes = 0;
	adopt_state(st, s);
}
