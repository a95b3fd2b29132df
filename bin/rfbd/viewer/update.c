/* Deciding what to send a viewer, and sending it: held requests, copies, then encoded units.
 *
 * An update is put together from the screen as it is now; its units are encoded once for all viewers
 * that want them. A frame cannot be committed while one is being encoded. */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "expect.h"
#include "io/io.h"
#include "rfb/put.h"
#include "units/cut.h"
#include "viewer.h"

enum {
	INLINE_PIXELS = 16384,		/* updates up to this size are encoded at once, in the event loop */
	INLINE_RAW = 1 << 18,		/* raw ones, which are only copied */
	INLINE_PICTURE = 1 << 18,	/* one that may become JPEG: a millisecond */
	STREAMED_UNITS = 3,		/* larger ones go out unit by unit, where the viewer knows LastRect */
	RECTS_MAX = 0xfffe,
	MARKED_BYTES = 4096,		/* smaller updates say little about a link */
};

struct update {
	struct wire_buf head;		/* rectangles before the units: pseudo ones, copies */
	unsigned head_rects, rects;
	bool streamed, begun, video_failed;
	int error;			/* why the last unit that could not be encoded could not */
	uint64_t lossy;			/* bytes of lossy pixels, without video */
	uint64_t from;			/* bytes queued before it */
	int64_t begun_us;
	struct view_origin origin;	/* of the viewer's framebuffer on the screen, when it was begun */
	unsigned n, next;
	struct unit *units[];
};

/* --- deciding ---------------------------------------------------------------------- */

static bool is_free(const struct viewer *v)
{
	return v->phase == VIEWER_RUNNING && !v->doomed && !v->closing && !v->update && !v->choked && v->out.bytes == 0;
}

static bool can_send(const struct viewer *v)
{
	return is_free(v) && (v->asked || v->asked_full || v->continuous);
}

/* Who asked for a size may ask for no update until it is answered, as libvncclient's viewers do. */
static bool is_owed_size(const struct viewer *v)
{
	return is_free(v) && v->size_reason == RFB_RESIZE_THIS;
}

bool update_is_wanted(const struct viewer *v)
{
	const int64_t now = io_now();
	return is_owed_size(v) || (can_send(v) && hold_update_due(v, now) <= now);
}

int64_t update_expected(const struct viewer *v, int64_t now)
{
	const struct expect e = {
		.out = v->phase != VIEWER_RUNNING || v->doomed || v->closing || v->update,
		.asked = v->asked || v->asked_full || v->continuous,
		.busy = v->choked || v->out.bytes > 0,
		.foreign = !v->w->source.captured_us,
		.held_us = can_send(v) ? hold_update_due(v, now) : 0,
		.drained_us = drain_due(&v->drain, v->out.bytes, now),
		.answered_us = v->answered_us,
		.cycle_us = v->cycle_us,
	};
	return expect_frames(&e, now);
}

bool update_is_current(const struct viewer *v)
{
	pixman_region32_t left;
	pixman_box32_t b = viewer_bounds(v);
	if (v->phase != VIEWER_RUNNING || v->doomed)
		return true;
	if (v->update || v->out.bytes || v->pic.n_copies)
		return false;
	pixman_region32_init(&left);
	pixman_region32_intersect_rect(&left, (pixman_region32_t *)&v->pic.pending, b.x1, b.y1,
				       (unsigned)(b.x2 - b.x1), (unsigned)(b.y2 - b.y1));
	bool current = !pixman_region32_not_empty(&left) && !pixman_region32_not_empty((pixman_region32_t *)&v->pic.lossy);
	pixman_region32_fini(&left);
	return current;
}

/* The part of the framebuffer that may be updated now. */
static pixman_box32_t wanted_area(const struct viewer *v)
{
	pixman_box32_t b = viewer_bounds(v), a = v->asked ? v->asked_box : v->continuous_box;
	if (!v->asked && !v->continuous)
		return (pixman_box32_t){ 0 };
	if (v->asked && v->continuous) {
		a.x1 = a.x1 < v->continuous_box.x1 ? a.x1 : v->continuous_box.x1;
		a.y1 = a.y1 < v->continuous_box.y1 ? a.y1 : v->continuous_box.y1;
		a.x2 = a.x2 > v->continuous_box.x2 ? a.x2 : v->continuous_box.x2;
		a.y2 = a.y2 > v->continuous_box.y2 ? a.y2 : v->continuous_box.y2;
	}
	a.x1 = a.x1 > b.x1 ? a.x1 : b.x1;
	a.y1 = a.y1 > b.y1 ? a.y1 : b.y1;
	a.x2 = a.x2 < b.x2 ? a.x2 : b.x2;
	a.y2 = a.y2 < b.y2 ? a.y2 : b.y2;
	if (a.x1 >= a.x2 || a.y1 >= a.y2)
		return (pixman_box32_t){ 0 };
	return a;
}

