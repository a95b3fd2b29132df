/* Streams of video and who follows them: one encoder for many viewers, catching up, falling out of step, beginning anew. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "screen/canvas.c"
#include "video/follow.c"
#include "video/motion.c"
#include "viewer/outq.c"
#include "screen/pixels.c"
#include "units/pool.c"
#include "screen/screen.c"
#include "screen/stage.c"
#include "units/unit.c"
#include "video/video.c"

enum { W = 320, H = 240, VIEWERS = 3, IOV_PIECES = 4 };

/* What the code under test asks of the rest. */
static pixman_box32_t frame = { 0, 0, W, H };
static uint64_t bytes_a_second;
pixman_box32_t viewer_frame(const struct viewer *v) { (void)v; return frame; }
int64_t source_reading_us(const struct source *s, int64_t now) { (void)s; return now; }
uint64_t hold_carries(const struct viewer *v, int64_t us) { return (uint64_t)((double)us * (v->pace.us > 0 ? v->pace.bytes : (double)bytes_a_second) / 1e6); }
static void set_rate(struct viewer *v, double bytes) { v->pace.bytes = bytes; v->pace.us = 1e6; }

struct scene {
	struct worker w;
	struct viewer v[VIEWERS];
	unsigned n;			/* frames so far */
};

static void wake(void *arg) { (void)arg; }

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	const struct fbs_record r = { .type = FBS_SCREEN, .screen = { .w = W, .h = H } };
	const struct screen_change *change;
	const char *why;
	if (!codec_h264_available()) {
		free(s);
		*state = NULL;
		return 0;
	}
	screen_init(&s->w.screen);
	screen_apply(&s->w.screen, &r, &why);
	assert_int_equal(screen_commit(&s->w.screen, true, &change), 0);
	assert_int_equal(unit_cache_init(&s->w.cache, 0), 0);
	s->w.pool = pool_new(2, &s->w.screen, wake, NULL);
	s->w.loop = ev_loop_new(0);
	video_init(&s->w.video, &s->w);
	assert_int_equal(motion_reset(&s->w.video.motion, W, H), 0);
	frame = (pixman_box32_t){ 0, 0, W, H };
	bytes_a_second = 0;
	s->w.viewers = &s->v[0];
	for (unsigned i = 0; i < VIEWERS; i++) {
		struct viewer *v = &s->v[i];
		v->w = &s->w;
		v->next = i + 1 < VIEWERS ? &s->v[i + 1] : NULL;
		v->takes_video = true;
		v->video_quality = 92;
		pixman_region32_init(&v->pic.pending);
	}
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	if (!s)
		return 0;
	for (unsigned i = 0; i < VIEWERS; i++) {
		follow_fini(&s->v[i]);
		outq_fini(&s->v[i].out, &s->w.cache);
		pixman_region32_fini(&s->v[i].pic.pending);
	}
	pool_free(s->w.pool);
	video_fini(&s->w.video);
	unit_cache_fini(&s->w.cache);
	screen_fini(&s->w.screen);
	ev_loop_destroy(s->w.loop);
	free(s);
	return 0;
}

static struct motion_region *region(struct scene *s, unsigned i, int x, int y, int w, int h)
{
	struct motion *m = &s->w.video.motion;
	m->regions[i] = (struct motion_region){ ++m->last_id, { x, y, x + w, y + h }, .playing = true, .seen_us = io_now() };
	m->n = i + 1 > m->n ? i + 1 : m->n;
	return &m->regions[i];
}

/* Another picture all over the screen. No thread is encoding. */
static void next_frame(struct scene *s)
{
	struct screen *c = &s->w.screen;
	s->n++;
	c->serial++;
	for (unsigned y = 0; y < H; y++)
		for (unsigned x = 0; x < W; x++)
			c->front[y * W + x] = ((x + 3 * s->n) & 255) << 16 | ((y + s->n) & 255) << 8 | ((x + y) / 3 & 255);
	for (size_t i = 0; i < (size_t)c->tiles_w * c->tiles_h; i++)
		c->tiles[i] = c->serial;
}

static void finish_encoding(struct scene *s)
{
	while (pool_busy(s->w.pool)) {
		unit_all_done(&s->w.cache, pool_collect(s->w.pool));
		usleep(100);
	}
}

/* How many units a viewer is sent of a frame that changed everything; *rest: what is sent in another way. */
static unsigned take_frame(struct scene *s, struct viewer *v, pixman_region32_t *rest)
{
	const pixman_box32_t area = { 0, 0, W, H };
	pixman_region32_init_rect(rest, 0, 0, W, H);
	follow_take(v, rest, &area);
	finish_encoding(s);
	return v->follow.n_taken;
}

