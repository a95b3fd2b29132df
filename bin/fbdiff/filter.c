/* Records in, records out. Within a frame pixels are only noted; what they changed is found once all are there, and
 * written when FRAME comes. */
#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/stats.h"
#include "io/io.h"

void filter_init(struct filter *f, struct fbs_writer *out, bool share)
{
	*f = (struct filter){ .out = out, .share = share };
}

void filter_fini(struct filter *f)
{
	pixel_delta_free(f->delta);
	shared_detach(&f->shared);
	kept_free(&f->kept);
	f->delta = NULL;
}

void filter_rest(struct filter *f)
{
	if (f->delta)
		pixel_delta_relax(f->delta);
	if (f->kept.n == 0)
		kept_free(&f->kept);
}

const uint8_t *filter_pixels(const struct filter *f, size_t *size)
{
	size_t stride;
	const uint32_t *px = f->delta ? pixel_delta_pixels(f->delta, &stride) : NULL;

	*size = px ? stride * (size_t)f->h : 0;
	return (const uint8_t *)px;
}

static enum filter_result refuse(struct filter *f, const char *why)
{
	snprintf(f->why, sizeof f->why, "%s", why);
	return FILTER_REFUSED;
}

static enum filter_result pass(struct filter *f, const struct fbs_record *r)
{
	f->passed++;
	return fbs_write(f->out, r) != 0 ? FILTER_UNWRITTEN : FILTER_MORE;
}

/* What takes effect at once leaves at once. */
static enum filter_result pass_now(struct filter *f, const struct fbs_record *r)
{
	return fbs_write(f->out, r) != 0 || fbs_flush(f->out) != 0 ? FILTER_UNWRITTEN : FILTER_MORE;
}

/* --- what makes the picture ------------------------------------------------------------- */

static enum filter_result take_screen(struct filter *f, const struct fbs_record *r)
{
	int w = (int)r->screen.w, h = (int)r->screen.h;

	if (!f->delta || w != f->w || h != f->h) {
		pixel_delta_free(f->delta);
		kept_done(&f->kept);
		f->delta = pixel_delta_new(w, h);
		if (!f->delta) {
			snprintf(f->why, sizeof f->why, "no memory for a screen of %dx%d", w, h);
			return FILTER_FAILED;
		}
		f->w = w;
		f->h = h;
	}
	return pass(f, r);
}

static enum filter_result take_pixels(struct filter *f, const struct fbs_record *r)
{
	const struct fbs_pixels *p = &r->pixels;

	if (p->encoding != FBS_RAW)
		return refuse(f, "encoded pixels: decode them first with rfbenc -d");
	const bool kept = f->in && p->len >= KEPT_FROM && kept_add(&f->kept, f->in);
	(kept ? pixel_delta_lend : pixel_delta_take)(f->delta, (struct pixel_rect){ p->x, p->y, p->w, p->h }, p->data,
						     p->w * (size_t)4);
	return FILTER_MORE;
}

static enum filter_result take_copy(struct filter *f, const struct fbs_record *r)
{
	const struct fbs_copy *c = &r->copy;

	pixel_delta_move(f->delta, (struct pixel_copy){ { c->x, c->y, c->w, c->h }, c->src_x, c->src_y });
	return FILTER_MORE;
}

static enum filter_result take_shared(struct filter *f, const struct fbs_record *r)
{
	if (!f->share)
		return refuse(f, "the source shares its pixels in memory: say fbdiff -m");
	if (f->delta)
		pixel_delta_keep(f->delta);
	return shared_attach(&f->shared, &r->shared, f->why, sizeof f->why) == 0 ? FILTER_MORE : FILTER_REFUSED;
}

static enum filter_result take_damage(struct filter *f, const struct fbs_record *r)
{
	const struct fbs_damage *d = &r->damage;
	const uint8_t *px = shared_pixels(&f->shared, d);

	if (!px)
		return refuse(f, "damage outside the shared segment");
	pixel_delta_lend(f->delta, (struct pixel_rect){ d->x, d->y, d->w, d->h }, px, d->stride);
	return FILTER_MORE;
}

