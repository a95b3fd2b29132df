/* Finding what moves: videos are found where they are, once they have lasted; text, blinking, copies and slides are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/motion.c"

enum { W = 1024, H = 768 };

/* A screen that is watched: time passes as frames are shown. */
struct scene {
	struct motion m;
	int64_t now, reading;
	bool picture;
	unsigned judged, changes;
};

static bool judge(void *arg, const pixman_box32_t *box)
{
	struct scene *s = arg;
	assert_true(box->x1 >= 0 && box->y1 >= 0 && box->x2 <= W && box->y2 <= H);
	s->judged++;
	return s->picture;
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	s->now = 50000000;
	s->picture = true;
	assert_int_equal(motion_reset(&s->m, W, H), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	motion_fini(&s->m);
	free(s);
	return 0;
}

/* A frame in which these boxes change, `us` after the last one; time during which frames are read: `reading`. */
static void show(struct scene *s, const pixman_box32_t *boxes, unsigned n, int64_t us, int64_t reading)
{
	struct screen_op op = { .is_copy = false };
	struct screen_change c = { .what = SCREEN_PIXELS, .n_ops = 1, .ops = &op };
	s->now += us;
	s->reading += reading;
	pixman_region32_init(&op.damage);
	for (unsigned i = 0; i < n; i++)
		pixman_region32_union_rect(&op.damage, &op.damage, boxes[i].x1, boxes[i].y1, (unsigned)(boxes[i].x2 - boxes[i].x1),
					   (unsigned)(boxes[i].y2 - boxes[i].y1));
	motion_note(&s->m, &c, s->reading);
	pixman_region32_fini(&op.damage);
	s->changes += motion_look(&s->m, s->reading, s->now, judge, s);
	for (unsigned i = 0; i < s->m.n; i++)
		for (unsigned k = 0; k < i; k++)
			assert_int_equal(shared_area(&s->m.regions[i].box, &s->m.regions[k].box), 0);
}

static void play(struct scene *s, const pixman_box32_t *boxes, unsigned n, double seconds, double fps)
{
	for (int i = 0; i < (int)(seconds * fps); i++)
		show(s, boxes, n, (int64_t)(1e6 / fps), (int64_t)(1e6 / fps));
}

static void assert_box(const pixman_box32_t *got, int x1, int y1, int x2, int y2)
{
	if (got->x1 != x1 || got->y1 != y1 || got->x2 != x2 || got->y2 != y2)
		fail_msg("%d,%d to %d,%d", got->x1, got->y1, got->x2, got->y2);
}

static void test_a_video(void **state)
{
	static const double rates[] = { 60, 30, 24, 12, 8 };
	const pixman_box32_t video = { 101, 77, 741, 437 };
	struct scene *s = *state;

	for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
		assert_int_equal(motion_reset(&s->m, W, H), 0);
		play(s, &video, 1, 0.7, rates[i]);
		assert_int_equal(s->m.n, 0);		/* not at once */
		play(s, &video, 1, 2.3, rates[i]);
		assert_int_equal(s->m.n, 1);
		assert_box(&s->m.regions[0].box, 101, 77, 741, 437);	/* to the pixel */
		assert_true(s->m.regions[0].playing);
	}
}

/* Nothing else changes while it plays on: neither its box nor its id. */
static void test_steadiness(void **state)
{
	const pixman_box32_t all[] = { { 300, 200, 620, 380 }, { 10, 10, 20, 24 } };
	struct scene *s = *state;

	play(s, all, 1, 3, 30);
	assert_int_equal(s->changes, 1);
	uint32_t id = s->m.regions[0].id;
	for (unsigned i = 0; i < 300; i++) {
		/* parts of it stand still now and then; letters are typed elsewhere */
		const pixman_box32_t some[] = { { 300, 200 + (int)(i % 7) * 10, 620, 380 - (int)(i % 5) * 9 }, all[1] };
		show(s, some, i % 4 ? 1 : 2, 33000, 33000);
	}
	assert_int_equal(s->changes, 1);
	assert_int_equal(s->m.n, 1);
	assert_int_equal(s->m.regions[0].id, id);
}

static void test_several(void **state)
{
	const pixman_box32_t all[] = { { 0, 0, 320, 180 }, { 600, 0, 920, 180 }, { 0, 500, 200, 700 }, { 824, 568, 1024, 768 } };
	struct scene *s = *state;

	play(s, all, 4, 3, 30);
	assert_int_equal(s->m.n, 4);
	for (unsigned i = 0; i < 4; i++) {
		unsigned k = 0;
		while (k < 4 && memcmp(&s->m.regions[i].box, &all[k], sizeof all[k]))
			k++;
		assert_true(k < 4);
	}
	/* neighbours, in neighbouring cells */
	const pixman_box32_t near[] = { { 220, 150, 540, 390 }, { 20, 420, 240, 570 } };
	assert_int_equal(motion_reset(&s->m, W, H), 0);
	play(s, near, 2, 3, 30);
	assert_int_equal(s->m.n, 2);
	/* more than there may be */
	pixman_box32_t many[15];
	for (int i = 0; i < 15; i++)
		many[i] = (pixman_box32_t){ i % 5 * 200, i / 5 * 250, i % 5 * 200 + 136, i / 5 * 250 + 130 };
	assert_int_equal(motion_reset(&s->m, W, H), 0);
	play(s, many, 15, 4, 30);
	assert_int_equal(s->m.n, MOTION_REGIONS);
}

