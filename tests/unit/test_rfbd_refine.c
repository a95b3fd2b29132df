/* What a viewer holds approximately is sent exactly: when, how much at a time, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "units/cut.c"
#include "viewer/picture.c"
#include "viewer/refine.c"

enum { W = 1920, H = 1080, CELLS = 6 * 4 };

/* What the code under test asks of the rest. */
static int64_t reading;			/* for how long frames have been read */
static unsigned considered;
int64_t source_reading_us(const struct source *s, int64_t now) { (void)s; (void)now; return reading; }
void update_consider(struct viewer *v) { (void)v; considered++; }

struct scene {
	struct worker w;
	struct viewer v;
	struct cut cut;
	pixman_region32_t sent;
	pixman_box32_t area;
};

static const pixman_box32_t screen = { 0, 0, W, H };

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	s->v.w = &s->w;
	s->area = screen;
	s->w.loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(s->w.loop);
	picture_init(&s->v.pic);
	pixman_region32_init(&s->sent);
	refine_init(&s->v);
	reading = 5000000;
	considered = 0;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	ev_timer_stop(s->w.loop, &s->v.refine);
	ev_loop_destroy(s->w.loop);
	picture_fini(&s->v.pic);
	pixman_region32_fini(&s->sent);
	cut_fini(&s->cut);
	free(s);
	return 0;
}

/* All of the screen was sent approximately, and has been at rest since. */
static void let_all_be_due(struct scene *s)
{
	picture_sent(&s->v.pic, &screen, true);
	refine_now(&s->v);
}

/* Cuts `changed` (NULL: nothing) and what may be refined beside it; returns how many boxes the latter is. */
static unsigned cut_update(struct scene *s, const pixman_box32_t *changed)
{
	pixman_region32_clear(&s->sent);
	if (changed)
		pixman_region32_union_rect(&s->sent, &s->sent, changed->x1, changed->y1, (unsigned)(changed->x2 - changed->x1),
					   (unsigned)(changed->y2 - changed->y1));
	assert_true(cut_region(&s->cut, &s->sent));
	const unsigned before = s->cut.n;
	assert_true(refine_cut(&s->v, &s->cut, &s->sent, &s->area));
	assert_true(s->cut.n >= before);
	return s->cut.n - before;
}

/* Whether any of the last n boxes of the cut overlaps this one. */
static bool touches(const struct scene *s, unsigned n, const pixman_box32_t *b)
{
	for (unsigned i = s->cut.n - n; i < s->cut.n; i++)
		if (overlap(&s->cut.boxes[i], b))
			return true;
	return false;
}

static void test_how_much(void **state)
{
	const pixman_box32_t letter = { 100, 100, 110, 116 }, page = { 0, 0, W, 544 };
	struct scene *s = *state;
	assert_int_equal(cut_update(s, NULL), 0);		/* nothing is lossy */
	let_all_be_due(s);
	assert_int_equal(cut_update(s, NULL), CELLS_ALONE);
	assert_int_equal(cut_update(s, &letter), CELLS_BESIDE_CHANGES);
	assert_int_equal(cut_update(s, &page), CELLS_BESIDE_CHANGES);
	const struct fbs_copy scroll = { 0, 0, 8, 8, 8, 8 };	/* a copy is a change as well */
	s->v.pic.copies_ok = true;
	picture_copy(&s->v.pic, &scroll);
	assert_int_equal(s->v.pic.n_copies, 1);
	assert_int_equal(cut_update(s, NULL), CELLS_BESIDE_CHANGES);
	/* small enough beside what changes, more when nothing does, and not everything at once */
	assert_true((int)CELLS_ALONE < (int)CELLS && CELLS_BESIDE_CHANGES < CELLS_ALONE);
}

/* Update by update everything becomes exact, nothing twice. */
static void test_all_of_it(void **state)
{
	struct scene *s = *state;
	unsigned sent = 0, n;
	let_all_be_due(s);
	while ((n = cut_update(s, NULL)) > 0) {
		for (unsigned i = 0; i < n; i++)
			picture_sent(&s->v.pic, &s->cut.boxes[i], false);
		sent += n;
		assert_true(sent <= CELLS);
	}
	assert_int_equal(sent, CELLS);
	assert_false(pixman_region32_not_empty(&s->v.pic.lossy));
}

