/* The cursor never passes its end, the buffer never passes its cap, and both remember failing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/wire.h"

static const uint8_t count[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void reads_both_orders(void **state)
{
	struct wire_in in = wire_in(count, sizeof count);

	(void)state;
	assert_int_equal(wire_u8(&in), 1);
	assert_int_equal(wire_u16be(&in), 0x0203);
	assert_int_equal(wire_u32be(&in), 0x04050607);
	assert_int_equal(wire_left(&in), 9);
	assert_true(wire_u64be(&in) == 0x08090a0b0c0d0e0full);
	assert_int_equal(wire_u8(&in), 16);
	assert_false(in.bad);

	in = wire_in(count, sizeof count);
	assert_int_equal(wire_u16le(&in), 0x0201);
	assert_int_equal(wire_u32le(&in), 0x06050403);
	assert_true(wire_u64le(&in) == 0x0e0d0c0b0a090807ull);
	assert_false(in.bad);
}

static void reads_signed_values(void **state)
{
	static const uint8_t minus_two[] = { 0xff, 0xfe, 0xff, 0xff, 0xff, 0xfe, 0xfe, 0xff, 0xff, 0xff };
	struct wire_in in = wire_in(minus_two, sizeof minus_two);

	(void)state;
	assert_int_equal(wire_s16be(&in), -2);
	assert_int_equal(wire_s32be(&in), -2);
	assert_int_equal(wire_s32le(&in), -2);
}

static void a_short_read_sticks(void **state)
{
	struct wire_in in = wire_in(count, 3);

	(void)state;
	assert_int_equal(wire_u32be(&in), 0);
	assert_true(in.bad);
	assert_int_equal(wire_u8(&in), 0);	/* though a byte was there */
	assert_int_equal(wire_left(&in), 0);
	assert_null(wire_get(&in, 0));
}

static void a_view_is_borrowed(void **state)
{
	struct wire_in in = wire_in(count, sizeof count);

	(void)state;
	wire_skip(&in, 4);
	assert_ptr_equal(wire_get(&in, 12), count + 4);
	assert_non_null(wire_get(&in, 0));
	assert_null(wire_get(&in, SIZE_MAX));
	assert_true(in.bad);
}

static void puts_what_gets_read(void **state)
{
	struct wire_buf b = { 0 };
	struct wire_in in;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		wire_put_u8(&b, (uint8_t)i);
		wire_put_u16be(&b, (uint16_t)(i * 3));
		wire_put_u32be(&b, (uint32_t)i * 70001u);
		wire_put_u64be(&b, (uint64_t)i << 40);
		wire_put_u16le(&b, (uint16_t)(i * 5));
		wire_put_u32le(&b, (uint32_t)i * 90001u);
		wire_put_u64le(&b, (uint64_t)i << 33);
		wire_put_zero(&b, 3);
	}
	assert_false(b.bad);
	in = wire_in(b.data, b.len);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(wire_u8(&in), (uint8_t)i);
		assert_int_equal(wire_u16be(&in), (uint16_t)(i * 3));
		assert_int_equal(wire_u32be(&in), (uint32_t)i * 70001u);
		assert_true(wire_u64be(&in) == (uint64_t)i << 40);
		assert_int_equal(wire_u16le(&in), (uint16_t)(i * 5));
		assert_int_equal(wire_u32le(&in), (uint32_t)i * 90001u);
		assert_true(wire_u64le(&in) == (uint64_t)i << 33);
		assert_int_equal(wire_u16be(&in) | wire_u8(&in), 0);
	}
	assert_int_equal(wire_left(&in), 0);
	assert_false(in.bad);
	wire_buf_fini(&b);
}

static void the_cap_holds(void **state)
{
	struct wire_buf b = { .max = 10 };

	(void)state;
	wire_put(&b, count, 8);
	assert_false(b.bad);
	assert_non_null(wire_buf_room(&b, 2));
	assert_null(wire_buf_room(&b, 3));
	assert_true(b.bad);
	wire_put_u8(&b, 1);		/* would fit, but the failure sticks */
	assert_int_equal(b.len, 8);
	assert_true(b.cap <= 10);
	wire_buf_reset(&b);
	wire_put(&b, count, 10);
	assert_false(b.bad);
	assert_null(wire_buf_grow(&b, SIZE_MAX));
	assert_true(b.bad);
	wire_buf_fini(&b);
	assert_int_equal(b.max, 10);
	assert_null(b.data);
}

static void drops_sets_and_gives_away(void **state)
{
	struct wire_buf b = { 0 };
	uint8_t *taken;
	size_t n;

	(void)state;
	wire_put(&b, count, sizeof count);
	wire_buf_drop(&b, 4);
	assert_int_equal(b.len, 12);
	assert_memory_equal(b.data, count + 4, 12);
	wire_set_u16be(&b, 0, 0xabcd);
	wire_set_u32be(&b, 8, 0x01020304);
	wire_set_u32be(&b, 9, 0xffffffff);	/* past the end: ignored */
	wire_set_u16be(&b, SIZE_MAX, 1);
	taken = wire_buf_take(&b, &n);
	assert_int_equal(n, 12);
	assert_memory_equal(taken, ((uint8_t[]){ 0xab, 0xcd, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4 }), 12);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	free(taken);
	wire_buf_drop(&b, 5);
	assert_int_equal(b.len, 0);
}

static void sizes_are_checked(void **state)
{
	size_t v = 0;

	(void)state;
	assert_true(wire_mul(&v, 1000, 1000));
	assert_int_equal(v, 1000000);
	assert_false(wire_mul(&v, SIZE_MAX / 2, 3));
	assert_true(wire_add(&v, SIZE_MAX - 1, 1));
	assert_false(wire_add(&v, SIZE_MAX, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_orders),
		cmocka_unit_test(reads_signed_values),
		cmocka_unit_test(a_short_read_sticks),
		cmocka_unit_test(a_view_is_borrowed),
		cmocka_unit_test(puts_what_gets_read),
		cmocka_unit_test(the_cap_holds),
		cmocka_unit_test(drops_sets_and_gives_away),
		cmocka_unit_test(sizes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
