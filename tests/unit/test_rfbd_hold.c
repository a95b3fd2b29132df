/* What a link carries, out of what is known of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/hold.c"

static uint64_t by_marks, by_queue;
uint64_t pace_carries(const struct pace *p, int64_t us) { (void)p; assert_int_equal(us, 30000); return by_marks; }
uint64_t drain_carries(const struct drain *d, int64_t us, int64_t now) { (void)d; (void)now; assert_int_equal(us, 30000); return by_queue; }
int64_t pace_due(const struct pace *p, int64_t ahead, int64_t now) { (void)p; (void)ahead; return now; }
int64_t throttle_frame_due(const struct throttle *t) { (void)t; return 0; }
size_t throttle_room(struct throttle *t, int64_t now) { (void)t; (void)now; return 0; }
int64_t throttle_refill_us(const struct throttle *t) { (void)t; return 0; }
void update_consider(struct viewer *v) { (void)v; }
void viewer_resume(struct viewer *v) { (void)v; }

static void test_what_a_link_carries(void **state)
{
	static const struct { bool fences; uint64_t marks, queue, carries; } row[] = {
		{ true, 0, 900, 0 }, { true, 1000, 900, 1000 }, { true, 1000, 0, 1000 },	/* echoes say all */
		{ false, 0, 0, 0 }, { false, 1000, 0, 1000 }, { false, 0, 900, 900 },
		{ false, 1000, 900, 900 }, { false, 900, 1000, 900 },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		struct viewer v = { .can.caps = row[i].fences ? RFB_CAP_FENCE : 0 };
		by_marks = row[i].marks;
		by_queue = row[i].queue;
		assert_int_equal(hold_carries(&v, 30000), row[i].carries);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_a_link_carries) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
