/* Pacing on simulated links: the rate and the round trip are found, and what waits on the link is less than an update. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/pace.c"

enum { ECHOES = 64, STEP = 500 };

/* A link that carries bytes in order at a rate, and answers marks half a round trip after and before. */
struct link {
	double rate;			/* bytes a second */
	int64_t rtt, free_at;
	uint64_t position;
	struct { uint32_t id; int64_t at; } echo[ECHOES];
	unsigned n;
	/* of what was sent since they were cleared */
	uint64_t updates, bytes;
	int64_t waited, worst;		/* before their first byte went, together and at most */
	int64_t gap, last_us;		/* longest time between two */
};

static void mark(struct link *l, struct pace *p, int64_t now)
{
	uint32_t id = pace_mark(p, l->position, now);
	assert_true(id != 0 && l->n < ECHOES);
	l->echo[l->n].id = id;
	l->echo[l->n++].at = (l->free_at > now ? l->free_at : now) + l->rtt;
}

static void send_update(struct link *l, struct pace *p, uint64_t size, int64_t now)
{
	const int64_t waits = l->free_at > now ? l->free_at - now : 0;
	mark(l, p, now);
	l->free_at = now + waits + (int64_t)((double)size * 1e6 / l->rate);
	l->position += size;
	mark(l, p, now);
	l->updates++;
	l->bytes += size;
	l->waited += waits;
	l->worst = waits > l->worst ? waits : l->worst;
	l->gap = l->updates > 1 && now - l->last_us > l->gap ? now - l->last_us : l->gap;
	l->last_us = now;
}

static void deliver(struct link *l, struct pace *p, int64_t now)
{
	while (l->n && l->echo[0].at <= now) {
		assert_true(pace_echo(p, l->echo[0].id, now));
		memmove(l->echo, l->echo + 1, --l->n * sizeof l->echo[0]);
	}
}

/* Frames of `size` bytes come every `interval` (0: always); each is sent, or the newest later, when pacing lets it. */
static int64_t run(struct link *l, struct pace *p, uint64_t size, int64_t interval, int64_t now, int64_t for_us)
{
	const int64_t end = now + for_us;
	int64_t next = now;
	bool waiting = false;
	l->updates = l->bytes = 0;
	l->waited = l->worst = l->gap = 0;
	for (; now < end; now += STEP) {
		deliver(l, p, now);
		waiting = waiting || now >= next;
		if (now >= next && interval)
			next += interval;
		if (waiting && pace_due(p, 3000, now) <= now) {
			send_update(l, p, size, now);
			waiting = false;
		}
	}
	return now;
}

static void test_saturated_link_has_no_queue(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 625000, .rtt = 80000 };	/* 5 Mbit/s */
	(void)state;
	int64_t now = run(&l, &p, 20000, 0, 1000000, 4000000);
	run(&l, &p, 20000, 0, now, 30000000);
	assert_in_range(pace_carries(&p, 1000000), 560000, 640000);
	assert_in_range(pace_round_trip(&p), 80000, 92000);
	assert_true(l.worst < 25000);				/* 12 kB of the 50 kB that are under way */
	assert_true(l.waited / (int64_t)l.updates < 15000);
	assert_true(l.bytes > 30 * 625000 * 9 / 10);		/* and yet the link is in use */
	assert_true(l.gap < 120000);				/* also while it is left to run dry */
}

static void test_frames_that_the_link_carries_go_at_once(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 625000, .rtt = 80000 };
	(void)state;
	int64_t now = run(&l, &p, 15000, 33333, 1000000, 2000000);
	run(&l, &p, 15000, 33333, now, 10000000);
	assert_in_range(l.updates, 299, 301);
	assert_true(l.worst < 15000);		/* the first comes upon the last of before */
	assert_true(l.waited < 60000);
}

static void test_wide_link(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 1e9, .rtt = 300 };
	(void)state;
	run(&l, &p, 100000, 16667, 1000000, 1000000);
	assert_true(l.updates >= 59);
	assert_true(pace_carries(&p, 35000) > 5000000);
}

/* A link that becomes slower, faster, or longer is known again within a second or two. */
static void test_links_change(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 2500000, .rtt = 20000 };
	(void)state;
	int64_t now = run(&l, &p, 20000, 0, 1000000, 3000000);
	assert_in_range(pace_carries(&p, 1000000), 2200000, 2600000);
	l.rate = 625000;
	now = run(&l, &p, 20000, 0, now, 1000000);
	assert_true(l.worst < 250000);
	now = run(&l, &p, 20000, 0, now, 2000000);
	assert_in_range(pace_carries(&p, 1000000), 540000, 650000);
	assert_true(l.worst < 30000);
	l.rate = 2500000;
	now = run(&l, &p, 20000, 0, now, 2000000);
	assert_true(pace_carries(&p, 1000000) > 1800000);
	l.rtt = 60000;
	now = run(&l, &p, 20000, 0, now, 20000000);
	run(&l, &p, 20000, 0, now, 4000000);
	assert_in_range(pace_round_trip(&p), 60000, 75000);
	assert_true(l.bytes > 4 * 2500000 * 3 / 4);
}

