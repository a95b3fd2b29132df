/* Clipboard: conversions, and both forms through parser and reader in parts of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "rfb/cuttext.h"
#include "rfb/put.h"

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void expect(struct wire_buf *b, const char *text)
{
	assert_int_equal(b->len, strlen(text));
	assert_memory_equal(b->data, text, b->len);
	wire_buf_reset(b);
}

static void conversions(void **state)
{
	struct wire_buf b = { 0 };

	(void)state;
	rfb_utf8_from_latin1(&b, (const uint8_t *)"a\xe4\r\nb\rc\n\xff", 9);
	expect(&b, "a\xc3\xa4\nb\nc\n\xc3\xbf");
	rfb_utf8_from_latin1(&b, (const uint8_t *)"a\0b", 3);
	expect(&b, "a");
	rfb_latin1_from_utf8(&b, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\r\n\xff", 15);
	expect(&b, "\xe4 ? ?\n?");
	rfb_utf8_clean(&b, "\xc0\x80 \xed\xa0\x80 \xe2\x82\xac \xf4\x90\x80\x80 \xe2\x82", 20);
	expect(&b, "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd");
	assert_int_equal(rfb_utf8_prefix("a\xe2\x82\xac", 4, 3), 1);
	assert_int_equal(rfb_utf8_prefix("a\xe2\x82\xac", 4, 4), 4);
	assert_int_equal(rfb_utf8_prefix("a\xe2\x82\xac" "b", 5, 4), 4);
	wire_buf_fini(&b);
}

/* A text cut anywhere, once or byte by byte, becomes what it becomes as a whole. */
static void parts(void **state)
{
	static const char *const texts[] = {
		"", "a", "\r", "\r\n", "a\r\n\r\rb\n\r", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\r\n", "\xf0\x9f\x98\r\n\xe2\x82", "\xf0\xf0\xf0\xf0\xc3",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		const uint8_t *p = (const uint8_t *)texts[i];
		size_t n = strlen(texts[i]);
		struct wire_buf whole = { 0 }, latin1 = { 0 }, b = { 0 };

		rfb_utf8_clean(&whole, texts[i], n);
		rfb_utf8_from_latin1(&latin1, p, n);
		for (size_t at = 0; at <= n; at++) {
			struct rfb_text t = { 0 };

			rfb_text_utf8(&t, &b, p, at, false);
			rfb_text_utf8(&t, &b, p + at, n - at, true);
			assert_int_equal(b.len, whole.len);
			assert_memory_equal(b.data ? b.data : p, whole.data ? whole.data : p, b.len);
			wire_buf_reset(&b);
			t = (struct rfb_text){ 0 };
			for (size_t k = 0; k < at; k++)
				rfb_text_latin1(&t, &b, p + k, 1, false);
			rfb_text_latin1(&t, &b, p + at, n - at, true);
			assert_int_equal(b.len, latin1.len);
			assert_memory_equal(b.data ? b.data : p, latin1.data ? latin1.data : p, b.len);
			wire_buf_reset(&b);
		}
		wire_buf_fini(&b);
		wire_buf_fini(&whole);
		wire_buf_fini(&latin1);
	}
	rfb_text_utf8(&(struct rfb_text){ .ended = true }, &(struct wire_buf){ 0 }, (const uint8_t *)"x", 1, true);
}

/* Feeds a whole message (header included) in parts of `size` bytes. Returns rfb_cut_feed's last answer. */
static int feed(struct rfb_cut_reader *r, const uint8_t *bytes, size_t n, size_t size, struct rfb_cut *out)
{
	struct rfb_parser p = { .extended_clipboard = true };
	struct rfb_msg m;
	int result = 0;

	while (n > 0) {
		size_t some = n < size ? n : size;
		long used = rfb_msg_parse(&p, &m, bytes, some < 8 && p.cut_left == 0 ? 8 : some);

		assert_true(used > 0);
		bytes += used;
		n -= (size_t)used;
		if (m.kind != RFB_MSG_CUT_TEXT)
			continue;
		result = rfb_cut_feed(r, &m.cut_text, out);
		if (result)
			break;
	}
	assert_true(result < 0 || n == 0);
	return result;
}

