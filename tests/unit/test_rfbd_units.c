/* The cache of units, the output queue, the pool, and messages between the two processes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "screen/canvas.c"
#include "msgpass.c"
#include "viewer/outq.c"
#include "screen/pixels.c"
#include "units/pool.c"
#include "screen/screen.c"
#include "screen/stage.c"
#include "units/unit.c"

static struct unit_key key_of(uint16_t x, uint64_t content)
{
	struct unit_key k;
	memset(&k, 0, sizeof k);
	k.params.format = pixel_format_native;
	k.params.encoding = CODEC_RAW;
	k.params.compress = k.params.quality = k.params.subsample = -1;
	k.x = x;
	k.w = k.h = 16;
	k.content = content;
	return k;
}

static struct unit *made(struct unit_cache *c, uint16_t x, uint64_t content, size_t bytes)
{
	struct unit_key k = key_of(x, content);
	struct unit *u = unit_get(c, &k);
	if (u->state == UNIT_NEW) {
		memset(wire_buf_grow(&u->enc.out, bytes), (int)x, bytes);
		u->state = UNIT_DONE;
		unit_done(c, u);
	}
	return u;
}

static bool only_content_two(void *arg, const struct unit_key *k)
{
	(void)arg;
	return k->content == 2;
}

static void test_cache(void **state)
{
	struct unit_cache c;
	(void)state;
	assert_int_equal(unit_cache_init(&c, 5000), 0);
	struct unit *a = made(&c, 1, 1, 1000), *b = made(&c, 1, 1, 1000);
	assert_ptr_equal(a, b);
	assert_int_equal(c.hits, 1);
	struct unit *other = made(&c, 1, 2, 1000);
	assert_ptr_not_equal(a, other);
	unit_unref(&c, a);
	/* a stale unit lives on while somebody is being sent it */
	unit_cache_sweep(&c, only_content_two, NULL);
	assert_int_equal(c.count, 1);
	assert_int_equal(b->enc.out.data[0], 1);
	unit_unref(&c, b);
	unit_unref(&c, other);
	/* what nobody holds is kept within bounds, the oldest goes first */
	for (uint16_t x = 2; x < 30; x++)
		unit_unref(&c, made(&c, x, 2, 1000));
	assert_true(c.bytes <= c.keep);
	uint64_t misses = c.misses;
	unit_unref(&c, made(&c, 29, 2, 1000));
	assert_int_equal(c.misses, misses);
	unit_unref(&c, made(&c, 2, 2, 1000));
	assert_int_equal(c.misses, misses + 1);
	unit_cache_fini(&c);
}

static void test_unit_that_failed(void **state)
{
	struct unit_cache c;
	(void)state;
	unit_cache_init(&c, 5000);
	struct unit_key k = key_of(1, 1);
	struct unit *u = unit_get(&c, &k);
	u->state = UNIT_FAILED;
	struct unit *again = unit_get(&c, &k);
	assert_ptr_not_equal(u, again);
	unit_unref(&c, u);
	unit_unref(&c, again);
	assert_int_equal(c.count, 0);
	unit_cache_fini(&c);
}

static void drain(struct outq *q, struct unit_cache *c, uint8_t *to, size_t step)
{
	while (q->bytes) {
		struct iovec iov[4];
		int n = outq_iov(q, iov, 4, step);
		size_t all = 0;
		assert_true(n > 0);
		for (int i = 0; i < n; i++)
			all += iov[i].iov_len;
		assert_true(all <= step && iov[0].iov_len <= step);
		size_t take = iov[0].iov_len < step ? iov[0].iov_len : step;
		memcpy(to, iov[0].iov_base, take);
		to += take;
		outq_sent(q, take, c);
	}
}

