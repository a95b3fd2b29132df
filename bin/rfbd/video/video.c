/* Streams live as long as their region; encoders belong to the pool's threads while they work. Frames are committed only when no
 * thread is working, and only then, or when the timer finds none working, is anything given up. */
#include "video.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "codec/h264.h"
#include "follow.h"
#include "io/io.h"
#include "viewer/viewer.h"

enum {
	FPS = 30,			/* that rates are reckoned with; frames come as they do */
	BITS_MOST = 1,			/* that a pixel may have in a frame */
	KEY_LEAST_US = 1000000,		/* between key frames that viewers ask for */
	UNUSED_US = 10000000,		/* a stream that nobody has followed for so long is given up */
};
static const double tidy_seconds = 2;

/* --- regions ------------------------------------------------------------------------------- */

static bool is_wanted(const struct worker *w)
{
	for (const struct viewer *v = w->viewers; v; v = v->next)
		if (v->takes_video && !v->doomed)
			return true;
	return false;
}

static bool is_picture(void *arg, const pixman_box32_t *b)
{
	const struct screen *s = arg;
	const struct codec_source src = { s->front, s->w };
	return codec_is_picture(&src, (uint16_t)b->x1, (uint16_t)b->y1, (uint16_t)(b->x2 - b->x1), (uint16_t)(b->y2 - b->y1));
}

static const struct motion_region *region_of(const struct video *d, const struct video_stream *s)
{
	for (unsigned i = 0; i < d->motion.n; i++)
		if (d->motion.regions[i].id == s->region)
			return &d->motion.regions[i];
	return NULL;
}

static void stream_free(struct video *d, struct video_stream *s)
{
	cli_log(CLI_DEBUG, "video %dx%d at %d,%d: %llu frames encoded, sent %llu times", s->box.x2 - s->box.x1, s->box.y2 - s->box.y1,
		s->box.x1, s->box.y1, (unsigned long long)s->encoded, (unsigned long long)s->sent);
	for (unsigned i = 0; i < s->n; i++)
		unit_unref(&d->w->cache, &s->kept[i]->unit);
	codec_h264_free(s->encoder);
	free(s);
}

/* Gives up streams without a region and those that nobody follows. No thread may be encoding. */
static void drop_streams(struct video *d, int64_t now)
{
	unsigned kept = 0, n = d->n;
	for (unsigned i = 0; i < n; i++) {
		struct video_stream *s = d->streams[i];
		if (region_of(d, s) && now - s->used_us < UNUSED_US)
			d->streams[kept++] = s;
		else
			stream_free(d, s);
	}
	d->n = kept;
}

static void drop_all(struct video *d)
{
	motion_fini(&d->motion);
	drop_streams(d, 0);
	ev_timer_stop(d->w->loop, &d->tidy);
}

static void look(struct video *d, int64_t now)
{
	motion_look(&d->motion, source_reading_us(&d->w->source, now), now, is_picture, &d->w->screen);
	drop_streams(d, now);
	if (d->motion.n && !ev_is_active(&d->tidy))
		ev_timer_again(d->w->loop, &d->tidy);
	else if (!d->motion.n)
		ev_timer_stop(d->w->loop, &d->tidy);
}

void video_frame(struct video *d, const struct screen_change *c)
{
	struct worker *w = d->w;
	const int64_t now = io_now();
	if (!is_wanted(w)) {
		if (d->motion.cells)
			drop_all(d);
		return;
	}
	if (!d->motion.cells || d->epoch != w->epoch) {
		d->epoch = w->epoch;
		if (motion_reset(&d->motion, w->screen.w, w->screen.h) < 0)
			return;
		drop_streams(d, now);
	}
	motion_note(&d->motion, c, source_reading_us(&w->source, now));
	look(d, now);
}

/* Frames have stopped coming: what has come to rest is let go all the same. */
static void on_tidy(struct ev_loop *loop, ev_timer *t, int events)
{
	struct video *d = t->data;
	(void)loop;
	(void)events;
	if (pool_busy(d->w->pool))
		return;
	if (is_wanted(d->w))
		look(d, io_now());
	else
		drop_all(d);
}

void video_init(struct video *d, struct worker *w)
{
	memset(d, 0, sizeof *d);
	d->w = w;
	ev_timer_init(&d->tidy, on_tidy, tidy_seconds, tidy_seconds);
	d->tidy.data = d;
}

void video_fini(struct video *d)
{
	drop_all(d);
}

/* --- streams ------------------------------------------------------------------------------------ */

struct video_stream *video_stream_by_id(const struct video *d, uint32_t id)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->streams[i]->id == id)
			return d->streams[i];
	return NULL;
}

