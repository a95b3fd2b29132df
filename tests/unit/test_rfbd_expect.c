/* When frames begin to be read for a viewer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/expect.c"

enum { NOW = 10000000 };

static void test_held_by_limits_only(void **state)
{
	struct expect e = { .asked = true, .held_us = NOW };
	(void)state;
	assert_true(expect_frames(&e, NOW) <= NOW);			/* it waits for a change: now */
	e.held_us = NOW + 300000;					/* its limit, or pacing: a little before that */
	assert_int_equal(expect_frames(&e, NOW), NOW + 300000 - AHEAD_US);
	e.answered_us = NOW - 5000000;					/* with continuous updates nothing is overdue */
	assert_int_equal(expect_frames(&e, NOW), NOW + 300000 - AHEAD_US);
}

static void test_busy(void **state)
{
	struct expect e = { .asked = true, .busy = true, .held_us = NOW, .drained_us = NOW + 3000000 };
	(void)state;
	assert_int_equal(expect_frames(&e, NOW), NOW + 3000000 - LEAD_US);	/* not while three seconds of bytes wait */
	assert_int_equal(expect_frames(&e, NOW + 1000000), NOW + 3000000 - LEAD_US);
	e.drained_us = NOW + LEAD_US - 1;
	assert_true(expect_frames(&e, NOW) <= NOW);			/* the pipes are emptied before the link is free */
	e.drained_us = NOW;						/* unknown, or later than was thought */
	assert_true(expect_frames(&e, NOW) <= NOW);
	assert_true(LEAD_US >= 3 * 30000);				/* three old frames of the whole screen */
	e.foreign = true;						/* what is old is found out within 400 ms (source.c) */
	e.drained_us = NOW + 3000000;
	assert_true(expect_frames(&e, NOW) < NOW + 3000000 - 400000);
	/* it has not asked: whether it will at all is known when the link is free */
	e.asked = false;
	e.answered_us = NOW - 10000;
	e.cycle_us = 50000;
	assert_true(expect_frames(&e, NOW) == INT64_MAX);
}

static void test_waiting(void **state)
{
	struct expect e = { .answered_us = NOW, .cycle_us = 200000 };
	(void)state;
	assert_int_equal(expect_frames(&e, NOW), NOW + 200000 - AHEAD_US);
	e.cycle_us = AHEAD_US + 2000;					/* a quick one: there is nothing to be saved */
	assert_true(expect_frames(&e, NOW) <= NOW);
	e.cycle_us = 0;							/* its first */
	assert_true(expect_frames(&e, NOW) <= NOW);
	e.answered_us = 0;						/* it was sent nothing to ask after */
	assert_true(expect_frames(&e, NOW) == INT64_MAX);
}

static void test_overdue(void **state)
{
	const struct expect e = { .answered_us = NOW, .cycle_us = 200000 };
	(void)state;
	assert_true(expect_frames(&e, NOW + 300000 + OVERDUE_US) <= NOW + 200000);
	assert_true(expect_frames(&e, NOW + 300000 + OVERDUE_US + 1) == INT64_MAX);	/* it does not ask any more */
}

static void test_out(void **state)
{
	const struct expect e = { .out = true, .asked = true, .busy = true, .held_us = NOW, .drained_us = NOW, .answered_us = NOW };
	struct expect f = e;
	(void)state;
	assert_true(expect_frames(&e, NOW) == INT64_MAX);
	f.busy = false;
	assert_true(expect_frames(&f, NOW) == INT64_MAX);
	f.asked = false;
	assert_true(expect_frames(&f, NOW) == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held_by_limits_only), cmocka_unit_test(test_busy), cmocka_unit_test(test_waiting), cmocka_unit_test(test_overdue),
		cmocka_unit_test(test_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
