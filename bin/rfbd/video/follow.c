/* A viewer in step gets the units that it lacks, as long as these are few and small; otherwise it falls out of step, gets the region
 * as it gets everything else, and comes back at the next key frame. Units that are shared have a header of each viewer's own. */
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "codec/h264.h"
#include "video.h"
#include "viewer/viewer.h"

enum {
	HEADER = 20,			/* rectangle, length, flags */
	FLAGS_AT = 16,
	CATCH_UP_MOST = 8,		/* units sent at once */
	CATCH_UP_BYTES = 192 << 10,
	FRAME_US = 28000,		/* time that a frame may take on the link */
	CATCH_UP_US = 120000,		/* and all of several */
};

/* --- decoders ---------------------------------------------------------------------------------- */

static struct follow_decoder *decoder_of(const struct viewer *v, const pixman_box32_t *b)
{
	for (unsigned i = 0; i < v->follow.n; i++)
		if (!memcmp(&v->follow.decoders[i].box, b, sizeof *b))
			return &v->follow.decoders[i];
	return NULL;
}

/* The decoder for a box, which is to begin anew. NULL: no memory. */
static struct follow_decoder *decoder_for(struct viewer *v, const pixman_box32_t *b)
{
	struct follow *f = &v->follow;
	struct follow_decoder *d = decoder_of(v, b);
	if (!f->decoders)
		f->decoders = calloc(FOLLOW_DECODERS, sizeof *f->decoders);
	if (!f->decoders)
		return NULL;
	if (!d && f->n < FOLLOW_DECODERS)
		d = &f->decoders[f->n++];
	if (!d)
		return NULL;
	*d = (struct follow_decoder){ .box = *b, .anew = true };
	return d;
}

static void let_go(struct viewer *v, unsigned down_to)
{
	struct follow *f = &v->follow;
	while (f->n_taken > down_to)
		unit_unref(&v->w->cache, f->taken[--f->n_taken]);
}

void follow_fini(struct viewer *v)
{
	let_go(v, 0);
	free(v->follow.taken);
	free(v->follow.decoders);
	memset(&v->follow, 0, sizeof v->follow);
}

bool follow_has(const struct viewer *v, uint32_t stream)
{
	for (unsigned i = 0; i < v->follow.n; i++)
		if (v->follow.decoders[i].stream == stream)
			return true;
	return false;
}

bool follow_is_watching(const struct viewer *v)
{
	for (unsigned i = 0; i < v->follow.n; i++)
		if (v->follow.decoders[i].stream && video_stream_by_id(&v->w->video, v->follow.decoders[i].stream))
			return true;
	return false;
}

bool follow_wanted(const struct viewer *v)
{
	if (!codec_h264_available())
		return false;
	for (unsigned i = 0; i < v->can.n && v->can.choices[i] != v->params.encoding; i++)
		if (v->can.choices[i] == CODEC_H264)
			return true;
	return false;
}

/* --- rate ------------------------------------------------------------------------------------------ */

/* Links differ in speed by far: those of a tier, each four times as slow as the one before, share a stream. */
static const uint64_t tier_least[] = { 64 << 10, 16 << 10, 4 << 10, 0 };	/* of follow_budget */
enum { TIERS = sizeof tier_least / sizeof tier_least[0] };

uint64_t follow_budget(const struct viewer *v)
{
	return hold_carries(v, FRAME_US);
}

/* Follows the link, but not its every whim. */
static void choose_tier(struct viewer *v)
{
	const uint64_t bytes = follow_budget(v);
	uint8_t *t = &v->follow.tier;
	if (!bytes)
		return;
	while (*t > 0 && bytes * 2 > tier_least[*t - 1] * 3)
		--*t;
	while (*t < TIERS - 1 && bytes * 3 < tier_least[*t] * 2)
		++*t;
}

static bool is_alone(const struct viewer *v, uint32_t stream)
{
	for (const struct viewer *o = v->w->viewers; o; o = o->next)
		if (o != v && follow_has(o, stream))
			return false;
	return true;
}

/* The stream of a region for this viewer; one that it alone follows changes its tier with it. NULL: there can be none. */
static struct video_stream *stream_for(struct viewer *v, const struct motion_region *r)
{
	struct video *d = &v->w->video;
	struct video_stream *s = video_stream_of(d, r->id, v->video_quality, v->follow.tier);
	const struct follow_decoder *k = decoder_of(v, &r->box);
	if (!s && k && k->stream) {
		s = video_stream_by_id(d, k->stream);
		if (s && s->region == r->id && s->quality == v->video_quality && is_alone(v, s->id))
			s->tier = v->follow.tier;
		else
			s = NULL;
	}
	if (!s)
		s = video_stream_new(d, r, v->video_quality, v->follow.tier);
	return s && !video_stream_is_broken(s) ? s : NULL;
}

