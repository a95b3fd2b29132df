/* Cutting regions into boxes: everything is covered once, nothing outside the extents, few boxes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "units/cut.c"

static void check(pixman_region32_t *region, bool (*cut)(struct cut *, const pixman_region32_t *), int most)
{
	struct cut c = { 0 };
	pixman_region32_t covered, left;
	const pixman_box32_t *e = pixman_region32_extents(region);
	assert_true(cut(&c, region));
	pixman_region32_init(&covered);
	pixman_region32_init(&left);
	for (unsigned i = 0; i < c.n; i++) {
		const pixman_box32_t *b = &c.boxes[i];
		assert_true(b->x1 < b->x2 && b->y1 < b->y2);
		assert_true(b->x2 - b->x1 <= most * CUT_CELL_W && b->y2 - b->y1 <= most * CUT_CELL_H);
		assert_true(b->x1 >= e->x1 && b->y1 >= e->y1 && b->x2 <= e->x2 && b->y2 <= e->y2);
		pixman_region32_t box;
		pixman_region32_init_with_extents(&box, (pixman_box32_t *)b);
		pixman_region32_intersect(&left, &covered, &box);
		assert_false(pixman_region32_not_empty(&left));		/* nothing twice */
		pixman_region32_union(&covered, &covered, &box);
		pixman_region32_fini(&box);
	}
	pixman_region32_subtract(&left, region, &covered);
	assert_false(pixman_region32_not_empty(&left));
	pixman_region32_fini(&left);
	pixman_region32_fini(&covered);
	cut_fini(&c);
}

static void test_random_regions(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 300; round++) {
		pixman_region32_t r;
		int side = round % 3 == 0 ? 200 : round % 3 == 1 ? 700 : 3000;
		pixman_region32_init(&r);
		for (int n = rand() % 40; n >= 0; n--) {
			int x = rand() % side, y = rand() % side;
			pixman_region32_union_rect(&r, &r, x, y, (unsigned)(1 + rand() % (side / 4)), (unsigned)(1 + rand() % (side / 4)));
		}
		check(&r, cut_region, 1);
		check(&r, cut_region_large, CUT_GROUP);
		pixman_region32_fini(&r);
	}
}

static void test_empty(void **state)
{
	struct cut c = { 0 };
	pixman_region32_t r;
	(void)state;
	pixman_region32_init(&r);
	assert_true(cut_region(&c, &r));
	assert_int_equal(c.n, 0);
	pixman_region32_fini(&r);
}

static void test_large_pieces(void **state)
{
	struct cut c = { 0 };
	pixman_region32_t r, hole;
	(void)state;
	pixman_region32_init_rect(&r, 0, 0, 1920, 1080);
	assert_true(cut_region_large(&c, &r));
	assert_int_equal(c.n, 12);
	/* a window of two groups' size is one wherever it lies; with most of it left out, it goes in cells */
	pixman_region32_fini(&r);
	pixman_region32_init_rect(&r, 321, 181, 640, 360);
	assert_true(cut_region_large(&c, &r));
	assert_int_equal(c.n, 1);
	pixman_region32_init_rect(&hole, 340, 200, 600, 300);
	pixman_region32_subtract(&r, &r, &hole);
	assert_true(cut_region_large(&c, &r));
	assert_true(c.n > 1);
	pixman_region32_fini(&hole);
	pixman_region32_fini(&r);
	cut_fini(&c);
}

static void test_small_change_stays_whole(void **state)
{
	struct cut c = { 0 };
	pixman_region32_t r;
	(void)state;
	/* a character cell across a corner of the grid is one box, not four */
	pixman_region32_init_rect(&r, CUT_CELL_W - 3, CUT_CELL_H - 3, 8, 16);
	assert_true(cut_region(&c, &r));
	assert_int_equal(c.n, 1);
	/* two small changes far from each other are not joined to one large box */
	pixman_region32_union_rect(&r, &r, CUT_CELL_W + 150, CUT_CELL_H + 150, 8, 16);
	assert_true(cut_region(&c, &r));
	assert_int_equal(c.n, 2);
	pixman_region32_fini(&r);
	cut_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_regions),
		cmocka_unit_test(test_empty), cmocka_unit_test(test_large_pieces),
		cmocka_unit_test(test_small_change_stays_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