/* Sends them. Returns the flags of the first; *number: the last one's. */
static uint32_t send_taken(struct viewer *v, unsigned *number)
{
	struct unit *units[CATCH_UP_MOST * MOTION_REGIONS];
	const unsigned n = follow_collect(v, units);
	uint32_t flags = 0;
	for (unsigned i = 0; i < n; i++) {
		uint8_t head[HEADER];
		struct iovec iov[IOV_PIECES];
		assert_int_equal(units[i]->state, UNIT_DONE);
		follow_put(v, units[i], (struct view_origin){ frame.x1, frame.y1 });
		int pieces = outq_iov(&v->out, iov, IOV_PIECES, SIZE_MAX);
		assert_true(pieces > 0 && iov[0].iov_len >= HEADER);
		memcpy(head, iov[0].iov_base, HEADER);
		assert_int_equal(wire_ld16be(head), units[i]->key.x - frame.x1);
		assert_int_equal(wire_ld16be(head + 2), units[i]->key.y - frame.y1);
		assert_int_equal(wire_ld32be(head + 8), CODEC_H264);
		assert_int_equal(wire_ld32be(head + 12) + HEADER, v->out.bytes);
		if (i == 0)
			flags = wire_ld32be(head + 16);
		else
			assert_int_equal(wire_ld32be(head + 16), 0);
		*number = ((struct video_unit *)units[i])->number;
		outq_sent(&v->out, v->out.bytes, &v->w->cache);
		unit_unref(&v->w->cache, units[i]);
	}
	return flags;
}

/* A frame to one viewer, of one region: how many units came, and the flags of the first. */
static unsigned serve(struct scene *s, struct viewer *v, uint32_t *flags, unsigned *number)
{
	pixman_region32_t rest;
	const unsigned n = take_frame(s, v, &rest);
	*flags = n ? send_taken(v, number) : 0;
	assert_int_equal(pixman_region32_contains_rectangle(&rest, &s->w.video.motion.regions[0].box), n ? PIXMAN_REGION_OUT : PIXMAN_REGION_IN);
	pixman_region32_fini(&rest);
	return n;
}

/* All frames to all viewers: each is encoded once, and everybody gets each once. */
static void test_one_encoder_for_all(void **state)
{
	struct scene *s = *state;
	uint32_t flags;
	unsigned number = 0;
	if (!s)
		skip();
	region(s, 0, 31, 17, 201, 133);
	for (unsigned i = 0; i < 20; i++) {
		next_frame(s);
		for (unsigned k = 0; k < VIEWERS; k++) {
			assert_int_equal(serve(s, &s->v[k], &flags, &number), 1);
			assert_int_equal(flags, i == 0 ? CODEC_H264_RESET_CONTEXT : 0);
			assert_int_equal(number, i + 1);
		}
	}
	assert_int_equal(s->w.video.n, 1);
	assert_int_equal(s->w.video.streams[0]->encoded, 20);
	assert_int_equal(s->w.video.streams[0]->sent, 20 * VIEWERS);
	/* who wants the same again gets it as everything else, exactly */
	assert_int_equal(serve(s, &s->v[0], &flags, &number), 0);
	/* another quality is another stream */
	s->v[2].video_quality = 29;
	next_frame(s);
	assert_int_equal(serve(s, &s->v[2], &flags, &number), 1);
	assert_int_equal(flags, CODEC_H264_RESET_CONTEXT);
	assert_int_equal(s->w.video.n, 2);
}

static void test_catching_up(void **state)
{
	struct scene *s = *state;
	uint32_t flags;
	unsigned number = 0;
	if (!s)
		skip();
	region(s, 0, 0, 0, W, H);
	for (unsigned i = 0; i < 24; i++) {
		next_frame(s);
		assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
		if (i % 3 == 0) {
			assert_int_equal(serve(s, &s->v[1], &flags, &number), i ? 3 : 1);
			assert_int_equal(number, i + 1);
			assert_int_equal(flags, i ? 0 : CODEC_H264_RESET_CONTEXT);
		}
		/* one that comes a little later begins with the first frame, too */
		if (i == 4) {
			assert_int_equal(serve(s, &s->v[2], &flags, &number), 5);
			assert_int_equal(flags, CODEC_H264_RESET_CONTEXT);
		}
	}
	assert_int_equal(s->w.video.streams[0]->encoded, 24);
	/* on a slow link units are not heaped up */
	set_rate(&s->v[1], 2000);
	s->v[1].follow.tier = s->v[0].follow.tier = 3;
	set_rate(&s->v[0], 2000);
	s->w.video.streams[0]->tier = 3;
	for (unsigned i = 0; i < 4; i++) {
		next_frame(s);
		assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	}
	assert_int_equal(serve(s, &s->v[1], &flags, &number), 0);
}