struct video_stream *video_stream_of(const struct video *d, uint32_t region, int8_t quality, uint8_t tier)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->streams[i]->region == region && d->streams[i]->quality == quality && d->streams[i]->tier == tier)
			return d->streams[i];
	return NULL;
}

struct video_stream *video_stream_new(struct video *d, const struct motion_region *r, int8_t quality, uint8_t tier)
{
	struct video_stream *s = d->n < VIDEO_STREAMS ? calloc(1, sizeof *s) : NULL;
	if (!s)
		return NULL;
	s->id = ++d->last_id;
	s->region = r->id;
	s->box = r->box;
	s->quality = quality;
	s->tier = tier;
	s->used_us = io_now();
	d->streams[d->n++] = s;
	cli_log(CLI_DEBUG, "video %dx%d at %d,%d: quality %d, tier %u", r->box.x2 - r->box.x1, r->box.y2 - r->box.y1, r->box.x1, r->box.y1,
		quality, tier);
	return s;
}

bool video_stream_is_current(const struct video *d, const struct video_stream *s)
{
	return s->number && s->content == screen_serial(&d->w->screen, &s->box);
}

bool video_stream_may_key(const struct video_stream *s)
{
	return !s->number || io_now() - s->key_us >= KEY_LEAST_US;
}

bool video_stream_is_broken(const struct video_stream *s)
{
	return s->n && s->kept[s->n - 1]->unit.state == UNIT_FAILED;
}

/* In a thread of the pool, or wherever the unit is encoded. */
static int encode_picture(struct unit *u, const struct screen *screen)
{
	struct video_unit *v = (struct video_unit *)u;
	struct video_stream *s = v->stream;
	const struct codec_source src = { screen->front, screen->w };
	if (!s->encoder)
		s->encoder = codec_h264_new(u->key.w, u->key.h, s->quality, v->kbit, FPS);
	else if (s->encoder_kbit != v->kbit)
		codec_h264_rate(s->encoder, v->kbit);
	s->encoder_kbit = v->kbit;
	return s->encoder ? codec_h264_encode(s->encoder, &u->enc, &src, u->key.x, u->key.y, v->key, &v->stands) : -1;
}

static void keep(struct video *d, struct video_stream *s, struct video_unit *u)
{
	if (s->n == VIDEO_KEPT) {
		unit_unref(&d->w->cache, &s->kept[0]->unit);
		memmove(s->kept, s->kept + 1, --s->n * sizeof s->kept[0]);
	}
	s->kept[s->n++] = u;
}

/* As much as the slowest of the viewers that follow it can take, and no change for little. */
static void choose_rate(const struct video *d, struct video_stream *s)
{
	uint64_t least = UINT64_MAX;
	for (const struct viewer *v = d->w->viewers; v; v = v->next) {
		uint64_t bytes = follow_budget(v);
		if (follow_has(v, s->id) && bytes && bytes < least)
			least = bytes;
	}
	uint64_t most = (uint64_t)(s->box.x2 - s->box.x1) * (uint64_t)(s->box.y2 - s->box.y1) * BITS_MOST * FPS / 1000;
	most = most > CODEC_H264_KBIT_MAX ? CODEC_H264_KBIT_MAX : most;
	uint64_t kbit = least >= most * 1000 / 8 / FPS ? most : least * 8 * FPS / 1000;
	kbit = kbit < 1 ? 1 : kbit;
	if (!s->kbit || kbit * 10 < s->kbit * 9ull || kbit * 9 > s->kbit * 10ull)
		s->kbit = (unsigned)kbit;
}

struct video_unit *video_stream_encode(struct video *d, struct video_stream *s, bool key)
{
	struct video_unit *u = calloc(1, sizeof *u);
	if (!u)
		return NULL;
	const int64_t now = io_now();
	unit_init_own(&u->unit, encode_picture);
	u->unit.key.params.encoding = CODEC_H264;
	u->unit.key.params.format = pixel_format_native;
	u->unit.key.params.quality = s->quality;
	u->unit.key.x = (uint16_t)s->box.x1;
	u->unit.key.y = (uint16_t)s->box.y1;
	u->unit.key.w = (uint16_t)(s->box.x2 - s->box.x1);
	u->unit.key.h = (uint16_t)(s->box.y2 - s->box.y1);
	u->unit.key.content = s->content = screen_serial(&d->w->screen, &s->box);
	u->unit.key.epoch = d->w->epoch;
	u->stream = s;
	u->stream_id = s->id;
	u->number = ++s->number;
	u->key = key || u->number == 1 || (s->key_wanted && video_stream_may_key(s));
	if (u->key) {
		s->key_us = now;
		s->key_wanted = false;
	}
	s->used_us = now;
	s->encoded++;
	choose_rate(d, s);
	u->kbit = s->kbit;
	keep(d, s, u);
	pool_submit(d->w->pool, &u->unit);
	return u;
}