static void test_within_what_was_asked_for(void **state)
{
	static const pixman_box32_t areas[] = { { 700, 300, 1000, 500 }, { 0, 0, 1, 1 }, { 1900, 1060, W, H }, { 0, 0, W, 272 }, { 0, 0, 0, 0 } };
	struct scene *s = *state;
	let_all_be_due(s);
	for (unsigned i = 0; i < sizeof areas / sizeof *areas; i++) {
		long sum = 0;
		s->area = areas[i];
		cut_update(s, NULL);
		for (unsigned k = 0; k < s->cut.n; k++) {
			const pixman_box32_t *b = &s->cut.boxes[k];
			assert_true(b->x1 >= areas[i].x1 && b->y1 >= areas[i].y1 && b->x2 <= areas[i].x2 && b->y2 <= areas[i].y2);
			sum += area(b);
		}
		assert_int_equal(sum, area(&areas[i]));
	}
}

/* What is pending will be sent anyway, and is not what it was; what this update sends is not sent twice. */
static void test_neither_pending_nor_sent(void **state)
{
	const pixman_box32_t asked = { 0, 0, 640, 272 }, pending = { 0, 0, 320, 272 }, sent = { 320, 0, 480, 272 };
	struct scene *s = *state;
	let_all_be_due(s);
	s->area = asked;
	picture_damage_box(&s->v.pic, &pending);
	assert_int_equal(cut_update(s, NULL), 1);
	assert_false(touches(s, 1, &pending));
	assert_true(touches(s, 1, &sent));
	assert_int_equal(cut_update(s, &sent), 1);
	assert_false(touches(s, 1, &pending) || touches(s, 1, &sent));
	const pixman_box32_t rest = { 480, 0, 640, 272 };
	assert_memory_equal(&s->cut.boxes[s->cut.n - 1], &rest, sizeof rest);
	picture_damage_box(&s->v.pic, &asked);
	assert_int_equal(cut_update(s, NULL), 0);
}

static void tick(struct scene *s, int64_t read)
{
	reading += read;
	on_refine(s->w.loop, &s->v.refine, 0);
}

static bool is_due(struct scene *s)
{
	return pixman_region32_not_empty(&s->v.pic.due);
}

/* Rest is seen only while frames are read, and takes two looks. */
static void test_rest(void **state)
{
	struct scene *s = *state;
	picture_sent(&s->v.pic, &screen, true);
	refine_later(&s->v);
	assert_true(ev_is_active(&s->v.refine));
	for (unsigned i = 0; i < 20; i++)
		tick(s, 0);					/* nobody looked */
	assert_false(is_due(s));
	tick(s, LOOKED_US);
	assert_false(is_due(s));				/* it may have been sent a moment ago */
	for (int64_t read = 0; read < LOOKED_US - LOOKED_US / 10; read += LOOKED_US / 10) {
		tick(s, LOOKED_US / 10);
		assert_false(is_due(s));
	}
	assert_true(ev_is_active(&s->v.refine));
	tick(s, LOOKED_US / 10);				/* a little each time adds up */
	assert_true(is_due(s));
	assert_false(ev_is_active(&s->v.refine));		/* there is nothing else to come */
	assert_true(considered > 0);
}

/* A video is sent again between any two looks: it is never at rest, what stands beside it is. */
static void test_what_moves_does_not_rest(void **state)
{
	const pixman_box32_t video = { 0, 0, 640, 360 }, beside = { 640, 0, 1280, 360 };
	struct scene *s = *state;
	picture_sent(&s->v.pic, &beside, true);
	for (unsigned i = 0; i < 10; i++) {
		picture_sent(&s->v.pic, &video, true);
		refine_later(&s->v);
		tick(s, LOOKED_US);
	}
	s->area = video;
	assert_int_equal(cut_update(s, NULL), 0);
	s->area = beside;
	assert_true(cut_update(s, NULL) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_how_much, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_within_what_was_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_neither_pending_nor_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_moves_does_not_rest, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