/* --- taking -------------------------------------------------------------------------------------- */

static bool take(struct viewer *v, struct video_unit *u)
{
	struct follow *f = &v->follow;
	if (f->n_taken == f->cap_taken) {
		unsigned cap = f->cap_taken ? f->cap_taken * 2 : 8;
		struct unit **p = realloc(f->taken, cap * sizeof *p);
		if (!p)
			return false;
		f->taken = p;
		f->cap_taken = cap;
	}
	f->taken[f->n_taken++] = unit_ref(&u->unit);
	return true;
}

static uint64_t catch_up_bytes(const struct viewer *v)
{
	uint64_t bytes = hold_carries(v, CATCH_UP_US);
	return !bytes || bytes > CATCH_UP_BYTES ? CATCH_UP_BYTES : bytes;
}

/* Where in s->kept the unit of that number is; s->n: nowhere. */
static unsigned place_of(const struct video_stream *s, uint32_t number)
{
	unsigned i = 0;
	while (i < s->n && s->kept[i]->number != number)
		i++;
	return i;
}

/* Whether all units from that one on, and `more` that are to come, can be sent at once. */
static bool can_catch_up(const struct viewer *v, const struct video_stream *s, uint32_t from, unsigned more)
{
	const unsigned at = place_of(s, from), lacking = s->number + 1 - from;
	uint64_t bytes = 0;
	if (lacking > s->n - at || lacking + more > CATCH_UP_MOST)
		return false;
	for (unsigned i = at; i < s->n; i++) {
		if (s->kept[i]->unit.state == UNIT_FAILED)
			return false;
		if (s->kept[i]->unit.state == UNIT_DONE)
			bytes += s->kept[i]->unit.enc.out.len;
	}
	return lacking + more <= 1 || bytes <= catch_up_bytes(v);
}

/* The number of the next unit for a viewer that is in step; 0: it is not. */
static uint32_t where_to_go_on(const struct viewer *v, const struct video_stream *s, unsigned more)
{
	const struct follow_decoder *k = decoder_of(v, &s->box);
	return k && k->stream == s->id && can_catch_up(v, s, k->number + 1, more) ? k->number + 1 : 0;
}

/* The newest key frame, if it can be caught up from there; 0: it cannot. */
static uint32_t where_to_begin(const struct viewer *v, const struct video_stream *s, unsigned more)
{
	for (unsigned i = s->n; i-- > 0;) {
		const struct video_unit *u = s->kept[i];
		if (u->unit.state != UNIT_FAILED && (u->key || (u->unit.state == UNIT_DONE && u->stands)))
			return can_catch_up(v, s, u->number, more) ? u->number : 0;
	}
	return 0;
}

/* Takes what is kept from that number on. */
static bool take_from(struct viewer *v, const struct video_stream *s, uint32_t from, struct follow_decoder *k)
{
	const unsigned before = v->follow.n_taken;
	for (unsigned i = place_of(s, from); i < s->n; i++)
		if (!take(v, s->kept[i])) {
			let_go(v, before);
			k->stream = 0;
			return false;
		}
	k->number = s->number;
	return v->follow.n_taken > before;
}

/* Takes what shows the region as it is now. False: it has to be sent as anything else. */
static bool take_stream(struct viewer *v, struct video_stream *s)
{
	struct video *d = &v->w->video;
	const unsigned more = video_stream_is_current(d, s) ? 0 : 1;
	uint32_t from = where_to_go_on(v, s, more);
	const bool joins = !from;
	if (from == s->number + 1 && !more)
		return false;		/* it was sent that and wants it again: better exactly */
	if (joins)
		from = where_to_begin(v, s, more);
	const bool key = !from;
	if (key && (!more || !video_stream_may_key(s))) {
		s->key_wanted = true;
		return false;
	}
	struct follow_decoder *k = joins ? decoder_for(v, &s->box) : decoder_of(v, &s->box);
	if (!k)
		return false;
	k->stream = s->id;		/* its link counts for the rate from now on */
	if (more && !video_stream_encode(d, s, key)) {
		k->stream = 0;
		return false;
	}
	return take_from(v, s, key ? s->number : from, k);
}

static bool is_within(const pixman_box32_t *b, const pixman_box32_t *of)
{
	return b->x1 >= of->x1 && b->y1 >= of->y1 && b->x2 <= of->x2 && b->y2 <= of->y2;
}