static void latin1_text(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;

	(void)state;
	rfb_put_client_cut_text(&b, (const uint8_t *)"gr\xfc\xdf\r\n", 6);
	for (size_t size = 1; size < 20; size++) {
		assert_int_equal(feed(r, b.data, b.len, size, &cut), 1);
		assert_int_equal(cut.kind, RFB_CUT_TEXT);
		assert_int_equal(cut.len, 7);
		assert_memory_equal(cut.text, "gr\xc3\xbc\xc3\x9f\n", 7);
	}
	wire_buf_reset(&b);
	rfb_put_client_cut_text(&b, NULL, 0);
	assert_int_equal(feed(r, b.data, b.len, 8, &cut), 1);
	assert_int_equal(cut.kind, RFB_CUT_TEXT);
	assert_int_equal(cut.len, 0);
	wire_buf_fini(&b);
	rfb_cut_reader_free(r);
}

static void actions(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;

	(void)state;
	rfb_put_clip_caps(&b, RFB_CLIP_SERVER, 0x1234);
	assert_int_equal(b.len, 16);
	assert_memory_equal(b.data, "\x03\0\0\0\xff\xff\xff\xf8\x1f\0\0\x01\0\0\x12\x34", 16);
	b.data[0] = 6;
	for (size_t size = 1; size < 20; size++) {
		assert_int_equal(feed(r, b.data, b.len, size, &cut), 1);
		assert_int_equal(cut.kind, RFB_CUT_CAPS);
		assert_int_equal(cut.text_max, 0x1234);
		assert_int_equal(cut.flags, 0x1f000001);
	}
#define ACTION(put, expected, word) do { wire_buf_reset(&b); put; assert_int_equal(feed(r, b.data, b.len, 3, &cut), 1); \
		assert_int_equal(cut.kind, expected); assert_int_equal(cut.flags, word); } while (0)
	ACTION(rfb_put_clip_request(&b, RFB_CLIP_CLIENT), RFB_CUT_REQUEST, 0x02000001);
	ACTION(rfb_put_clip_peek(&b, RFB_CLIP_CLIENT), RFB_CUT_PEEK, 0x04000000);
	ACTION(rfb_put_clip_notify(&b, RFB_CLIP_CLIENT, true), RFB_CUT_NOTIFY, 0x08000001);
	ACTION(rfb_put_clip_notify(&b, RFB_CLIP_CLIENT, false), RFB_CUT_NOTIFY, 0x08000000);
	wire_buf_fini(&b);
	rfb_cut_reader_free(r);
}

static void provided_text(void **state)
{
	static const char text[] = "first\nsecond \xe2\x82\xac\n";
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;

	(void)state;
	rfb_put_clip_provide(&b, RFB_CLIP_CLIENT, text, sizeof text - 1);
	assert_false(b.bad);
	assert_int_equal(wire_ld32be(b.data + 4), 0 - (uint32_t)(b.len - 8));
	for (size_t size = 1; size < b.len; size++) {
		assert_int_equal(feed(r, b.data, b.len, size, &cut), 1);
		assert_int_equal(cut.kind, RFB_CUT_TEXT);
		assert_int_equal(cut.len, sizeof text - 1);
		assert_memory_equal(cut.text, text, cut.len);
	}
	wire_buf_fini(&b);
	rfb_cut_reader_free(r);
}

/* On the wire: a u32 length, CRLF line ends, a NUL; also when the stream is finished rather than flushed. */
static void provided_bytes(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;
	uint8_t plain[64];
	z_stream z = { 0 };
	uLongf packed = 60;

	(void)state;
	rfb_put_clip_provide(&b, RFB_CLIP_SERVER, "a\nb\r\n", 5);
	inflateInit(&z);
	z.next_in = b.data + 12;
	z.avail_in = (uInt)(b.len - 12);
	z.next_out = plain;
	z.avail_out = sizeof plain;
	assert_int_equal(inflate(&z, Z_SYNC_FLUSH), Z_OK);
	assert_int_equal(z.total_out, 11);
	assert_memory_equal(plain, "\0\0\0\7a\r\nb\r\n\0", 11);
	inflateEnd(&z);

	wire_buf_reset(&b);
	wire_put(&b, BYTES(6, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 1));
	assert_int_equal(compress(wire_buf_room(&b, 60), &packed, (const uint8_t *)"\0\0\0\3xyz", 7), Z_OK);
	b.len += packed;
	wire_set_u32be(&b, 4, 0 - (uint32_t)(b.len - 8));
	assert_int_equal(feed(r, b.data, b.len, 5, &cut), 1);
	assert_int_equal(cut.len, 3);
	assert_memory_equal(cut.text, "xyz", 3);
	wire_buf_fini(&b);
	rfb_cut_reader_free(r);
}