static void test_falling_out_of_step(void **state)
{
	struct scene *s = *state;
	uint32_t flags;
	unsigned number = 0;
	if (!s)
		skip();
	region(s, 0, 0, 0, W, H);
	next_frame(s);
	serve(s, &s->v[0], &flags, &number);
	serve(s, &s->v[1], &flags, &number);
	for (unsigned i = 0; i < CATCH_UP_MOST + 1; i++) {
		next_frame(s);
		assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	}
	struct video_stream *stream = s->w.video.streams[0];
	/* it gets the region in another way as long as no key frame may come, however long the next lines take */
	stream->key_us = io_now() + 1000 * (int64_t)KEY_LEAST_US;
	next_frame(s);
	assert_int_equal(serve(s, &s->v[1], &flags, &number), 0);
	assert_true(stream->key_wanted);
	assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	/* then somebody's next frame is one, for all */
	stream->key_us = io_now() - KEY_LEAST_US;
	next_frame(s);
	assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	assert_int_equal(flags, 0);
	assert_true(stream->kept[stream->n - 1]->stands);
	assert_int_equal(serve(s, &s->v[1], &flags, &number), 1);
	assert_int_equal(flags, CODEC_H264_RESET_CONTEXT);
	/* and one that comes may have its own at once when the last is long ago */
	stream->key_us = io_now() - KEY_LEAST_US;
	for (unsigned i = 0; i < CATCH_UP_MOST + 1; i++) {
		next_frame(s);
		assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	}
	next_frame(s);
	assert_int_equal(serve(s, &s->v[2], &flags, &number), 1);
	assert_int_equal(flags, CODEC_H264_RESET_CONTEXT);
}

/* However many boxes there are, the viewer never has more than 64 decoders, and is told when it has to forget. */
static void test_many_boxes(void **state)
{
	struct scene *s = *state;
	unsigned begun = 0, forgotten = 0;
	if (!s)
		skip();
	for (unsigned i = 0; i < 150; i++) {
		uint32_t flags;
		unsigned number;
		region(s, 0, (int)(i % 16), (int)(i / 16), 64, 64);
		next_frame(s);
		assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
		begun = flags & CODEC_H264_RESET_ALL ? 1 : begun + 1;
		forgotten += (flags & CODEC_H264_RESET_ALL) != 0;
		assert_true(flags & CODEC_H264_RESET_CONTEXT);
		assert_true(begun <= FOLLOW_DECODERS);
		drop_streams(&s->w.video, io_now());
	}
	assert_int_equal(forgotten, 2);
	/* when nothing moves any more all are given up */
	struct wire_buf out = { 0 };
	assert_int_equal(follow_put_reset(&s->v[0], &out), 0);
	s->w.video.motion.n = 0;
	assert_int_equal(follow_put_reset(&s->v[0], &out), 1);
	assert_int_equal(out.len, HEADER);
	assert_int_equal(wire_ld32be(out.data + 8), CODEC_H264);
	assert_int_equal(wire_ld32be(out.data + 12), 0);
	assert_int_equal(wire_ld32be(out.data + 16), CODEC_H264_RESET_ALL);
	assert_int_equal(follow_put_reset(&s->v[0], &out), 0);
	wire_buf_fini(&out);
}

static void test_another_part_of_the_screen(void **state)
{
	struct scene *s = *state;
	uint32_t flags;
	unsigned number;
	if (!s)
		skip();
	region(s, 0, 100, 80, 120, 90);
	next_frame(s);
	serve(s, &s->v[0], &flags, &number);
	frame = (pixman_box32_t){ 90, 70, 290, 220 };
	next_frame(s);
	assert_int_equal(serve(s, &s->v[0], &flags, &number), 2);	/* from the key frame on */
	assert_int_equal(flags, CODEC_H264_RESET_CONTEXT | CODEC_H264_RESET_ALL);
	next_frame(s);
	assert_int_equal(serve(s, &s->v[0], &flags, &number), 1);
	assert_int_equal(flags, 0);
	/* a region that it does not see all of */
	pixman_region32_t rest;
	const pixman_box32_t area = { 110, 70, 290, 220 };
	pixman_region32_init_rect(&rest, 110, 70, 180, 150);
	next_frame(s);
	follow_take(&s->v[0], &rest, &area);
	assert_int_equal(s->v[0].follow.n_taken, 0);
	pixman_region32_fini(&rest);
}