/* --- building ------------------------------------------------------------------------- */

static struct unit *find_unit(struct viewer *v, const pixman_box32_t *b, const struct codec_params *params)
{
	struct worker *w = v->w;
	const pixman_box32_t seen = viewer_bounds(v);
	struct unit_key key;
	memset(&key, 0, sizeof key);
	memcpy(&key.params, params, sizeof key.params);
	key.x = (uint16_t)b->x1;
	key.y = (uint16_t)b->y1;
	key.w = (uint16_t)(b->x2 - b->x1);
	key.h = (uint16_t)(b->y2 - b->y1);
	key.epoch = w->epoch;
	if (b->x1 < seen.x1 || b->y1 < seen.y1 || b->x2 > seen.x2 || b->y2 > seen.y2) {
		key.overlay = UNIT_BLACK;
		return unit_get(&w->cache, &key);
	}
	key.content = screen_serial(&w->screen, b);
	if (b->x1 < v->painted.x2 && v->painted.x1 < b->x2 && b->y1 < v->painted.y2 && v->painted.y1 < b->y2)
		key.overlay = w->paint_serial;
	return unit_get(&w->cache, &key);
}

/* From `exact` on, the boxes are those that the viewer holds only approximately. */
static bool collect_units(struct viewer *v, struct update *u, const struct cut *cut, unsigned exact)
{
	for (unsigned i = 0; i < cut->n; i++) {
		struct unit *unit = find_unit(v, &cut->boxes[i], i < exact ? &v->params : &v->exact_params);
		if (!unit)
			return false;
		u->units[u->n++] = unit;
		pixman_region32_t box;
		pixman_region32_init_with_extents(&box, &cut->boxes[i]);
		pixman_region32_subtract(&v->pic.pending, &v->pic.pending, &box);
		pixman_region32_fini(&box);
	}
	return true;
}

/* A picture of so many pixels is encoded at once for the only viewer there is: nothing else could be done beside it, its pixels are in
 * this processor's cache, and no thread has to be woken, nor to wake us. */
static bool is_lonely_picture(const struct viewer *v, const struct unit *u)
{
	return u->key.params.quality > 0 && !u->encode && (size_t)u->key.w * u->key.h <= INLINE_PICTURE && v->w->viewers == v && !v->next &&
		pool_busy(v->w->pool) == 0;
}

/* Has those units encoded that nobody has had encoded yet. */
static void encode_units(struct viewer *v, struct update *u)
{
	const size_t most = v->params.encoding == CODEC_RAW ? INLINE_RAW : INLINE_PIXELS;
	size_t pixels = 0;
	for (unsigned i = 0; i < u->n; i++)
		if (u->units[i]->state == UNIT_NEW)
			pixels += (size_t)u->units[i]->key.w * u->units[i]->key.h;
	const bool at_once = pixels <= most || (u->n == 1 && is_lonely_picture(v, u->units[0]));
	for (unsigned i = 0; i < u->n; i++) {
		if (u->units[i]->state != UNIT_NEW)
			continue;
		if (at_once) {
			pool_encode(v->w->pool, u->units[i]);
			unit_done(&v->w->cache, u->units[i]);
		} else {
			pool_submit(v->w->pool, u->units[i]);
		}
	}
}

static void put_copies(struct viewer *v, struct update *u)
{
	for (unsigned i = 0; i < v->pic.n_copies; i++) {
		const struct fbs_copy *c = &v->pic.copies[i];
		rfb_put_copy_rect(&u->head, (uint16_t)(c->x - u->origin.x), (uint16_t)(c->y - u->origin.y), c->w, c->h,
				  (uint16_t)(c->src_x - u->origin.x), (uint16_t)(c->src_y - u->origin.y));
		account_copy(v, c->w, c->h);
	}
	u->head_rects += v->pic.n_copies;
	v->pic.n_copies = 0;
}

static void put_map(struct viewer *v)
{
	struct wire_buf out = { 0 };
	rfb_put_colour_map(&out, 0, 256, pixel_colour_map());
	v->out.bad = v->out.bad || out.bad;
	outq_put(&v->out, out.data, out.len);
	wire_buf_fini(&out);
	v->map_due = false;
}

