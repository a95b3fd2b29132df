/* The throttle on simulated time: what passes is the limit, whatever the loop's delays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/throttle.c"

/* Bytes that pass in `seconds` when written in pieces of at most `at_once`, looking every `step` µs. */
static double passed(uint64_t rate, size_t at_once, int64_t step, int seconds)
{
	struct throttle t = { 0 };
	double sum = 0;
	throttle_set(&t, 0, rate, 1000);
	for (int64_t now = 1000; now < 1000 + seconds * 1000000; now += step)
		for (size_t room; (room = throttle_room(&t, now)) > 0;) {
			room = room < at_once ? room : at_once;
			throttle_spend(&t, room);
			sum += (double)room;
		}
	return sum / seconds;
}

static void test_rate(void **state)
{
	static const uint64_t rates[] = { 1000, 20000, 1000000, 50000000 };
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		for (int64_t step = 100; step <= 30000; step *= 10) {
			const double got = passed(rates[i], 65536, step, 20);
			assert_true(got > 0.9 * (double)rates[i] && got < 1.1 * (double)rates[i]);
		}
}

static void test_refill(void **state)
{
	struct throttle t = { 0 };
	int64_t now = 5000000;
	(void)state;
	throttle_set(&t, 0, 10000, now);
	const size_t first = throttle_room(&t, now);
	assert_true(first > 0 && first <= 1024);
	throttle_spend(&t, first);
	assert_int_equal(throttle_room(&t, now), 0);
	now += throttle_refill_us(&t);
	assert_true(throttle_room(&t, now) >= 512);
	assert_int_equal(throttle_refill_us(&t), 0);
	throttle_set(&t, 0, 0, now);
	assert_true(throttle_room(&t, now) == SIZE_MAX);
	/* a long rest saves no more than the bucket holds */
	throttle_set(&t, 0, 10000, now);
	assert_true(throttle_room(&t, now + 3600000000) <= 1024);
}

/* Updates in `seconds` when one is ready whenever asked, which is every `step` µs. */
static unsigned updates(uint32_t millifps, int64_t step, int seconds)
{
	struct throttle t = { 0 };
	unsigned n = 0;
	throttle_set(&t, millifps, 0, 1000);
	for (int64_t now = 1000; now < 1000 + seconds * 1000000; now += step)
		if (throttle_frame_due(&t) <= now) {
			throttle_frame(&t, now);
			n++;
		}
	return n;
}

static void test_frames(void **state)
{
	(void)state;
	assert_in_range(updates(10000, 1000, 10), 99, 101);
	assert_in_range(updates(10000, 7000, 10), 98, 101);	/* late ones do not add up */
	assert_in_range(updates(30000, 16667, 10), 295, 301);
	assert_in_range(updates(500, 1000, 10), 5, 6);
	assert_int_equal(updates(0, 1000, 1), 1000);
	struct throttle t = { 0 };
	throttle_set(&t, 10000, 0, 0);
	throttle_frame(&t, 0);
	throttle_frame(&t, 60000000);	/* after a rest nothing is made up for */
	assert_true(throttle_frame_due(&t) >= 60100000 - 100000 && throttle_frame_due(&t) <= 60100000);
	assert_true(throttle_frame_due(&t) > 60000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rate), cmocka_unit_test(test_refill), cmocka_unit_test(test_frames) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
