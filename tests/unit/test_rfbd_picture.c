/* What a viewer is told leads to the screen's picture: random frames of pixels and copies, against
 * viewers that lag by random amounts and follow the rules that picture.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/picture.c"
#include "screen/pixels.c"

enum { W = 96, H = 64 };

static uint32_t screen[W * H], viewer[W * H];

static unsigned below(unsigned n) { return (unsigned)rand() % n; }

static void random_box(uint16_t *x, uint16_t *y, uint16_t *w, uint16_t *h)
{
	*w = (uint16_t)(1 + below(W / 2));
	*h = (uint16_t)(1 + below(H / 2));
	*x = (uint16_t)below((unsigned)(W - *w + 1));
	*y = (uint16_t)below((unsigned)(H - *h + 1));
}

static void damage_something(struct picture *p)
{
	uint16_t x, y, w, h;
	random_box(&x, &y, &w, &h);
	for (unsigned v = y; v < (unsigned)y + h; v++)
		for (unsigned u = x; u < (unsigned)x + w; u++)
			screen[v * W + u] = (uint32_t)rand();
	pixman_box32_t b = { x, y, x + w, y + h };
	picture_damage_box(p, &b);
}

static void copy_something(struct picture *p)
{
	struct fbs_copy c;
	random_box(&c.x, &c.y, &c.w, &c.h);
	c.src_x = (uint16_t)below((unsigned)(W - c.w + 1));
	c.src_y = (uint16_t)below((unsigned)(H - c.h + 1));
	pixels_move(screen, W, &c);
	picture_copy(p, &c);
}

/* The viewer makes its copies, in order, and is sent a part of what is pending. */
static void update(struct picture *p, bool everything)
{
	for (unsigned i = 0; i < p->n_copies; i++)
		pixels_move(viewer, W, &p->copies[i]);
	p->n_copies = 0;
	pixman_region32_t part;
	uint16_t x = 0, y = 0, w = W, h = H;
	if (!everything)
		random_box(&x, &y, &w, &h);
	pixman_region32_init_rect(&part, x, y, w, h);
	pixman_region32_intersect(&part, &part, &p->pending);
	int n;
	pixman_box32_t *b = pixman_region32_rectangles(&part, &n);
	for (int i = 0; i < n; i++)
		pixels_copy_box(viewer, screen, W, &b[i]);
	pixman_region32_subtract(&p->pending, &p->pending, &part);
	pixman_region32_fini(&part);
}

/* Everything that is not pending is right once the copies are made. */
static void check_rest(struct picture *p)
{
	static uint32_t made[W * H];
	memcpy(made, viewer, sizeof made);
	for (unsigned i = 0; i < p->n_copies; i++)
		pixels_move(made, W, &p->copies[i]);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			if (!pixman_region32_contains_point(&p->pending, x, y, NULL))
				assert_int_equal(made[y * W + x], screen[y * W + x]);
}

static void simulate(unsigned seed, bool copies_ok)
{
	struct picture p;
	srand(seed);
	memset(screen, 0, sizeof screen);
	memset(viewer, 0xff, sizeof viewer);
	picture_init(&p);
	p.copies_ok = copies_ok;
	picture_reset(&p, W, H);
	for (int i = 0; i < 60; i++) {
		if (below(2))
			damage_something(&p);
		for (unsigned n = below(4); n > 0; n--)
			copy_something(&p);
		if (below(3) == 0)
			update(&p, below(2));
		if (below(20) == 0)
			picture_give_up_copies(&p);
		if (!copies_ok)
			assert_int_equal(p.n_copies, 0);
		check_rest(&p);
	}
	update(&p, true);
	assert_memory_equal(viewer, screen, sizeof viewer);
	picture_fini(&p);
}

static void test_viewer_ends_right(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 300; seed++)
		simulate(seed, seed % 5 != 0);
}

static void test_scroll_is_copied(void **state)
{
	struct picture p;
	(void)state;
	picture_init(&p);
	p.copies_ok = true;
	picture_reset(&p, W, H);
	pixman_region32_clear(&p.pending);
	/* steps of a scroll that the viewer has not been told of: the exposed strips are pixels, the rest is one copy */
	for (int i = 0; i < 5; i++) {
		struct fbs_copy c = { 0, 0, W, H - 4, 0, 4 };
		pixman_box32_t strip = { 0, H - 4, W, H };
		picture_copy(&p, &c);
		picture_damage_box(&p, &strip);
	}
	assert_int_equal(p.n_copies, 1);
	assert_int_equal(p.copies[0].src_y, 20);
	assert_int_equal(p.copies[0].h, H - 20);
	pixman_box32_t *e = pixman_region32_extents(&p.pending);
	assert_int_equal(e->y1, H - 20);
	picture_fini(&p);
}

static void test_copies_are_bounded(void **state)
{
	struct picture p;
	(void)state;
	picture_init(&p);
	p.copies_ok = true;
	for (unsigned i = 0; i < PICTURE_COPIES_MAX * 3; i++) {
		struct fbs_copy c = { (uint16_t)(i % 50), 0, 10, 10, 60, 40 };
		picture_copy(&p, &c);
		assert_true(p.n_copies <= PICTURE_COPIES_MAX);
	}
	assert_true(pixman_region32_not_empty(&p.pending));
	picture_fini(&p);
}

static void test_lossy_moves_along(void **state)
{
	struct picture p;
	struct fbs_copy c = { 40, 40, 20, 20, 0, 0 };
	(void)state;
	picture_init(&p);
	p.copies_ok = true;
	pixman_region32_union_rect(&p.lossy, &p.lossy, 5, 5, 10, 10);
	pixman_region32_union_rect(&p.lossy, &p.lossy, 58, 58, 6, 6);
	picture_copy(&p, &c);
	assert_true(pixman_region32_contains_point(&p.lossy, 45, 45, NULL));
	assert_true(pixman_region32_contains_point(&p.lossy, 5, 5, NULL));
	assert_false(pixman_region32_contains_point(&p.lossy, 58, 58, NULL));
	assert_true(pixman_region32_contains_point(&p.lossy, 62, 62, NULL));
	picture_fini(&p);
}

static void test_what_rests_is_due(void **state)
{
	struct picture p;
	const pixman_box32_t still = { 0, 0, 10, 10 }, moving = { 20, 20, 30, 30 };
	(void)state;
	picture_init(&p);
	picture_sent(&p, &still, true);
	picture_sent(&p, &moving, true);
	assert_false(picture_age(&p));
	assert_false(pixman_region32_not_empty(&p.due));
	for (int i = 0; i < 3; i++) {
		picture_sent(&p, &moving, true);
		assert_false(picture_age(&p));
		assert_true(pixman_region32_contains_point(&p.due, 5, 5, NULL));
		assert_false(pixman_region32_contains_point(&p.due, 25, 25, NULL));
	}
	picture_sent(&p, &still, false);
	assert_false(pixman_region32_not_empty(&p.due));
	assert_true(picture_age(&p));
	assert_true(pixman_region32_contains_point(&p.due, 25, 25, NULL));
	picture_sent(&p, &moving, false);
	assert_false(pixman_region32_not_empty(&p.lossy));
	picture_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_viewer_ends_right),
		cmocka_unit_test(test_scroll_is_copied),
		cmocka_unit_test(test_copies_are_bounded),
		cmocka_unit_test(test_lossy_moves_along),
		cmocka_unit_test(test_what_rests_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