static void begin(struct viewer *v, const struct cut *cut, unsigned exact)
{
	struct update *u = calloc(1, sizeof *u + (v->follow.n_taken + cut->n) * sizeof u->units[0]);
	if (!u) {
		viewer_doom(v, "out of memory");
		return;
	}
	const pixman_box32_t frame = viewer_frame(v);
	v->update = u;
	u->origin = (struct view_origin){ frame.x1, frame.y1 };
	u->begun_us = io_now();
	throttle_frame(&v->throttle, u->begun_us);
	u->from = v->sent + v->out.bytes;
	if (v->map_due)
		put_map(v);
	u->head_rects = pseudo_put(v, &u->head);
	put_copies(v, u);
	u->head_rects += follow_put_reset(v, &u->head);
	u->n = follow_collect(v, u->units);
	if (!collect_units(v, u, cut, exact) || u->head.bad) {
		viewer_doom(v, "out of memory");
		return;
	}
	v->asked = v->asked_full = false;
	pixman_region32_clear(&v->blank);
	u->streamed = rfb_can(&v->can, RFB_CAP_LAST_RECT) && u->n > STREAMED_UNITS && !v->counts_rects;
	encode_units(v, u);
	update_advance(v);
}

void update_consider(struct viewer *v)
{
	struct cut cut = { 0 };
	pixman_region32_t region;
	if (!is_free(v) || !v->w->screen.ready || source_is_settling(&v->w->source))
		return;
	if ((can_send(v) || is_owed_size(v)) && pseudo_send_size(v))
		viewer_flush(v);
	if (is_owed_size(v))
		source_want(&v->w->source, true);	/* the new size comes with a frame */
	if (!can_send(v) || !hold_lets_update(v))
		return;
	if (!pseudo_painted_box(v, &v->painted))
		v->painted = (pixman_box32_t){ 0 };
	pixman_box32_t area = wanted_area(v);
	if (v->pic.n_copies && !picture_copies_within(&v->pic, &area))
		picture_give_up_copies(&v->pic);
	pixman_region32_init(&region);
	pixman_region32_intersect_rect(&region, &v->pic.pending, area.x1, area.y1,
				       (unsigned)(area.x2 - area.x1), (unsigned)(area.y2 - area.y1));
	follow_take(v, &region, &area);
	bool ok = (v->params.quality > 0 ? cut_region_large : cut_region)(&cut, &region) && cut_more(&cut, &v->blank);
	unsigned exact = cut.n;
	if (!ok || !refine_cut(v, &cut, &region, &area))
		viewer_doom(v, "out of memory");
	else if (cut.n || v->follow.n_taken || v->pic.n_copies || pseudo_is_due(v))
		begin(v, &cut, exact);
	else
		source_want(&v->w->source, true);	/* nothing changed: the request is held */
	pixman_region32_fini(&region);
	cut_fini(&cut);
}

struct outq *update_queue(struct viewer *v)
{
	return v->update ? &v->behind : &v->out;
}

/* --- sending ----------------------------------------------------------------------------- */

/* Makes a unit's box pending again: it could not be encoded, or has no room in this update. */
static void return_unit(struct viewer *v, const struct unit *unit)
{
	const struct unit_key *k = &unit->key;
	if (unit->state == UNIT_FAILED)
		v->update->error = unit->error;
	if (k->params.encoding == CODEC_H264) {
		follow_lost(v, unit);
		v->update->video_failed = true;
	}
	if (k->overlay == UNIT_BLACK)
		pixman_region32_union_rect(&v->blank, &v->blank, k->x, k->y, k->w, k->h);
	else
		pixman_region32_union_rect(&v->pic.pending, &v->pic.pending, k->x, k->y, k->w, k->h);
}

static void note_quality(struct viewer *v, const struct unit *unit)
{
	const struct unit_key *k = &unit->key;
	pixman_box32_t b = { k->x, k->y, k->x + k->w, k->y + k->h };
	picture_sent(&v->pic, &b, unit->enc.lossy);
	if (unit->enc.lossy) {
		v->update->lossy += k->params.encoding != CODEC_H264 ? unit->enc.out.len : 0;
		refine_later(v);
	}
}

static void put_unit(struct viewer *v, struct unit *unit)
{
	note_quality(v, unit);
	account_unit(v, unit);
	(unit->key.params.encoding == CODEC_H264 ? follow_put : viewer_put_unit)(v, unit, v->update->origin);
}

static void put_fence(struct viewer *v)
{
	struct wire_buf out = { 0 };
	uint8_t payload[4];
	uint32_t id = pace_mark(&v->pace, v->sent + v->out.bytes, io_now());
	if (!id)
		return;
	wire_st32be(payload, id);
	rfb_put_fence(&out, RFB_FENCE_REQUEST | RFB_FENCE_BLOCK_BEFORE, payload, sizeof payload);
	v->out.bad = v->out.bad || out.bad;
	outq_put(&v->out, out.data, out.len);
	wire_buf_fini(&out);
}

static uint64_t unit_bytes(const struct update *u)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < u->n; i++)
		n += u->units[i]->enc.out.len;
	return n;
}

