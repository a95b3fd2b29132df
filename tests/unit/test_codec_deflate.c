/* Deflate blocks of both kinds through zlib's inflate: any number after one another, in any order, at any level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <zlib.h>

#include "codec/deflate.h"
#include "codec/huffman.h"

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

/* Kinds of data: zeros, noise, steps, text-like, very skewed. */
static void fill(uint8_t *p, size_t n, unsigned kind)
{
	for (size_t i = 0; i < n; i++)
		switch (kind) {
		case 0: p[i] = 0; break;
		case 1: p[i] = (uint8_t)rnd(); break;
		case 2: p[i] = (uint8_t)(i / 97); break;
		case 3: p[i] = (uint8_t)"the quick brown fox jumps over the lazy dog "[(i * i / 7 + i) % 44]; break;
		default: p[i] = (uint8_t)__builtin_ctz(rnd() | 1u << 30); break;
		}
}

static void inflate_all(const struct wire_buf *b, const uint8_t *want, size_t n)
{
	z_stream z = { 0 };
	uint8_t *got = malloc(n + 1);

	assert_non_null(got);
	assert_int_equal(inflateInit2(&z, -15), Z_OK);
	z.next_in = b->data;
	z.avail_in = (uInt)b->len;
	z.next_out = got;
	z.avail_out = (uInt)n + 1;
	int r = inflate(&z, Z_SYNC_FLUSH);
	assert_true(r == Z_OK || r == Z_BUF_ERROR);
	assert_int_equal(z.total_out, n);
	assert_int_equal(z.avail_in, 0);
	assert_memory_equal(got, want, n);
	inflateEnd(&z);
	free(got);
}

static void test_blocks_follow_each_other(void **state)
{
	enum { MOST = 300000, ROUNDS = 60 };
	struct deflate *d = deflate_new();
	uint8_t *data = malloc(MOST);
	struct wire_buf out = { 0 };
	size_t n = 0;
	(void)state;

	assert_non_null(d);
	assert_non_null(data);
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t k = i % 7 == 0 ? rnd() % 70000 : rnd() % 3000;
		if (n + k > MOST)
			k = MOST - n;
		fill(data + n, k, i % 5);
		deflate_put(d, &out, data + n, k, (int)(i % 10), i % 3 ? DEFLATE_SMALL : DEFLATE_LARGE);
		n += k;
	}
	assert_false(out.bad);
	inflate_all(&out, data, n);
	wire_buf_fini(&out);
	free(data);
	deflate_free(d);
}

/* Blocks do not look back: each is the same bytes wherever it stands. */
static void test_blocks_stand_alone(void **state)
{
	struct deflate *d = deflate_new();
	struct wire_buf a = { 0 }, b = { 0 };
	uint8_t data[4000];
	(void)state;

	fill(data, sizeof data, 3);
	for (int level = 0; level <= 9; level++) {
		wire_buf_reset(&a);
		wire_buf_reset(&b);
		deflate_put(d, &a, data, sizeof data, level, DEFLATE_LARGE);
		deflate_put(d, &b, data, sizeof data, level, DEFLATE_LARGE);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
	}
	wire_buf_fini(&a);
	wire_buf_fini(&b);
	deflate_free(d);
}

static void test_last_blocks(void **state)
{
	static const size_t sizes[] = { 1, 2, 11, 12, 13, 100, 1000, 32767, 32768, 32769, 65535, 65536, 200000 };
	struct deflate *d = deflate_new();
	uint8_t *data = malloc(200000);
	(void)state;

	assert_non_null(data);
	for (unsigned kind = 0; kind < 5; kind++)
		for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct wire_buf out = { 0 };
			fill(data, sizes[i], kind);
			huffman_put_last(&out, data, sizes[i]);
			assert_false(out.bad);
			inflate_all(&out, data, sizes[i]);
			for (int level = 0; level <= 9; level++) {
				wire_buf_reset(&out);
				deflate_put_last(d, &out, data, sizes[i], level, DEFLATE_LARGE);
				inflate_all(&out, data, sizes[i]);
			}
			wire_buf_fini(&out);
		}
	free(data);
	deflate_free(d);
}

/* Data that ends like the flush that deflate_put_last takes away. */
static void test_data_like_a_flush(void **state)
{
	struct deflate *d = deflate_new();
	(void)state;

	for (size_t n = 4; n < 600; n += 7)
		for (int level = 0; level <= 9; level++) {
			struct wire_buf out = { 0 };
			uint8_t data[600];
			fill(data, n, 1);
			memcpy(data + n - 4, "\0\0\xff\xff", 4);
			deflate_put_last(d, &out, data, n, level, DEFLATE_SMALL);
			inflate_all(&out, data, n);
			wire_buf_fini(&out);
		}
	deflate_free(d);
}

/* Every code is complete and within its limit, also where Fibonacci's numbers would make it deep. */
static void test_code_lengths(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		uint32_t counts[257] = { 0 }, a = 1, b = 1, sum = 0;
		uint8_t lengths[257];
		unsigned n = round % 5 == 4 ? 19 : 257, limit = n == 19 ? 7 : 9 + round % 7;
		for (unsigned i = 0; i < n; i++) {
			uint32_t c = round % 5 == 0 ? a : round % 5 == 1 ? rnd() % 3 : round % 5 == 2 ? 1u << i % 24 : rnd() % 1000;
			counts[(i * 101) % n] = round == 3 ? 0 : c;
			if (i % 8 == 0 && b < 1u << 22) {
				uint32_t next = a + b;
				a = b;
				b = next;
			}
		}
		huffman_lengths(lengths, counts, n, limit);
		for (unsigned i = 0; i < n; i++) {
			assert_true(lengths[i] <= limit);
			assert_true(counts[i] == 0 || lengths[i] > 0);
			if (lengths[i])
				sum += 1u << (limit - lengths[i]);
		}
		assert_int_equal(sum, 1u << limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_follow_each_other),
		cmocka_unit_test(test_blocks_stand_alone),
		cmocka_unit_test(test_last_blocks),
		cmocka_unit_test(test_data_like_a_flush),
		cmocka_unit_test(test_code_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
