/* The parts put together: the model takes pixels, the scroll search explains what it can, the rest is
 * boxed tile by tile and joined. */
#include "pixel/delta.h"

#include <errno.h>
#include <stdlib.h>

#include "pixel/model.h"
#include "pixel/scroll.h"
#include "pixel/tight.h"

struct pixel_delta {
	struct pixel_model model;
	struct pixel_scroll *scroll;
	struct pixel_copy copies[SCROLL_COPIES_MAX];
	struct pixel_rect *rects;	/* one per tile */
};

struct pixel_delta *pixel_delta_new(int w, int h)
{
	struct pixel_delta *d = calloc(1, sizeof *d);

	if (!d || model_init(&d->model, w, h) != 0) {
		free(d);
		return NULL;
	}
	d->scroll = pixel_scroll_new(&d->model);
	d->rects = calloc((size_t)d->model.tiles_x * (size_t)d->model.tiles_y, sizeof *d->rects);
	if (d->scroll && d->rects)
		return d;
	pixel_delta_free(d);
	errno = ENOMEM;
	return NULL;
}

void pixel_delta_free(struct pixel_delta *d)
{
	if (!d)
		return;
	model_fini(&d->model);
	pixel_scroll_free(d->scroll);
	free(d->rects);
	free(d);
}

void pixel_delta_take(struct pixel_delta *d, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	model_take(&d->model, r, src, stride);
}

void pixel_delta_lend(struct pixel_delta *d, struct pixel_rect r, const uint8_t *src, size_t stride)
{
	model_lend(&d->model, r, src, stride);
}

void pixel_delta_keep(struct pixel_delta *d)
{
	model_keep(&d->model);
}

void pixel_delta_move(struct pixel_delta *d, struct pixel_copy c)
{
	model_move(&d->model, c);
}

void pixel_delta_find(struct pixel_delta *d, struct pixel_changes *out)
{
	*out = (struct pixel_changes){ .copies = d->copies, .rects = d->rects };
	if (d->model.fresh == 0)
		return;
	out->n_copies = pixel_scroll_find(d->scroll, &d->model, d->copies);
	out->n_rects = pixel_tight_join(d->rects, model_follow(&d->model, d->rects));
	model_commit(&d->model);
}

void pixel_delta_skip(struct pixel_delta *d)
{
	if (d->model.fresh > 0)
		model_follow(&d->model, d->rects);
	model_commit(&d->model);
}

const uint32_t *pixel_delta_pixels(const struct pixel_delta *d, size_t *stride)
{
	*stride = d->model.stride * sizeof *d->model.ref;
	return d->model.ref;
}

void pixel_delta_relax(struct pixel_delta *d)
{
	model_relax(&d->model);
}
