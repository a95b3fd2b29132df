/* When a queue will be empty, on links of which the kernel takes lumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/drain.c"

enum { LUMP = 32 << 10, AT_ONCE = 64 << 10 };

/* A queue behind a link: the kernel takes AT_ONCE at once, then a lump whenever the link has carried one. */
struct line {
	struct drain d;
	double rate;			/* bytes a second */
	int64_t now;
	size_t left;
	int64_t early, late;		/* by how much, at most, it was told to be empty before or after it was */
};

static void put(struct line *l, size_t bytes)
{
	const size_t taken = bytes < AT_ONCE ? bytes : AT_ONCE;
	l->left = bytes - taken;
	drain_note(&l->d, taken, l->left, l->now);
}

static int64_t lump_us(const struct line *l)
{
	return (int64_t)(LUMP / l->rate * 1e6);
}

static int64_t empty_at(const struct line *l)
{
	return l->now + (int64_t)((l->left + LUMP - 1) / LUMP) * lump_us(l);
}

/* Carries lumps until the queue is empty, and compares what it is told after each of them with what happens. */
static void carry_all(struct line *l)
{
	const int64_t end = empty_at(l);
	l->early = l->late = 0;
	while (l->left > 0) {
		const size_t taken = l->left < LUMP ? l->left : LUMP;
		const int64_t error = drain_due(&l->d, l->left, l->now) - end;
		l->late = error > l->late ? error : l->late;
		l->early = -error > l->early ? -error : l->early;
		l->now += lump_us(l);
		l->left -= taken;
		drain_note(&l->d, taken, l->left, l->now);
	}
}

static void test_nothing_known(void **state)
{
	struct drain d = { 0 };
	(void)state;
	assert_int_equal(drain_due(&d, 0, 77), 77);
	assert_int_equal(drain_due(&d, 1000000, 77), 77);
	drain_note(&d, 0, 1000000, 100);	/* all of it waits */
	assert_int_equal(drain_due(&d, 1000000, 177), 177);
	drain_note(&d, 0, 1000000, 200);	/* asked in vain */
	assert_int_equal(drain_due(&d, 1000000, 277), 277);
}

static void test_steady_links(void **state)
{
	static const double rates[] = { 60e3, 625e3, 2.5e6, 100e6 };
	(void)state;
	for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct line l = { .rate = rates[i], .now = 1000000 };
		put(&l, 1 << 20);
		carry_all(&l);
		put(&l, 4 << 20);
		const int64_t whole = empty_at(&l) - l.now;
		carry_all(&l);
		assert_true(l.late <= 0);			/* never too late */
		assert_true(l.early <= whole / 6 + lump_us(&l));	/* nor much too soon */
	}
}

/* What the kernel has room for says nothing: many small updates, taken at once, do not make a thin link look fast. */
static void test_free_links_say_nothing(void **state)
{
	struct line l = { .rate = 625e3, .now = 1000000 };
	(void)state;
	put(&l, 1 << 20);
	carry_all(&l);
	const double bytes = l.d.bytes, us = l.d.us;
	for (int i = 0; i < 100; i++) {
		l.now += 33000;
		put(&l, AT_ONCE);
		assert_int_equal(drain_due(&l.d, 0, l.now), l.now);
	}
	assert_true(l.d.bytes == bytes && l.d.us == us);
	put(&l, 1 << 20);
	const int64_t whole = empty_at(&l) - l.now;
	assert_true(drain_due(&l.d, l.left, l.now) - l.now > whole * 3 / 4);
}

static void test_links_change(void **state)
{
	struct line l = { .rate = 625e3, .now = 1000000 };
	(void)state;
	put(&l, 1 << 20);
	carry_all(&l);
	l.rate = 5e6;			/* faster: known when a second's worth has gone */
	put(&l, 4 << 20);
	carry_all(&l);
	put(&l, 4 << 20);
	carry_all(&l);
	assert_true(l.late <= 0);
	l.rate = 300e3;			/* slower: too soon is no harm */
	put(&l, 1 << 20);
	carry_all(&l);
	assert_true(l.late <= 0);
	put(&l, 1 << 20);
	const int64_t whole = empty_at(&l) - l.now;
	carry_all(&l);
	assert_true(l.early <= whole / 5 + lump_us(&l));
}

/* Less goes than was to be expected, and then nothing: due all the same. */
static void test_stalls(void **state)
{
	struct line l = { .rate = 2.5e6, .now = 1000000 };
	(void)state;
	put(&l, 1 << 20);
	carry_all(&l);
	put(&l, 1 << 20);
	const int64_t due = drain_due(&l.d, l.left, l.now), since = l.now;
	assert_true(due > l.now);
	for (int i = 0; i < 10; i++) {
		l.now += 1000000;
		drain_note(&l.d, 0, l.left, l.now);
		assert_int_equal(drain_due(&l.d, l.left, l.now), due);	/* it does not go away before us */
	}
	assert_true(due < l.now);
	/* a byte in an hour: the sum stays within reason */
	drain_note(&l.d, 1, l.left, l.now += 3600000000);
	drain_note(&l.d, 1, l.left, l.now += 3600000000);
	assert_true(drain_due(&l.d, SIZE_MAX / 2, l.now) > since && drain_due(&l.d, SIZE_MAX / 2, l.now) <= l.now + 60000000);
}

/* How much is carried is known only from what had to wait for long, and is forgotten when nothing has for a while. */
static void test_what_is_carried(void **state)
{
	struct line l = { .rate = 2.5e6, .now = 1000000 };
	(void)state;
	assert_int_equal(drain_carries(&l.d, 30000, l.now), 0);
	put(&l, AT_ONCE + LUMP);	/* 13 ms: a viewer that paused, perhaps */
	carry_all(&l);
	assert_int_equal(drain_carries(&l.d, 30000, l.now), 0);
	put(&l, AT_ONCE + 8 * LUMP);
	carry_all(&l);
	assert_in_range(drain_carries(&l.d, 30000, l.now), 74000, 76000);
	const int64_t last = l.now;
	l.now = last + LATELY_US - 1000;
	assert_in_range(drain_carries(&l.d, 30000, l.now), 74000, 76000);
	put(&l, AT_ONCE);		/* free: says nothing new */
	l.now = last + LATELY_US;
	assert_int_equal(drain_carries(&l.d, 30000, l.now), 0);
	put(&l, AT_ONCE + LUMP);	/* a short wait brings nothing back */
	carry_all(&l);
	assert_int_equal(drain_carries(&l.d, 30000, l.now), 0);
	l.rate = 625e3;			/* slower by now: heeded while it waits */
	put(&l, 1 << 20);
	carry_all(&l);
	assert_in_range(drain_carries(&l.d, 30000, l.now), 18000, 21000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_carried),
		cmocka_unit_test(test_nothing_known), cmocka_unit_test(test_steady_links), cmocka_unit_test(test_free_links_say_nothing),
		cmocka_unit_test(test_links_change), cmocka_unit_test(test_stalls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