static void test_outq(void **state)
{
	struct unit_cache c;
	struct outq q = { 0 };
	uint8_t got[8000], want[8000];
	size_t n = 0;
	(void)state;
	unit_cache_init(&c, 0);
	for (size_t step = 1; step < 3000; step += 700) {
		n = 0;
		for (uint16_t i = 0; i < 7; i++) {
			char text[40];
			int len = snprintf(text, sizeof text, "head %u ", i);
			outq_put(&q, text, (size_t)len);
			memcpy(want + n, text, (size_t)len);
			n += (size_t)len;
			size_t size = i % 2 ? 900 : 100;
			struct unit *u = made(&c, i, 1, size);
			outq_put_unit(&q, u, 16);
			unit_unref(&c, u);
			memset(want + n, i, size - 16);
			n += size - 16;
		}
		assert_int_equal(q.bytes, n);
		drain(&q, &c, got, step);
		assert_memory_equal(got, want, n);
		assert_int_equal(c.count, 0);	/* references are given back */
	}
	struct outq behind = { 0 };
	outq_put(&q, "first ", 6);
	outq_put(&behind, "then ", 5);
	outq_put_unit(&behind, made(&c, 1, 1, 900), 16);
	outq_append(&q, &behind);
	outq_append(&q, &behind);	/* nothing is left in it */
	outq_put(&q, " last", 5);
	assert_int_equal(behind.bytes, 0);
	assert_int_equal(q.bytes, 6 + 5 + 884 + 5);
	memcpy(want, "first then ", 11);
	memset(want + 11, 1, 884);
	memcpy(want + 895, " last", 5);
	drain(&q, &c, got, 300);
	assert_memory_equal(got, want, 900);
	outq_put(&q, "left", 4);
	outq_put_unit(&q, made(&c, 3, 1, 900), 0);
	outq_fini(&q, &c);
	for (struct unit *u = c.first; u; u = c.first)
		unit_unref(&c, u);
	unit_cache_fini(&c);
}

static int wakes;
static void wake(void *arg) { (void)arg; __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST); }

static void test_pool(void **state)
{
	struct screen s;
	struct unit_cache c;
	const char *why;
	const struct screen_change *change;
	(void)state;
	screen_init(&s);
	struct fbs_record r = { .type = FBS_SCREEN, .screen = { .w = 512, .h = 16 } };
	screen_apply(&s, &r, &why);
	screen_commit(&s, true, &change);
	for (uint32_t i = 0; i < 512 * 16; i++)
		s.front[i] = i;
	unit_cache_init(&c, 0);
	struct pool *p = pool_new(3, &s, wake, NULL);
	assert_non_null(p);
	struct unit *units[30];
	for (uint16_t i = 0; i < 30; i++) {
		struct unit_key k = key_of((uint16_t)(i * 16), 1);
		units[i] = unit_get(&c, &k);
		if (i == 0) {
			pool_encode(p, units[i]);
			unit_done(&c, units[i]);
		} else {
			pool_submit(p, units[i]);
		}
	}
	while (pool_busy(p)) {
		unit_all_done(&c, pool_collect(p));
		usleep(100);
	}
	assert_true(wakes > 0);
	for (uint16_t i = 0; i < 30; i++) {
		assert_int_equal(units[i]->state, UNIT_DONE);
		assert_int_equal(units[i]->enc.out.len, 12 + 16 * 16 * 4);
		uint32_t first;
		memcpy(&first, units[i]->enc.out.data + 12, 4);
		assert_int_equal(first, i * 16);
		unit_unref(&c, units[i]);
	}
	pool_free(p);
	unit_cache_fini(&c);
	screen_fini(&s);
}

static void test_what_cannot_be_encoded(void **state)
{
	struct screen s;
	struct unit_cache c;
	struct unit *units[2];
	(void)state;
	screen_init(&s);
	unit_cache_init(&c, 0);
	struct pool *p = pool_new(1, &s, wake, NULL);
	for (uint16_t i = 0; i < 2; i++) {
		struct unit_key k = key_of((uint16_t)(i * 16), 1);
		k.params.encoding = CODEC_COPYRECT;	/* which is no way to encode pixels */
		units[i] = unit_get(&c, &k);
	}
	pool_encode(p, units[0]);
	pool_submit(p, units[1]);
	for (; pool_busy(p); usleep(100))
		unit_all_done(&c, pool_collect(p));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(units[i]->state, UNIT_FAILED);
		assert_int_equal(units[i]->error, ENOTSUP);
		unit_unref(&c, units[i]);
	}
	pool_free(p);
	unit_cache_fini(&c);
	screen_fini(&s);
}

