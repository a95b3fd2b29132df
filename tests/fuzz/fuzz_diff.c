/* Hostile streams through fbdiff: whatever the reader admits must not crash the filter, and what the
 * filter writes must be a stream that shows the same pictures. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "../../bin/fbdiff/filter.c"
#include "../../bin/fbdiff/kept.c"
#include "../../bin/fbdiff/shared.c"
#include "fbs/reader.h"

enum {
	PIXELS_MAX = 1 << 18,		/* larger screens only take time */
	SEGMENT = 1 << 20,
};

static uint8_t segment[SEGMENT];	/* what SHARED names, whatever it says */

struct picture {
	uint32_t w, h, *px;
};

static int keep(void *arg, struct iovec *iov, int n)
{
	struct wire_buf *b = arg;

	for (int i = 0; i < n; i++)
		wire_put(b, iov[i].iov_base, iov[i].iov_len);
	return 0;
}

static void picture_resize(struct picture *p, uint32_t w, uint32_t h)
{
	if (p->w == w && p->h == h)
		return;
	free(p->px);
	*p = (struct picture){ w, h, calloc((size_t)w * h, 4) };
	if (!p->px)
		abort();
}

/* What a plain reader makes of a record. */
static void picture_take(struct picture *p, const struct fbs_record *r)
{
	const struct fbs_copy *c = &r->copy;
	const struct fbs_pixels *x = &r->pixels;
	const struct fbs_damage *d = &r->damage;

	if (r->type == FBS_SCREEN)
		picture_resize(p, r->screen.w, r->screen.h);
	else if (r->type == FBS_PIXELS)
		for (uint32_t y = 0; y < x->h; y++)
			memcpy(p->px + (size_t)(x->y + y) * p->w + x->x, x->data + (size_t)y * x->w * 4, x->w * (size_t)4);
	else if (r->type == FBS_DAMAGE)
		for (uint32_t y = 0; y < d->h; y++)
			memcpy(p->px + (size_t)(d->y + y) * p->w + d->x, segment + d->offset + (size_t)y * d->stride, d->w * (size_t)4);
	else if (r->type == FBS_COPY)
		for (uint32_t i = 0; i < c->h; i++) {
			uint32_t y = c->y > c->src_y ? c->h - 1 - i : i;
			memmove(p->px + (size_t)(c->y + y) * p->w + c->x, p->px + (size_t)(c->src_y + y) * p->w + c->src_x,
				c->w * (size_t)4);
		}
}

static void drain(struct fbs_reader *r, struct wire_buf *b, struct picture *p)
{
	struct fbs_record rec;
	size_t at = 0, room;
	int n;

	for (;;) {
		while ((n = fbs_next(r, &rec)) == 1)
			picture_take(p, &rec);
		if (n < 0)
			abort();	/* fbdiff wrote what a reader refuses */
		if (at == b->len)
			break;
		uint8_t *to = fbs_feed(r, &room);
		room = room < b->len - at ? room : b->len - at;
		memcpy(to, b->data + at, room);
		fbs_fed(r, room);
		at += room;
	}
	wire_buf_reset(b);
}

static void check(const struct picture *a, const struct picture *b)
{
	if (a->w != b->w || a->h != b->h)
		abort();
	for (size_t i = 0; i < (size_t)a->w * a->h; i++)
		if ((a->px[i] ^ b->px[i]) & 0xffffff)
			abort();
}

struct rig {
	struct filter filter;
	struct fbs_writer writer;
	struct fbs_reader out;
	struct wire_buf bytes;
	struct picture want, have;
};

/* Segments cannot be attached here: this one is, and its content goes on. False when it is too small. */
static bool share(struct rig *g, const struct fbs_shared *s)
{
	uint32_t r = s->shmid | 1;

	if (s->size > SEGMENT)
		return false;
	if (g->filter.delta)
		pixel_delta_keep(g->filter.delta);
	for (size_t i = 0; i < SEGMENT; i += 1 + r % 997) {
		r = r * 1664525u + 1013904223u;
		segment[i] = (uint8_t)(r >> 24);
	}
	g->filter.shared = (struct shared){ segment, SEGMENT };
	return true;
}

/* False when the stream ends here. */
static bool take(struct rig *g, const struct fbs_record *r)
{
	if (r->type == FBS_SHARED)
		return share(g, &r->shared);
	if (r->type == FBS_SCREEN && (uint64_t)r->screen.w * r->screen.h > PIXELS_MAX)
		return false;
	if (r->type != FBS_PIXELS || r->pixels.encoding == FBS_RAW)
		picture_take(&g->want, r);
	switch (filter_take(&g->filter, r)) {
	case FILTER_FAILED:
	case FILTER_UNWRITTEN:
		abort();
	case FILTER_REFUSED:
	case FILTER_END:
		return false;
	case FILTER_MORE:
	case FILTER_FRAME:
		break;
	}
	if (r->type == FBS_FRAME) {
		drain(&g->out, &g->bytes, &g->have);
		check(&g->want, &g->have);
	}
	return true;
}

/* The same records with right checksums, or hardly a frame would come through. */
static void mend(struct wire_buf *to, const uint8_t *data, size_t size)
{
	struct fbs_writer w;
	struct fbs_preamble preamble;
	struct fbs_record r;
	long n = fbs_preamble_parse(&preamble, data, size);

	if (fbs_writer_init_sink(&w, keep, to, "fuzz") != 0)
		abort();
	while (n > 0) {
		data += n;
		size -= (size_t)n;
		n = fbs_record_parse(&r, data, size);
		if (n <= 0)
			break;
		fbs_writer_stamp_at(&w, r.time_us);
		fbs_write(&w, &r);
	}
	fbs_flush(&w);
	fbs_writer_fini(&w);
}

static void run(struct rig *g, struct fbs_reader *in, const struct wire_buf *bytes)
{
	struct fbs_record r;
	size_t at = 0, room;
	int n;

	for (;;) {
		while ((n = fbs_next(in, &r)) == 1)
			if (!take(g, &r))
				return;
		if (n < 0 || at == bytes->len)
			return;
		uint8_t *to = fbs_feed(in, &room);
		room = room < bytes->len - at ? room : bytes->len - at;
		memcpy(to, bytes->data + at, room);
		fbs_fed(in, room);
		at += room;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rig g = { .want = { 0 } };
	struct fbs_reader in;
	struct wire_buf bytes = { 0 };

	mend(&bytes, data, size);
	fbs_reader_init(&in);
	fbs_reader_init(&g.out);
	if (fbs_writer_init_sink(&g.writer, keep, &g.bytes, "fbdiff") != 0)
		abort();
	filter_init(&g.filter, &g.writer, true);
	g.filter.in = size % 2 ? &in : NULL;
	run(&g, &in, &bytes);
	g.filter.shared = (struct shared){ 0 };
	filter_fini(&g.filter);
	fbs_writer_fini(&g.writer);
	fbs_reader_fini(&g.out);
	fbs_reader_fini(&in);
	wire_buf_fini(&g.bytes);
	wire_buf_fini(&bytes);
	free(g.want.px);
	free(g.have.px);
	return 0;
}