static void test_no_videos(void **state)
{
	const pixman_box32_t caret = { 400, 300, 408, 316 }, line = { 0, 752, 1024, 768 }, spinner = { 500, 500, 564, 564 }, page = { 0, 0, W, H };
	struct scene *s = *state;

	play(s, &caret, 1, 5, 30);
	play(s, &line, 1, 5, 30);		/* the last line of text that scrolls */
	play(s, &spinner, 1, 5, 30);
	play(s, &page, 1, 20, 0.8);		/* slides */
	assert_int_equal(s->m.n, 0);
	for (int i = 0; i < 200; i++) {		/* what is dragged is never long in one place */
		const pixman_box32_t edges[] = { { 100 + 6 * i % 700, 50, 108 + 6 * i % 700, 450 }, { 300 + 6 * i % 700, 50, 308 + 6 * i % 700, 450 } };
		show(s, edges, 2, 33000, 33000);
	}
	assert_int_equal(s->m.n, 0);
	s->picture = false;
	s->judged = 0;
	play(s, &page, 1, 5, 30);		/* text that flies by */
	assert_int_equal(s->m.n, 0);
	assert_true(s->judged > 0);
}

static void test_copies_do_not_count(void **state)
{
	struct scene *s = *state;
	struct screen_op op = { .is_copy = true, .copy = { 0, 0, W, H - 16, 0, 16 } };
	struct screen_change c = { .what = SCREEN_PIXELS, .n_ops = 1, .ops = &op };

	for (int i = 0; i < 150; i++) {
		s->now += 33000;
		s->reading += 33000;
		motion_note(&s->m, &c, s->reading);
		motion_look(&s->m, s->reading, s->now, judge, s);
	}
	assert_int_equal(s->m.n, 0);
}

/* On a slow link few frames are read, each soon after it was wanted. */
static void test_few_frames(void **state)
{
	const pixman_box32_t video = { 0, 0, 640, 360 };
	struct scene *s = *state;

	for (int i = 0; i < 8; i++)
		show(s, &video, 1, 1500000, 30000);
	assert_int_equal(s->m.n, 1);
	assert_true(s->m.regions[0].playing);
}

/* Or some at a time, before each update: a video is found within four of them. */
static void test_frames_in_groups(void **state)
{
	const pixman_box32_t video = { 0, 0, W, H };
	struct scene *s = *state;

	for (int update = 0; update < 4; update++) {
		show(s, &video, 1, 600000, 10000);
		play(s, &video, 1, 0.1, 30);
	}
	assert_int_equal(s->m.n, 1);
	assert_box(&s->m.regions[0].box, 0, 0, W, H);
}

static void test_rest_and_return(void **state)
{
	const pixman_box32_t video = { 64, 64, 704, 424 }, caret = { 100, 100, 108, 116 };
	struct scene *s = *state;

	play(s, &video, 1, 3, 30);
	uint32_t id = s->m.regions[0].id;
	play(s, &caret, 1, 2, 3);		/* paused; something small goes on in it */
	assert_int_equal(s->m.n, 1);
	assert_false(s->m.regions[0].playing);
	play(s, &video, 1, 1, 30);
	assert_true(s->m.regions[0].playing);
	assert_int_equal(s->m.regions[0].id, id);
	play(s, &caret, 1, 8, 3);
	assert_int_equal(s->m.n, 0);
	/* the same when no frames come at all */
	play(s, &video, 1, 3, 30);
	assert_int_equal(s->m.n, 1);
	assert_int_not_equal(s->m.regions[0].id, id);
	s->now += 7000000;
	s->reading += 7000000;
	assert_true(motion_look(&s->m, s->reading, s->now, judge, s));
	assert_int_equal(s->m.n, 0);
}

static void test_growing_and_shrinking(void **state)
{
	const pixman_box32_t small = { 200, 200, 520, 380 }, large = { 100, 100, 740, 460 };
	struct scene *s = *state;

	play(s, &small, 1, 3, 30);
	assert_box(&s->m.regions[0].box, 200, 200, 520, 380);
	play(s, &large, 1, 2, 30);
	assert_int_equal(s->m.n, 1);
	assert_box(&s->m.regions[0].box, 100, 100, 740, 460);
	play(s, &small, 1, 2, 30);		/* for a while only */
	assert_box(&s->m.regions[0].box, 100, 100, 740, 460);
	play(s, &large, 1, 2, 30);
	play(s, &small, 1, 8, 30);
	assert_int_equal(s->m.n, 1);
	assert_box(&s->m.regions[0].box, 200, 200, 520, 380);
}

static void test_text_in_its_place(void **state)
{
	const pixman_box32_t video = { 0, 0, W, H };
	struct scene *s = *state;

	play(s, &video, 1, 3, 30);
	assert_int_equal(s->m.n, 1);
	s->picture = false;
	play(s, &video, 1, 4, 30);
	assert_int_equal(s->m.n, 0);
}

static void test_sizes(void **state)
{
	static const uint32_t sizes[][2] = { { 1, 1 }, { 31, 33 }, { 16384, 16 }, { 20, 16384 }, { 8192, 4608 } };
	struct scene *s = *state;

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const pixman_box32_t all = { 0, 0, (int32_t)sizes[i][0], (int32_t)sizes[i][1] }, beyond = { 0, 0, 40000, 40000 };
		assert_int_equal(motion_reset(&s->m, sizes[i][0], sizes[i][1]), 0);
		for (int n = 0; n < 90; n++)
			show(s, n % 2 ? &all : &beyond, 1, 33000, 33000);
		assert_int_equal(s->m.n, 0);	/* too small, or more than an encoder takes */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_video, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steadiness, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_videos, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copies_do_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(test_few_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frames_in_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rest_and_return, setup, teardown),
		cmocka_unit_test_setup_teardown(test_growing_and_shrinking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_in_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