/* Viewers leave while what they wait for is encoded: nothing of it may go while the rest is still to be looked at. */
static void test_pool_left_alone(void **state)
{
	static uint32_t pixels[480 * 16];
	struct screen s = { .w = 480, .h = 16, .front = pixels };
	struct unit_cache c;
	(void)state;
	unit_cache_init(&c, 2000);	/* one unit and a half */
	struct pool *p = pool_new(1, &s, wake, NULL);
	assert_non_null(p);
	for (unsigned round = 0; round < 50; round++) {
		struct unit *units[30];
		for (uint16_t i = 0; i < 30; i++) {
			struct unit_key k = key_of((uint16_t)(i * 16), round);
			units[i] = unit_get(&c, &k);
			pool_submit(p, units[i]);
		}
		for (unsigned i = 0; i < 30; i++)
			unit_unref(&c, units[i]);
		for (; pool_busy(p); usleep(500))
			unit_all_done(&c, pool_collect(p));
		assert_true(c.bytes <= c.keep);
		assert_in_range(c.count, 0, 1);
	}
	pool_free(p);
	unit_cache_fini(&c);
}

static int count_ups(struct unit *u, const struct screen *s)
{
	assert_int_equal(s->w, 512);
	wire_put_u8(&u->enc.out, (uint8_t)(u->key.x + 1));
	return u->key.x % 5 == 4 ? -1 : 0;
}

/* Units that are encoded in a way of their own, and are in no cache. */
static void test_own_units(void **state)
{
	struct screen s = { .w = 512, .h = 16 };
	struct unit_cache c;
	struct unit *units[10];
	(void)state;
	unit_cache_init(&c, 0);
	struct pool *p = pool_new(2, &s, wake, NULL);
	assert_non_null(p);
	for (uint16_t i = 0; i < 10; i++) {
		units[i] = calloc(1, sizeof *units[i]);
		units[i]->key.x = i;
		unit_init_own(units[i], count_ups);
		pool_submit(p, units[i]);
	}
	unit_unref(&c, units[9]);	/* nobody waits for it any more */
	while (pool_busy(p)) {
		unit_all_done(&c, pool_collect(p));
		usleep(100);
	}
	for (uint16_t i = 0; i < 9; i++) {
		assert_int_equal(units[i]->state, i % 5 == 4 ? UNIT_FAILED : UNIT_DONE);
		assert_int_equal(units[i]->enc.out.data[0], i + 1);
		unit_unref(&c, units[i]);
	}
	assert_int_equal(c.count, 0);
	assert_int_equal(c.bytes, 0);
	pool_free(p);
	unit_cache_fini(&c);
}

static void test_messages(void **state)
{
	int pair[2], pipe_fds[2], fd;
	static struct msg m;
	char big[MSG_TEXT_MAX + 1] = { 0 };
	(void)state;
	assert_int_equal(msg_pair(pair), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(msg_recv(pair[1], &m, &fd), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(msg_send(pair[0], MSG_VIEWER, 5, "abc", 3, pipe_fds[1]), 0);
	assert_int_equal(msg_send(pair[0], MSG_STOP, 0, NULL, 0, -1), 0);
	assert_int_equal(msg_recv(pair[1], &m, &fd), 1);
	assert_int_equal(m.type, MSG_VIEWER);
	assert_int_equal(m.arg, 5);
	assert_string_equal(m.text, "abc");
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(pipe_fds[0], big, 1), 1);
	close(fd);
	assert_int_equal(msg_recv(pair[1], &m, &fd), 1);
	assert_int_equal(m.type, MSG_STOP);
	assert_int_equal(fd, -1);
	assert_int_equal(m.len, 0);
	assert_int_equal(msg_send(pair[0], MSG_VIEWER, 0, big, sizeof big, -1), -1);
	/* not one of ours */
	assert_int_equal(write(pair[0], "bad", 3), 3);
	assert_int_equal(msg_recv(pair[1], &m, &fd), -1);
	assert_int_equal(errno, EPROTO);
	close(pair[0]);
	assert_int_equal(msg_recv(pair[1], &m, &fd), 0);
	close(pair[1]);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache), cmocka_unit_test(test_unit_that_failed), cmocka_unit_test(test_outq),
		cmocka_unit_test(test_pool), cmocka_unit_test(test_what_cannot_be_encoded), cmocka_unit_test(test_pool_left_alone), cmocka_unit_test(test_own_units), cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