static void put_header(struct viewer *v, struct update *u, unsigned n)
{
	struct wire_buf out = { 0 };
	const int64_t now = io_now();
	v->encode_us = (v->encode_us * 3 + (now - u->begun_us)) / 4;
	if (rfb_can(&v->can, RFB_CAP_FENCE) && (u->streamed || u->head.len + unit_bytes(u) >= MARKED_BYTES))
		put_fence(v);
	rfb_put_update(&out, (uint16_t)n);
	v->out.bad = v->out.bad || out.bad;
	outq_put(&v->out, out.data, out.len);
	outq_put(&v->out, u->head.data, u->head.len);
	wire_buf_fini(&out);
	u->begun = true;
	u->rects = u->head_rects;
}

/* Counts an update's rectangles once all of it is there; takes out what does not fit into 16 bits. */
static unsigned count_rects(struct viewer *v, struct update *u)
{
	unsigned total = u->head_rects;
	for (unsigned i = 0; i < u->n; i++) {
		struct unit *unit = u->units[i];
		if (unit->state == UNIT_DONE && total + unit->enc.n_rects <= RECTS_MAX) {
			total += unit->enc.n_rects;
			continue;
		}
		return_unit(v, unit);
		unit_unref(&v->w->cache, unit);
		memmove(&u->units[i], &u->units[i + 1], (u->n - i - 1) * sizeof u->units[0]);
		u->n--;
		i--;
	}
	return total;
}

/* A fence behind the update tells when it has arrived; without fences, the next request does. */
static void put_mark(struct viewer *v, uint64_t bytes)
{
	if (!rfb_can(&v->can, RFB_CAP_FENCE))
		v->request_mark = pace_mark(&v->pace, v->sent + v->out.bytes, io_now());
	else if (v->continuous || bytes >= MARKED_BYTES)
		put_fence(v);
}

static void end_unencoded(struct viewer *v, int error)
{
	viewer_doom(v, "nothing of an update could be encoded as %s: %s", codec_name(v->params.encoding),
		    error ? strerror(error) : "it has too many rectangles");
}

static void finish(struct viewer *v)
{
	struct update *u = v->update;
	if (!u->rects && !u->video_failed)	/* some viewers wait for more then */
		end_unencoded(v, u->error);
	if (u->streamed) {
		struct wire_buf out = { 0 };
		rfb_put_last_rect(&out);
		v->out.bad = v->out.bad || out.bad;
		outq_put(&v->out, out.data, out.len);
		wire_buf_fini(&out);
	}
	v->rectangles += u->rects;
	account_update(v, v->w->source.captured_us);
	put_mark(v, v->sent + v->out.bytes - u->from);
	if (u->lossy)
		quality_adapt(v, u->lossy);
	outq_append(&v->out, &v->behind);
	v->answered_us = io_now();
	wire_buf_fini(&u->head);
	free(u);
	v->update = NULL;
	viewer_flush(v);
	v->w->interest_stale = true;
}

static bool is_ready(const struct unit *unit)
{
	return unit->state == UNIT_DONE || unit->state == UNIT_FAILED;
}

/* No unit could be encoded. What was to be video can still be sent in another way; its encoder is not asked again. */
static void nothing_came(struct viewer *v)
{
	const bool again = v->update->video_failed;
	const int error = v->update->error;
	update_cancel(v);
	if (again) {
		v->asked = v->asked_box.x1 < v->asked_box.x2;
		update_consider(v);
	} else {
		end_unencoded(v, error);
	}
}

void update_advance(struct viewer *v)
{
	struct update *u = v->update;
	if (!u || v->doomed)
		return;
	if (!u->streamed) {
		for (unsigned i = 0; i < u->n; i++)
			if (!is_ready(u->units[i]))
				return;
		unsigned total = count_rects(v, u);
		if (total == 0) {
			nothing_came(v);
			return;
		}
		put_header(v, u, total);
	} else if (!u->begun) {
		put_header(v, u, RFB_RECTS_UNKNOWN);
	}
	unsigned before = u->next;
	while (u->next < u->n && is_ready(u->units[u->next])) {
		struct unit *unit = u->units[u->next++];
		if (unit->state == UNIT_DONE) {
			put_unit(v, unit);
			u->rects += unit->enc.n_rects;
		} else {
			return_unit(v, unit);
		}
		unit_unref(&v->w->cache, unit);
	}
	if (u->next == u->n)
		finish(v);
	else if (u->next > before)
		viewer_flush(v);
}

void update_cancel(struct viewer *v)
{
	struct update *u = v->update;
	if (!u)
		return;
	for (unsigned i = u->next; i < u->n; i++)
		unit_unref(&v->w->cache, u->units[i]);
	wire_buf_fini(&u->head);
	free(u);
	v->update = NULL;
	outq_append(&v->out, &v->behind);
}