/* --- frames ---------------------------------------------------------------------------------- */

static int write_pixels(struct filter *f, struct pixel_rect r)
{
	size_t stride;
	const uint32_t *px = pixel_delta_pixels(f->delta, &stride);

	return fbs_write_raw(f->out, (uint16_t)r.x, (uint16_t)r.y, (uint16_t)r.w, (uint16_t)r.h,
			     px + (size_t)r.y * (stride / sizeof *px) + (size_t)r.x, stride);
}

static int write_copy(struct filter *f, const struct pixel_copy *c)
{
	struct fbs_record r = { .type = FBS_COPY, .copy = { (uint16_t)c->dst.x, (uint16_t)c->dst.y, (uint16_t)c->dst.w,
		(uint16_t)c->dst.h, (uint16_t)c->src_x, (uint16_t)c->src_y } };

	return fbs_write(f->out, &r);
}

static int write_changes(struct filter *f, const struct pixel_changes *c)
{
	for (size_t i = 0; i < c->n_copies; i++)
		if (write_copy(f, &c->copies[i]) != 0)
			return -1;
	for (size_t i = 0; i < c->n_rects; i++)
		if (write_pixels(f, c->rects[i]) != 0)
			return -1;
	return 0;
}

void filter_look(struct filter *f, uint16_t flags)
{
	const int64_t start = io_now();

	if (f->looked || !f->delta)
		return;
	f->looked = true;
	f->changes = (struct pixel_changes){ .n_rects = 0 };
	if (!f->begun || flags & FBS_FRAME_KEY)
		pixel_delta_skip(f->delta);
	else
		pixel_delta_find(f->delta, &f->changes);
	kept_done(&f->kept);
	cli_stat_observe(STAT_DIFF_DURATION, 0, (uint64_t)(io_now() - start));
}

static enum filter_result take_frame(struct filter *f, const struct fbs_record *r)
{
	const struct pixel_changes *c = &f->changes;
	int written;

	filter_look(f, r->flags);
	f->looked = false;
	if (!f->begun || r->flags & FBS_FRAME_KEY) {
		written = write_pixels(f, (struct pixel_rect){ 0, 0, f->w, f->h });
	} else {
		if (c->n_copies == 0 && c->n_rects == 0 && f->passed == 0 && !(r->flags & FBS_FRAME_GAP))
			return FILTER_MORE;
		written = write_changes(f, c);
	}
	f->begun = true;
	f->passed = 0;
	if (written != 0 || fbs_write_frame(f->out, r->flags, r->frame.capture_us, r->frame.media_us) != 0)
		return FILTER_UNWRITTEN;
	cli_stat_add(STAT_FRAMES, 0, 1);
	return FILTER_FRAME;
}

static enum filter_result take_end(struct filter *f, const struct fbs_record *r)
{
	return fbs_write(f->out, r) != 0 ? FILTER_UNWRITTEN : FILTER_END;
}

enum filter_result filter_take(struct filter *f, const struct fbs_record *r)
{
	static enum filter_result (*const handlers[])(struct filter *, const struct fbs_record *) = {
		[FBS_SCREEN] = take_screen,
		[FBS_PIXELS] = take_pixels,
		[FBS_COPY] = take_copy,
		[FBS_SHARED] = take_shared,
		[FBS_DAMAGE] = take_damage,
		[FBS_CURSOR] = pass,
		[FBS_POINTER] = pass,
		[FBS_NAME] = pass,
		[FBS_LEDS] = pass,
		[FBS_BELL] = pass,
		[FBS_RESULT] = pass,
		[FBS_MARK] = pass,
		[FBS_FRAME] = take_frame,
		[FBS_END] = take_end,
	};

	fbs_writer_stamp_at(f->out, r->time_us);
	if (r->type < sizeof handlers / sizeof *handlers && handlers[r->type])
		return handlers[r->type](f, r);
	return pass_now(f, r);
}