static void test_small_updates_say_nothing(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 625000, .rtt = 80000 };
	(void)state;
	int64_t now = run(&l, &p, 20000, 0, 1000000, 3000000);
	for (const int64_t end = now + 1000000; now < end; now += STEP)
		deliver(&l, &p, now);
	const uint64_t carries = pace_carries(&p, 1000000);
	run(&l, &p, 100, 200000, now, 10000000);
	assert_int_equal(pace_carries(&p, 1000000), carries);
}

/* An update that comes in pieces, for which the link waits, does not make it look slow. */
static void test_waits_for_the_encoder_are_not_the_links(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 2500000, .rtt = 20000 };
	(void)state;
	int64_t now = run(&l, &p, 50000, 50000, 1000000, 2000000);
	const uint64_t carries = pace_carries(&p, 1000000);
	for (int i = 0; i < 20; i++) {
		mark(&l, &p, now);
		for (int piece = 0; piece < 10; piece++) {
			l.free_at = (l.free_at > now ? l.free_at : now) + 2000;
			l.position += 5000;
			now += 20000;
			deliver(&l, &p, now);
		}
		mark(&l, &p, now);
		now += 50000;
		deliver(&l, &p, now);
	}
	assert_true(pace_carries(&p, 1000000) >= carries);
}

static void test_echoes(void **state)
{
	struct pace p = { 0 };
	uint32_t first, last = 0;
	(void)state;
	first = pace_mark(&p, 10, 5);
	for (unsigned i = 1; i < PACE_MARKS; i++)
		last = pace_mark(&p, 10 + i, 5);
	assert_int_equal(pace_mark(&p, 1000, 5), 0);
	assert_false(pace_echo(&p, last + 7, 10));
	assert_false(pace_echo(&p, 0, 10));
	assert_true(pace_echo(&p, last, 10));		/* says that those before it have arrived too */
	assert_int_equal(p.n, 0);
	assert_false(pace_echo(&p, first, 11));
	assert_int_equal(pace_under_way(&p), 0);
	assert_true(pace_due(&p, 0, 12) == 12);
}

/* Echoes that do not come: nothing more is sent, and after a while all the same. */
static void test_patience(void **state)
{
	struct pace p = { 0 };
	struct link l = { .rate = 625000, .rtt = 80000 };
	(void)state;
	int64_t now = run(&l, &p, 20000, 0, 1000000, 3000000);
	const int64_t oldest = p.marks[0].sent_us;
	now += 300000;
	assert_true(pace_due(&p, 0, now) == oldest + PATIENCE_US);
	/* the same while nothing is known of the link */
	struct pace q = { 0 };
	pace_mark(&q, WINDOW_FIRST - 1, 100);
	assert_true(pace_due(&q, 0, 200) == 200);
	pace_mark(&q, WINDOW_FIRST, 300);
	assert_true(pace_due(&q, 0, 400) == 100 + PATIENCE_US);
}

/* Without fences requests are the echoes, of an update's last byte or its first: the rate is unknown, right, or at most twice what it is. */
static void test_requests(void **state)
{
	static const struct { uint64_t size; bool early; uint64_t least, most; } row[] = {
		{ 5000, false, 0, 0 }, { 5000, true, 0, 0 },
		{ 100000, false, 560000, 690000 }, { 250000, true, 625000, 1250000 },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct pace p = { 0 };
		const double rate = 625000, rtt = 80000;
		double now = 1e6, free = 0;
		uint64_t position = 0;
		for (int n = 0; n < 40; n++) {
			const uint64_t size = n < 3 ? 50 : row[i].size;	/* a cursor first */
			const double begins = free > now ? free : now;
			position += size;
			free = begins + (double)size * 1e6 / rate;
			uint32_t id = pace_mark(&p, position, (int64_t)now);
			now = (row[i].early ? begins : free) + rtt;
			assert_true(pace_request(&p, id, (int64_t)now));
		}
		assert_in_range(pace_carries(&p, 1000000), row[i].least, row[i].most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_saturated_link_has_no_queue), cmocka_unit_test(test_frames_that_the_link_carries_go_at_once),
		cmocka_unit_test(test_wide_link), cmocka_unit_test(test_links_change), cmocka_unit_test(test_small_updates_say_nothing),
		cmocka_unit_test(test_waits_for_the_encoder_are_not_the_links), cmocka_unit_test(test_echoes), cmocka_unit_test(test_patience),
		cmocka_unit_test(test_requests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