/* The cursor that is painted into the picture comes over the video. */
static void repaint(const struct viewer *v, const pixman_box32_t *box, pixman_region32_t *region)
{
	pixman_region32_t r;
	if (v->painted.x1 >= v->painted.x2)
		return;
	pixman_region32_init_with_extents(&r, (pixman_box32_t *)(uintptr_t)&v->painted);
	pixman_region32_intersect_rect(&r, &r, box->x1, box->y1, (unsigned)(box->x2 - box->x1), (unsigned)(box->y2 - box->y1));
	pixman_region32_union(region, region, &r);
	pixman_region32_fini(&r);
}

/* Begins with new decoders where the old ones could become too many, or when the viewer is shown another part of the screen: then they
 * are elsewhere. */
static void tidy_decoders(struct viewer *v)
{
	struct follow *f = &v->follow;
	const pixman_box32_t frame = viewer_frame(v);
	if (f->n + MOTION_REGIONS <= FOLLOW_DECODERS && frame.x1 == f->origin.x && frame.y1 == f->origin.y)
		return;
	f->forget_all = f->forget_all || f->n;
	f->n = 0;
	f->origin = (struct view_origin){ frame.x1, frame.y1 };
}

void follow_take(struct viewer *v, pixman_region32_t *region, const pixman_box32_t *area)
{
	struct motion *m = &v->w->video.motion;
	if (!v->takes_video || !m->n)
		return;
	choose_tier(v);
	tidy_decoders(v);
	for (unsigned i = 0; i < m->n; i++) {
		const struct motion_region *r = &m->regions[i];
		pixman_box32_t box = r->box;
		if (!r->playing || !is_within(&box, area) || pixman_region32_contains_rectangle(region, &box) == PIXMAN_REGION_OUT)
			continue;
		struct video_stream *s = stream_for(v, r);
		if (!s || !take_stream(v, s))
			continue;
		pixman_region32_t whole;
		pixman_region32_init_with_extents(&whole, &box);
		pixman_region32_subtract(region, region, &whole);
		pixman_region32_fini(&whole);
		repaint(v, &box, region);
	}
}

unsigned follow_collect(struct viewer *v, struct unit **to)
{
	struct follow *f = &v->follow;
	const unsigned n = f->n_taken;
	for (unsigned i = 0; i < n; i++) {
		const struct unit_key *k = &f->taken[i]->key;
		pixman_region32_t box;
		pixman_region32_init_rect(&box, k->x, k->y, k->w, k->h);
		pixman_region32_subtract(&v->pic.pending, &v->pic.pending, &box);
		pixman_region32_fini(&box);
		to[i] = f->taken[i];
	}
	f->n_taken = 0;
	return n;
}

/* --- sending ---------------------------------------------------------------------------------------- */

unsigned follow_put_reset(struct viewer *v, struct wire_buf *out)
{
	struct follow *f = &v->follow;
	struct codec_unit reset = { 0 };
	if (!f->n || f->n_taken || v->w->video.motion.n)
		return 0;
	codec_h264_put_reset(&reset, 0, 0, 1, 1, CODEC_H264_RESET_ALL);
	wire_put(out, reset.out.data, reset.out.len);
	out->bad = out->bad || reset.out.bad;
	wire_buf_fini(&reset.out);
	f->n = 0;
	return reset.n_rects;
}

void follow_put(struct viewer *v, struct unit *u, struct view_origin o)
{
	const struct video_unit *vu = (const struct video_unit *)u;
	const struct unit_key *k = &u->key;
	const pixman_box32_t box = { k->x, k->y, k->x + k->w, k->y + k->h };
	struct follow_decoder *d = decoder_of(v, &box);
	struct video_stream *s = video_stream_by_id(&v->w->video, vu->stream_id);
	uint8_t head[HEADER];
	uint32_t flags = (d && d->anew ? CODEC_H264_RESET_CONTEXT : 0) | (v->follow.forget_all ? CODEC_H264_RESET_ALL : 0);
	memcpy(head, u->enc.out.data, HEADER);
	wire_st16be(head, (uint16_t)(k->x - o.x));
	wire_st16be(head + 2, (uint16_t)(k->y - o.y));
	wire_st32be(head + FLAGS_AT, flags);
	outq_put(&v->out, head, HEADER);
	outq_put_unit(&v->out, u, HEADER);
	if (d)
		d->anew = false;
	if (s)
		s->sent++;
	v->follow.forget_all = false;
}

void follow_lost(struct viewer *v, const struct unit *u)
{
	const struct unit_key *k = &u->key;
	const pixman_box32_t box = { k->x, k->y, k->x + k->w, k->y + k->h };
	struct follow_decoder *d = decoder_of(v, &box);
	if (d)
		d->stream = 0;
}