/* Links of about one speed share a stream, which goes as fast as the slowest; a viewer alone takes its stream along. */
static void test_links(void **state)
{
	struct scene *s = *state;
	uint32_t flags;
	unsigned number;
	if (!s)
		skip();
	region(s, 0, 0, 0, W, H);
	set_rate(&s->v[0], 40e6);
	set_rate(&s->v[1], 300e3);
	next_frame(s);
	serve(s, &s->v[0], &flags, &number);
	serve(s, &s->v[1], &flags, &number);
	assert_int_equal(s->w.video.n, 2);
	assert_true(s->w.video.streams[0]->kbit > s->w.video.streams[1]->kbit);
	assert_int_equal(s->w.video.streams[1]->kbit, 300e3 * FRAME_US / 1e6 * 8 * FPS / 1000);
	for (unsigned i = 0; i < 3; i++) {
		set_rate(&s->v[1], s->v[1].pace.bytes / 3);
		next_frame(s);
		assert_int_equal(serve(s, &s->v[1], &flags, &number), 1);
		assert_int_equal(flags, 0);
	}
	assert_int_equal(s->w.video.n, 2);
	/* it recovers, and joins the others again at a key frame */
	set_rate(&s->v[1], 40e6);
	s->w.video.streams[0]->key_us = 0;
	next_frame(s);
	serve(s, &s->v[0], &flags, &number);
	for (unsigned i = 0; i < CATCH_UP_MOST + 2; i++) {
		next_frame(s);
		serve(s, &s->v[0], &flags, &number);
	}
	s->w.video.streams[0]->key_us = 0;
	assert_int_equal(serve(s, &s->v[1], &flags, &number), 0);
	next_frame(s);
	assert_int_equal(serve(s, &s->v[1], &flags, &number), 1);
	assert_int_equal(flags, CODEC_H264_RESET_CONTEXT);
	assert_true(is_alone(&s->v[2], s->w.video.streams[1]->id));
}

/* An encoder that cannot be: the viewer gets the region in another way, and nobody asks again. */
static void test_no_encoder(void **state)
{
	struct scene *s = *state;
	pixman_region32_t rest;
	uint32_t flags;
	unsigned number;
	if (!s)
		skip();
	region(s, 0, 0, 0, 10, 200);	/* narrower than the library takes */
	next_frame(s);
	assert_int_equal(take_frame(s, &s->v[0], &rest), 1);
	struct unit *u;
	assert_int_equal(follow_collect(&s->v[0], &u), 1);
	assert_int_equal(u->state, UNIT_FAILED);
	follow_lost(&s->v[0], u);
	unit_unref(&s->w.cache, u);
	pixman_region32_fini(&rest);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(serve(s, &s->v[i], &flags, &number), 0);
		next_frame(s);
	}
	assert_int_equal(s->w.video.n, 1);
	assert_int_equal(s->w.video.streams[0]->encoded, 1);
}

static void test_painted_cursor(void **state)
{
	struct scene *s = *state;
	pixman_region32_t rest;
	const pixman_box32_t *b;
	int n;
	if (!s)
		skip();
	region(s, 0, 0, 0, W, H);
	s->v[0].painted = (pixman_box32_t){ 300, 100, 330, 120 };
	next_frame(s);
	assert_int_equal(take_frame(s, &s->v[0], &rest), 1);
	b = pixman_region32_rectangles(&rest, &n);
	assert_int_equal(n, 1);
	assert_true(b->x1 == 300 && b->y1 == 100 && b->x2 == 320 && b->y2 == 120);
	pixman_region32_fini(&rest);
}

static void test_what_is_wanted(void **state)
{
	static const struct { int32_t list[3]; unsigned n; int32_t chosen; bool wanted; } cases[] = {
		{ { CODEC_H264, CODEC_TIGHT }, 2, CODEC_TIGHT, true }, { { CODEC_TIGHT, CODEC_H264 }, 2, CODEC_TIGHT, false },
		{ { CODEC_TIGHT, CODEC_ZRLE }, 2, CODEC_TIGHT, false }, { { CODEC_H264 }, 1, CODEC_RAW, true }, { { 0 }, 0, CODEC_RAW, false },
	};
	struct scene *s = *state;
	if (!s)
		skip();
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		memcpy(s->v[0].can.choices, cases[i].list, sizeof cases[i].list);
		s->v[0].can.n = cases[i].n;
		s->v[0].params.encoding = cases[i].chosen;
		assert_int_equal(follow_wanted(&s->v[0]), cases[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_encoder_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_catching_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_falling_out_of_step, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_boxes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_part_of_the_screen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_encoder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_painted_cursor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_wanted, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