/* A megabyte of one letter deflates to a kilobyte: it is cut at max, and nothing grows beyond it. */
static void bombs_are_bounded(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(10);
	char *text = malloc(1 << 20);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;

	(void)state;
	memset(text, 'x', 1 << 20);
	rfb_put_clip_provide(&b, RFB_CLIP_CLIENT, text, 1 << 20);
	assert_int_equal(feed(r, b.data, b.len, 100, &cut), 1);
	assert_int_equal(cut.len, 10);
	wire_buf_reset(&b);
	rfb_put_client_cut_text(&b, (const uint8_t *)text, 1000);
	assert_int_equal(feed(r, b.data, b.len, 100, &cut), 1);
	assert_int_equal(cut.len, 10);
	wire_buf_fini(&b);
	free(text);
	rfb_cut_reader_free(r);
}

/* What follows a NUL costs nothing, however much it claims to be. */
static void nul_ends_it(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct wire_buf b = { 0 };
	struct rfb_cut cut;
	uint8_t *plain = calloc(1, 4 << 20);
	uLongf packed = compressBound(4 << 20);

	(void)state;
	memcpy(plain, "\xff\xff\xff\xff" "abc", 7);
	wire_put(&b, BYTES(6, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 1));
	assert_int_equal(compress(wire_buf_room(&b, packed), &packed, plain, 4 << 20), Z_OK);
	b.len += packed;
	wire_set_u32be(&b, 4, 0 - (uint32_t)(b.len - 8));
	assert_int_equal(feed(r, b.data, b.len, 500, &cut), 1);
	assert_int_equal(cut.kind, RFB_CUT_TEXT);
	assert_int_equal(cut.len, 3);
	free(plain);
	wire_buf_fini(&b);
	rfb_cut_reader_free(r);
}

/* Bit by bit it becomes the same message, a long one too; it is whole only when it says so. */
static void provided_in_steps(void **state)
{
	enum { N = 3 << 20 };
	struct rfb_cut_reader *r = rfb_cut_reader_new(N);
	char *text = malloc(N), *taken;
	struct rfb_cut cut;
	uint8_t *message;
	size_t n;

	(void)state;
	for (size_t i = 0; i < N; i++)
		text[i] = i % 50 == 49 ? '\n' : (char)('a' + i * i % 23);
	for (size_t step = 1000; step < 8 * N; step *= 7) {
		size_t len = step < 100000 ? 20000 : N, steps = 1;
		struct rfb_provide *p = rfb_provide_new(RFB_CLIP_CLIENT, text, len);

		while (rfb_provide_step(p, step) == 0)
			steps++;
		assert_true(steps >= len / step);
		message = rfb_provide_take(p, &n);
		rfb_provide_free(p);
		assert_int_equal(feed(r, message, n, 3000, &cut), 1);
		assert_int_equal(cut.len, len);
		assert_memory_equal(cut.text, text, len);
		taken = rfb_cut_take(r);
		assert_ptr_equal(taken, cut.text);
		free(taken);
		free(message);
	}
	assert_null(rfb_provide_new(RFB_CLIP_CLIENT, text, RFB_CUT_TEXT_MAX));
	free(text);
	rfb_cut_reader_free(r);
}

static void damage_is_an_error(void **state)
{
	struct rfb_cut_reader *r = rfb_cut_reader_new(1000);
	struct rfb_cut cut;

	(void)state;
	assert_int_equal(feed(r, BYTES(6, 0, 0, 0, 255, 255, 255, 0xf6, 0x10, 0, 0, 1, 1, 2, 3, 4, 5, 6), 99, &cut), RFB_E_ZLIB);
	assert_int_equal(feed(r, BYTES(6, 0, 0, 0, 255, 255, 255, 0xfa, 0x10, 0, 0, 1, 0x78, 0x9c), 99, &cut), RFB_E_ZLIB);
	/* html only: nothing for us */
	assert_int_equal(feed(r, BYTES(6, 0, 0, 0, 255, 255, 255, 0xfa, 0x10, 0, 0, 4, 0x78, 0x9c), 99, &cut), 1);
	assert_int_equal(cut.kind, RFB_CUT_NOTHING);
	rfb_cut_reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions),
		cmocka_unit_test(latin1_text),
		cmocka_unit_test(actions),
		cmocka_unit_test(provided_text),
		cmocka_unit_test(provided_bytes),
		cmocka_unit_test(bombs_are_bounded),
		cmocka_unit_test(parts),
		cmocka_unit_test(nul_ends_it),
		cmocka_unit_test(provided_in_steps),
		cmocka_unit_test(damage_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
