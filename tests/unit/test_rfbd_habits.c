/* What addresses have spoken, and how long their next connections are listened to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entry/habits.c"

static double ms(const struct habits *h, const char *address, int64_t at_s)
{
	return habits_patience(h, address, at_s * SECONDS, false) * 1000;
}

static void each_kind(void **state)
{
	struct habits h = { 0 };

	(void)state;
	assert_float_equal(ms(&h, "192.0.2.1:1000", 1), 1, 0);		/* a stranger */
	habits_note(&h, "192.0.2.1:1000", HABIT_RFB, 1 * SECONDS);
	assert_float_equal(ms(&h, "192.0.2.1:2000", 2), 1, 0);		/* a viewer's */
	assert_float_equal(ms(&h, "192.0.2.11:1000", 2), 1, 0);
	assert_float_equal(ms(&h, "192.0.2:1000", 2), 1, 0);
	habits_note(&h, "[2001:db8::1]:5", HABIT_HTTP, 2 * SECONDS);
	assert_float_equal(ms(&h, "[2001:db8::1]:6", 3), 500, 0);		/* a browser's */
	assert_float_equal(ms(&h, "[2001:db8::12]:6", 3), 1, 0);
	habits_note(&h, "192.0.2.1:1001", HABIT_HTTP, 10 * SECONDS);
	assert_float_equal(ms(&h, "192.0.2.1:3", 11), 20, 0);		/* both */
	/* a hello takes longer than a request */
	assert_float_equal(habits_patience(&h, "192.0.2.77:1", 0, true), 0.003, 0);
	assert_float_equal(habits_patience(&h, "192.0.2.1:3", 11 * SECONDS, true), 0.02, 0);
}

static void forgotten(void **state)
{
	struct habits h = { 0 };

	(void)state;
	habits_note(&h, "192.0.2.1:1", HABIT_HTTP, 0);
	assert_float_equal(ms(&h, "192.0.2.1:2", 59), 500, 0);
	assert_float_equal(ms(&h, "192.0.2.1:2", 60), 1, 0);
	habits_note(&h, "192.0.2.1:1", HABIT_RFB, 0);
	assert_float_equal(ms(&h, "192.0.2.1:2", 3599), 1, 0);
	assert_float_equal(ms(&h, "192.0.2.1:2", 3600), 1, 0);
	habits_note(&h, "192.0.2.1:1", HABIT_RFB, 3600 * SECONDS);
	assert_float_equal(ms(&h, "192.0.2.1:2", 3601), 1, 0);
}

static void newer_ones_displace(void **state)
{
	struct habits h = { 0 };
	char address[NET_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i <= HABITS_MAX; i++) {
		snprintf(address, sizeof address, "10.0.%u.%u:5", i / 200, i % 200);
		habits_note(&h, address, HABIT_HTTP, SECONDS);
	}
	assert_float_equal(ms(&h, "10.0.0.0:5", 2), 1, 0);
	assert_float_equal(ms(&h, "10.0.0.1:5", 2), 500, 0);
	assert_float_equal(ms(&h, address, 2), 500, 0);
	/* a place that was another's remembers nothing of it */
	habits_note(&h, "10.9.9.9:5", HABIT_RFB, SECONDS);
	assert_float_equal(ms(&h, "10.9.9.9:5", 2), 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_kind), cmocka_unit_test(forgotten), cmocka_unit_test(newer_ones_displace) };

	return cmocka_run_group_tests_name("habits", tests, NULL, NULL);
}
