/* Pacing on simulated links: the rate and the round trip are found, and what is under way stays near what the
 * link holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pace.c"

/* A link of `rate` bytes a second and `rtt`; one mark behind each update of `size` bytes, sent whenever the window allows. */
static void run(double rate, int64_t rtt, uint64_t size, int64_t for_us, struct pace *p, int64_t *worst)
{
	struct { uint32_t id; int64_t at; } echo[PACE_MARKS];
	unsigned n = 0;
	uint64_t position = 0;
	double free_at = 0;
	*worst = 0;
	for (int64_t now = 1000000; now < 1000000 + for_us; now += 1000) {
		while (n && echo[0].at <= now) {
			assert_true(pace_echo(p, echo[0].id, now));
			memmove(echo, echo + 1, --n * sizeof echo[0]);
		}
		if (pace_under_way(p) >= pace_window(p))
			continue;
		position += size;
		uint32_t id = pace_mark(p, position, now);
		if (!id)
			continue;
		free_at = (free_at > (double)now ? free_at : (double)now) + (double)size * 1e6 / rate;
		echo[n].id = id;
		echo[n++].at = (int64_t)free_at + rtt;
		if (now > 1000000 + for_us / 2 && (int64_t)free_at - now > *worst)
			*worst = (int64_t)free_at - now;
	}
}

static void test_thin_link(void **state)
{
	struct pace p;
	int64_t worst;
	(void)state;
	memset(&p, 0, sizeof p);
	run(625000, 80000, 20000, 5000000, &p, &worst);		/* 5 Mbit/s, 80 ms */
	assert_true(p.rate > 400000 && p.rate < 900000);
	assert_true(pace_round_trip(&p) >= 80000 && pace_round_trip(&p) < 200000);
	assert_true(worst < 200000);		/* what waits on the link, in time */
}

static void test_wide_link(void **state)
{
	struct pace p;
	int64_t worst;
	(void)state;
	memset(&p, 0, sizeof p);
	run(1e9, 300, 100000, 1000000, &p, &worst);
	assert_true(p.rate > 2e7);
	assert_true(pace_carries(&p, 35000) > 500000);
}

static void test_small_updates_say_nothing(void **state)
{
	struct pace p;
	int64_t worst;
	(void)state;
	memset(&p, 0, sizeof p);
	run(625000, 80000, 20000, 3000000, &p, &worst);
	double rate = p.rate;
	p.acked = p.marked;
	p.n = 0;
	for (int i = 0; i < 50; i++) {
		int64_t now = 10000000 + i * 200000;
		uint32_t id = pace_mark(&p, p.marked + 100, now);
		pace_echo(&p, id, now + 80000);
	}
	assert_true(p.rate == rate);
}

static void test_echoes(void **state)
{
	struct pace p;
	uint32_t first, last = 0;
	(void)state;
	memset(&p, 0, sizeof p);
	assert_true(pace_gives_up(&p) == INT64_MAX);
	first = pace_mark(&p, 10, 5);
	for (unsigned i = 1; i < PACE_MARKS; i++)
		last = pace_mark(&p, 10 + i, 5);
	assert_int_equal(pace_mark(&p, 1000, 5), 0);
	assert_false(pace_echo(&p, last + 7, 10));
	assert_false(pace_echo(&p, 0, 10));
	assert_true(pace_gives_up(&p) < INT64_MAX);
	assert_true(pace_echo(&p, last, 10));		/* says that those before it have arrived too */
	assert_int_equal(p.n, 0);
	assert_false(pace_echo(&p, first, 11));
	assert_int_equal(pace_under_way(&p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thin_link), cmocka_unit_test(test_wide_link),
		cmocka_unit_test(test_small_updates_say_nothing), cmocka_unit_test(test_echoes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
