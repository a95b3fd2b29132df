/* The stream: golden bytes, every record there and back, every rule of the reader, every cut and
 * every flipped bit of a golden stream, and a writer whose output a reader takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../golden/golden.h"
#include "fbs/reader.h"
#include "fbs/writer.h"
#include "io/io.h"

#define GOLDEN_DIR "tests/golden"	/* tests run in the repository's root */

static size_t load(const char *name, uint8_t *buf, size_t n)
{
	char path[256];
	size_t len;
	FILE *f;

	snprintf(path, sizeof path, GOLDEN_DIR "/%s.fbs", name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing", path);
	len = fread(buf, 1, n, f);
	fclose(f);
	return len;
}

static void golden_bytes_stay(void **state)
{
	uint8_t bytes[4096];

	(void)state;
	for (int i = 0; i < N_GOLDEN; i++) {
		struct golden g;
		size_t n = load(golden_streams[i].name, bytes, sizeof bytes);

		golden_streams[i].make(&g);
		assert_false(g.out.bad);
		assert_int_equal(n, g.out.len);
		assert_memory_equal(bytes, g.out.data, n);
		wire_buf_fini(&g.out);
	}
}

static int frames;	/* FRAMEs that the last read_bytes saw */

/* Hands n bytes to a reader in pieces. Returns the records that came, the last result in *end. */
static int read_bytes(struct fbs_reader *r, const uint8_t *bytes, size_t n, size_t piece, int *end)
{
	struct fbs_record rec;
	int records = 0, got;

	frames = 0;
	for (size_t at = 0;;) {
		size_t room, take = n - at < piece ? n - at : piece;
		uint8_t *to;

		for (; (got = fbs_next(r, &rec)) == 1; records++)
			frames += rec.type == FBS_FRAME;
		if (got < 0) {
			*end = got;
			return records;
		}
		if (at == n)
			break;
		to = fbs_feed(r, &room);
		assert_non_null(to);
		assert_true(room >= 1);
		take = take < room ? take : room;
		memcpy(to, bytes + at, take);
		fbs_fed(r, take);
		at += take;
	}
	*end = fbs_reader_finish(r);
	return records;
}

static void every_record_comes_back(void **state)
{
	(void)state;
	for (int i = 0; i < N_GOLDEN; i++)
		for (size_t piece = 1; piece < 5000; piece = piece * 3 + 1) {
			struct wire_buf again = { 0 };
			struct fbs_reader r;
			struct fbs_record rec;
			struct golden g;
			int end;
			long n;

			golden_streams[i].make(&g);
			fbs_reader_init(&r);
			assert_true(read_bytes(&r, g.out.data, g.out.len, piece, &end) > 4);
			assert_int_equal(end, FBS_OK);
			assert_int_equal(r.offset, g.out.len);
			assert_int_equal(r.preamble.wall_us, GOLDEN_WALL_US);
			fbs_reader_fini(&r);

			/* put what was parsed: the same bytes */
			fbs_preamble_put(&again, r.preamble.program, r.preamble.wall_us);
			for (size_t at = again.len; at < g.out.len; at += (size_t)n) {
				n = fbs_record_parse(&rec, g.out.data + at, g.out.len - at);
				assert_true(n > 0);
				fbs_record_put(&again, &rec);
			}
			assert_int_equal(again.len, g.out.len);
			assert_memory_equal(again.data, g.out.data, again.len);
			wire_buf_fini(&again);
			wire_buf_fini(&g.out);
		}
}

static void fields_keep_their_values(void **state)
{
	struct fbs_record rec;
	struct fbs_reader r;
	uint8_t bytes[4096];
	size_t n = load("down", bytes, sizeof bytes), room;

	(void)state;
	fbs_reader_init(&r);
	memcpy(fbs_feed(&r, &room), bytes, n);
	assert_true(room >= n);
	fbs_fed(&r, n);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_string_equal(r.preamble.program, "fbgrab");
	assert_int_equal(rec.type, FBS_SCREEN);
	assert_int_equal(rec.offset, FBS_PREAMBLE_SIZE);
	assert_int_equal(rec.screen.w, 40);
	assert_int_equal(rec.screen.origin_x, -5);
	assert_int_equal(rec.screen.outputs[1].x, 20);
	assert_memory_equal(rec.screen.display, ":99", 3);
	assert_true(r.has_screen);
	assert_int_equal(r.screen.display_len, 0);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.type, FBS_NAME);
	assert_memory_equal(rec.name.text, "d\xc3\xa9mo:99", rec.name.len);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.leds.mask, 2);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.cursor.hot_x, 1);
	assert_int_equal(rec.cursor.argb[12], 9);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.pointer.y, -3);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.pixels.len, 24);
	assert_int_equal(rec.pixels.data[23], 0);
	assert_int_equal(rec.pixels.data[20], 16);
	assert_true(r.in_frame);
	assert_true(fbs_reader_pending(&r));
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.pixels.encoding, FBS_TRLE);
	assert_int_equal(fbs_next(&r, &rec), 1);
	assert_int_equal(rec.type, FBS_FRAME);
	assert_int_equal(rec.flags, FBS_FRAME_KEY);
	assert_int_equal(rec.frame.capture_us, 1000);
	assert_false(r.in_frame);
	while (fbs_next(&r, &rec) == 1)
		;
	assert_int_equal(rec.type, FBS_END);
	assert_int_equal(rec.end.status, FBS_END_LOST);
	assert_true(r.ended);
	assert_false(fbs_reader_pending(&r));
	fbs_reader_fini(&r);
}

/* --- damage ------------------------------------------------------------------------------- */

/* Where the golden streams may end without anything missing: after a FRAME, between records that no
 * FRAME commits, after END. */
static bool is_boundary(const uint8_t *bytes, size_t n)
{
	bool in_frame = false;
	struct fbs_record rec;

	for (size_t at = FBS_PREAMBLE_SIZE; at <= n;) {
		long used;

		if (at == n)
			return !in_frame;
		used = fbs_record_parse(&rec, bytes + at, n - at);
		if (used <= 0)
			return false;
		in_frame = rec.type <= FBS_MARK || (in_frame && rec.type != FBS_FRAME && rec.type != FBS_END);
		at += (size_t)used;
	}
	return false;
}

static void every_cut_is_noticed(void **state)
{
	uint8_t bytes[4096];

	(void)state;
	for (int i = 0; i < N_GOLDEN; i++) {
		size_t n = load(golden_streams[i].name, bytes, sizeof bytes);

		for (size_t cut = 0; cut < n; cut++) {
			struct fbs_reader r;
			int end;

			fbs_reader_init(&r);
			read_bytes(&r, bytes, cut, 4096, &end);
			if (is_boundary(bytes, cut)) {
				assert_int_equal(end, FBS_OK);
				assert_false(r.ended);
			} else {
				assert_int_equal(end, FBS_E_TRUNCATED);
				assert_int_equal(r.offset, cut);
			}
			fbs_reader_fini(&r);
		}
	}
}

/* A flipped bit within what a FRAME covers is never taken for right: an error, or (when it made the FRAME
 * itself a record that nobody knows) a frame that is never committed. */
static void every_flipped_bit_is_noticed(void **state)
{
	uint8_t bytes[4096];
	size_t n = load("down", bytes, sizeof bytes), covered = 0;
	struct fbs_record rec;

	(void)state;
	for (size_t at = FBS_PREAMBLE_SIZE; at < n;) {
		long used = fbs_record_parse(&rec, bytes + at, n - at);

		at += (size_t)used;
		covered = rec.type == FBS_FRAME ? at : covered;
	}
	for (size_t bit = FBS_PREAMBLE_SIZE * 8; bit < n * 8; bit++) {
		struct fbs_reader r;
		int end;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		fbs_reader_init(&r);
		read_bytes(&r, bytes, n, 4096, &end);
		if (bit < covered * 8 && end == FBS_OK)
			assert_int_equal(frames, 1);
		fbs_reader_fini(&r);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 10 * 8; bit++) {	/* magic and major version */
		struct fbs_reader r;
		int end;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		fbs_reader_init(&r);
		assert_int_equal(read_bytes(&r, bytes, n, 4096, &end), 0);
		assert_int_equal(end, bit < 64 ? FBS_E_FOREIGN : FBS_E_VERSION);
		fbs_reader_fini(&r);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* Reads what g holds: the error, its offset and detail as expected. */
static void expect_error(struct golden *g, int error, size_t offset, const char *what)
{
	struct fbs_reader r;
	char line[300];
	int end;

	fbs_reader_init(&r);
	read_bytes(&r, g->out.data, g->out.len, 4096, &end);
	assert_int_equal(end, error);
	assert_int_equal(r.offset, offset);
	assert_non_null(strstr(fbs_reader_explain(&r, end, line, sizeof line), what));
	assert_int_equal(fbs_next(&r, &(struct fbs_record){ 0 }), error);	/* sticky */
	assert_true(fbs_reader_pending(&r));
	fbs_reader_fini(&r);
	wire_buf_fini(&g->out);
}

/* A record by hand, whatever it says. */
static size_t put_raw(struct golden *g, uint16_t type, uint32_t len, uint64_t time, const void *payload, size_t n)
{
	size_t at = g->out.len;

	wire_put_u16le(&g->out, type);
	wire_put_u16le(&g->out, 0);
	wire_put_u32le(&g->out, len);
	wire_put_u64le(&g->out, time);
	wire_put(&g->out, payload, n);
	return at;
}

static void start_with_screen(struct golden *g)
{
	struct fbs_record screen = golden_screen();

	golden_start(g, "fbgrab");
	golden_put(g, &screen);
}

static void lengths_are_checked_before_anything(void **state)
{
	static const uint8_t zero[64];
	struct golden g;
	size_t at;

	(void)state;
	golden_start(&g, "fbdiff");
	at = put_raw(&g, FBS_PIXELS, 0xffffffff, 0, NULL, 0);
	expect_error(&g, FBS_E_LENGTH, at, "length out of range");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, 999, FBS_PAYLOAD_MAX + 1, 0, NULL, 0);
	expect_error(&g, FBS_E_LENGTH, at, "stream from fbdiff: bad length at offset 32");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, FBS_LEDS, 9, 0, zero, 16);
	expect_error(&g, FBS_E_LENGTH, at, "length out of range");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, FBS_CURSOR, 12, 0, zero, 16);
	expect_error(&g, FBS_E_LENGTH, at, "does not agree");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, FBS_NAME, 5, 0, "ab\xff" "cd\0\0", 8);
	expect_error(&g, FBS_E_VALUE, at, "not UTF-8");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, 0, 0, 0, NULL, 0);
	expect_error(&g, FBS_E_VALUE, at, "type 0");
	golden_start(&g, "fbdiff");
	at = put_raw(&g, FBS_BELL, 0, UINT64_MAX, NULL, 0);
	expect_error(&g, FBS_E_VALUE, at, "time out of range");
}

static void order_is_kept(void **state)
{
	static const uint8_t px[4];
	struct fbs_record pixels = { .type = FBS_PIXELS, .time_us = 1000, .pixels = { 0, 0, 1, 1, FBS_RAW, px, 4 } };
	struct golden g;
	size_t at;

	(void)state;
	golden_start(&g, "fbgrab");
	golden_put(&g, &pixels);
	expect_error(&g, FBS_E_ORDER, 32, "no SCREEN");
	start_with_screen(&g);
	at = g.out.len;
	pixels.time_us = 999;
	golden_put(&g, &pixels);
	expect_error(&g, FBS_E_ORDER, at, "backwards");
	start_with_screen(&g);
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_DAMAGE, .time_us = 1000, .damage = { 0, 0, 1, 1, 0, 4 } });
	expect_error(&g, FBS_E_ORDER, at, "before SHARED");
	start_with_screen(&g);
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_HELLO, .time_us = 1000, .hello = { .role = FBS_ROLE_SOURCE } });
	expect_error(&g, FBS_E_ORDER, at, "HELLO");
	golden_start(&g, "fbgrab");
	golden_put(&g, &(struct fbs_record){ .type = FBS_END });
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_END });
	expect_error(&g, FBS_E_ORDER, at, "follows END");
	start_with_screen(&g);
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_FRAME, .time_us = 1000, .frame = { .checksum = 1 } });
	expect_error(&g, FBS_E_CHECKSUM, at, "checksum");
}

static void rectangles_stay_on_the_screen(void **state)
{
	static const uint8_t px[4 * 2];
	const struct fbs_record bad[] = {
		{ .type = FBS_PIXELS, .time_us = 1000, .pixels = { 39, 0, 2, 1, FBS_RAW, px, 8 } },
		{ .type = FBS_PIXELS, .time_us = 1000, .pixels = { 0, 29, 1, 2, FBS_RAW, px, 8 } },
		{ .type = FBS_PIXELS, .time_us = 1000, .pixels = { 65535, 65535, 1, 2, FBS_RAW, px, 8 } },
		{ .type = FBS_COPY, .time_us = 1000, .copy = { 30, 0, 11, 1, 0, 0 } },
		{ .type = FBS_COPY, .time_us = 1000, .copy = { 0, 0, 11, 1, 30, 0 } },
		{ .type = FBS_COPY, .time_us = 1000, .copy = { 0, 0, 1, 30, 0, 1 } },
	};
	struct golden g;
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		start_with_screen(&g);
		at = g.out.len;
		golden_put(&g, &bad[i]);
		assert_false(g.out.bad);
		expect_error(&g, FBS_E_VALUE, at, "outside the screen");
	}
	start_with_screen(&g);
	golden_put(&g, &(struct fbs_record){ .type = FBS_SHARED, .time_us = 1000, .shared = { .size = 1000 } });
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_DAMAGE, .time_us = 1000, .damage = { 0, 0, 10, 10, 604, 40 } });
	expect_error(&g, FBS_E_VALUE, at, "outside the shared segment");
	start_with_screen(&g);
	golden_put(&g, &(struct fbs_record){ .type = FBS_SHARED, .time_us = 1000, .shared = { .size = 1000 } });
	at = g.out.len;
	golden_put(&g, &(struct fbs_record){ .type = FBS_DAMAGE, .time_us = 1000, .damage = { 0, 0, 1, 1, UINT64_MAX - 3, 4 } });
	expect_error(&g, FBS_E_VALUE, at, "outside the shared segment");
}

static void a_frame_has_a_bound(void **state)
{
	struct fbs_reader r;
	struct fbs_record rec;
	uint8_t bell[16] = { FBS_BELL };
	size_t room, n = 0;
	uint8_t *to;

	(void)state;
	fbs_reader_init(&r);
	to = fbs_feed(&r, &room);
	{
		struct wire_buf b = { 0 };

		fbs_preamble_put(&b, "x", 0);
		memcpy(to, b.data, b.len);
		fbs_fed(&r, b.len);
		wire_buf_fini(&b);
	}
	while (n <= FBS_FRAME_RECORDS_MAX) {
		int got = fbs_next(&r, &rec);

		if (got < 0)
			break;
		if (got == 1) {
			n++;
			continue;
		}
		to = fbs_feed(&r, &room);
		for (room = room / 16 * 16; room >= 16; room -= 16, to += 16) {
			memcpy(to, bell, 16);
			fbs_fed(&r, 16);
		}
	}
	assert_int_equal(n, FBS_FRAME_RECORDS_MAX);
	assert_int_equal(r.error, FBS_E_ORDER);
	assert_true(r.cap < 2 * FBS_PAYLOAD_MAX);
	fbs_reader_fini(&r);
}

static void unknown_types_are_skipped(void **state)
{
	struct golden g;
	struct fbs_reader r;
	int end;

	(void)state;
	start_with_screen(&g);
	put_raw(&g, 999, 3, 1000, "abc\0\0\0\0", 8);
	golden_frame(&g, 1000, FBS_FRAME_KEY);
	golden_put(&g, &(struct fbs_record){ .type = FBS_END, .time_us = 1000 });
	fbs_reader_init(&r);
	assert_int_equal(read_bytes(&r, g.out.data, g.out.len, 4096, &end), 3);
	assert_int_equal(end, FBS_OK);
	fbs_reader_fini(&r);
	wire_buf_fini(&g.out);
}

/* --- the writer, and descriptors ------------------------------------------------------------- */

struct sink {
	struct wire_buf bytes;
	int sends, fail_after;
};

static int sink_send(void *arg, struct iovec *iov, int n)
{
	struct sink *s = arg;

	if (s->fail_after && s->sends >= s->fail_after) {
		errno = ENOSPC;
		return -1;
	}
	s->sends++;
	for (int i = 0; i < n; i++)
		wire_put(&s->bytes, iov[i].iov_base, iov[i].iov_len);
	return 0;
}

static void the_writer_writes_the_golden_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < N_GOLDEN; i++) {
		struct sink s = { 0 };
		struct fbs_writer w;
		struct fbs_record rec;
		struct golden g;
		long n;

		golden_streams[i].make(&g);
		assert_int_equal(fbs_writer_init_sink(&w, sink_send, &s, golden_streams[i].make == golden_up ? "rfbd" : "fbgrab"), 0);
		for (size_t at = FBS_PREAMBLE_SIZE; at < g.out.len; at += (size_t)n) {
			n = fbs_record_parse(&rec, g.out.data + at, g.out.len - at);
			fbs_writer_stamp_at(&w, rec.time_us);
			assert_int_equal(fbs_write(&w, &rec), 0);
		}
		assert_int_equal(fbs_flush(&w), 0);
		fbs_writer_fini(&w);
		assert_int_equal(s.bytes.len, g.out.len);
		memcpy(s.bytes.data + 16, g.out.data + 16, 8);		/* the wall clock differs */
		assert_memory_equal(s.bytes.data, g.out.data, g.out.len);
		wire_buf_fini(&s.bytes);
		wire_buf_fini(&g.out);
	}
}

enum { W = 1500, H = 700 };

/* A frame with a stride through fbs_write_raw: split, sent without copies, and whole again at the end. */
static void raw_pixels_survive(void **state)
{
	static const struct { uint16_t x, y, w, h; } cases[] = {
		{ 0, 0, W, H }, { 3, 5, 1, 1 }, { 10, 20, 33, 7 }, { 7, 1, 1001, 699 }, { 0, 10, W, 3 }, { 1499, 0, 1, H },
	};
	uint32_t *px = malloc(W * H * 4), *got = malloc(W * H * 4);

	(void)state;
	for (uint32_t i = 0; i < W * H; i++)
		px[i] = i * 2654435761u;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct sink s = { 0 };
		struct fbs_writer w;
		struct fbs_reader r;
		struct fbs_record rec = { .type = FBS_SCREEN, .screen = { .w = W, .h = H } };
		size_t at = 0, room;
		unsigned pixels = 0;
		int result;

		fbs_writer_init_sink(&w, sink_send, &s, "test");
		assert_int_equal(fbs_write(&w, &rec), 0);
		assert_int_equal(fbs_write_raw(&w, cases[c].x, cases[c].y, cases[c].w, cases[c].h,
					       px + cases[c].y * W + cases[c].x, W * 4), 0);
		assert_int_equal(fbs_write_frame(&w, FBS_FRAME_KEY, 0, 0), 0);
		assert_int_equal(fbs_write_end(&w, FBS_END_DONE, "done"), 0);
		fbs_writer_fini(&w);

		memset(got, 0, W * H * 4);
		fbs_reader_init(&r);
		for (;;) {
			while ((result = fbs_next(&r, &rec)) == 1)
				if (rec.type == FBS_PIXELS) {
					pixels += rec.pixels.w * rec.pixels.h;
					for (unsigned y = 0; y < rec.pixels.h; y++)
						memcpy(got + (rec.pixels.y + y) * W + rec.pixels.x,
						       rec.pixels.data + y * rec.pixels.w * 4u, rec.pixels.w * 4u);
				}
			assert_int_equal(result, 0);
			if (at == s.bytes.len)
				break;
			uint8_t *to = fbs_feed(&r, &room);
			room = room < s.bytes.len - at ? room : s.bytes.len - at;
			memcpy(to, s.bytes.data + at, room);
			fbs_fed(&r, room);
			at += room;
		}
		assert_int_equal(fbs_reader_finish(&r), FBS_OK);
		assert_true(r.ended);
		assert_true(r.cap < 2 * FBS_PAYLOAD_MAX);
		assert_int_equal(pixels, cases[c].w * cases[c].h);
		for (unsigned y = 0; y < H; y++)
			for (unsigned x = 0; x < W; x++) {
				bool in = x >= cases[c].x && x < cases[c].x + cases[c].w && y >= cases[c].y && y < cases[c].y + cases[c].h;

				if (got[y * W + x] != (in ? px[y * W + x] : 0))
					fail_msg("case %zu: pixel %u, %u is wrong", c, x, y);
			}
		fbs_reader_fini(&r);
		wire_buf_fini(&s.bytes);
	}
	free(px);
	free(got);
}

static void the_writer_refuses_what_a_reader_would(void **state)
{
	struct sink s = { 0 };
	struct fbs_writer w;

	(void)state;
	fbs_writer_init_sink(&w, sink_send, &s, "test");
	assert_int_equal(fbs_write(&w, &(struct fbs_record){ .type = FBS_SCREEN }), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fbs_write(&w, &(struct fbs_record){ .type = 999 }), -1);
	assert_int_equal(fbs_write(&w, &(struct fbs_record){ .type = FBS_NAME, .name = { "\xff", 1 } }), -1);
	assert_int_equal(fbs_write(&w, &(struct fbs_record){ .type = FBS_CURSOR, .cursor = { 2, 2, 2, 0, NULL } }), -1);
	assert_int_equal(fbs_write_end(&w, FBS_END_DONE, "\xff\xff"), 0);	/* a bad reason is left out */
	assert_int_equal(s.bytes.len, FBS_PREAMBLE_SIZE + FBS_HEADER_SIZE + 8);
	fbs_writer_fini(&w);
	wire_buf_fini(&s.bytes);
}

static void writing_fails_for_good(void **state)
{
	struct sink s = { .fail_after = 1 };
	struct fbs_record screen = golden_screen();
	struct fbs_writer w;

	(void)state;
	fbs_writer_init_sink(&w, sink_send, &s, "test");
	assert_int_equal(fbs_write(&w, &screen), 0);
	assert_int_equal(s.sends, 0);				/* gathered */
	assert_int_equal(fbs_write_frame(&w, 0, 0, 0), 0);
	assert_int_equal(s.sends, 1);
	assert_int_equal(fbs_write_frame(&w, 0, 0, 0), -1);
	assert_int_equal(errno, ENOSPC);
	s.fail_after = 0;
	errno = 0;
	assert_int_equal(fbs_write(&w, &screen), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(fbs_flush(&w), -1);
	fbs_writer_fini(&w);
	wire_buf_fini(&s.bytes);
}

/* In exact mode everything behind the record asked for stays in the pipe, but for a header. */
static void an_exact_reader_leaves_the_frame_in_the_pipe(void **state)
{
	struct fbs_reader r;
	struct fbs_record rec;
	struct golden g;
	size_t left;
	uint16_t flags;
	bool announced = false;
	int p[2], seen = 0;

	(void)state;
	assert_int_equal(pipe(p), 0);
	golden_shared(&g);
	assert_int_equal(write(p[1], g.out.data, g.out.len), (ssize_t)g.out.len);
	left = g.out.len - FBS_PREAMBLE_SIZE;
	fbs_reader_init(&r);
	r.exact = true;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(fbs_read(&r, p[0], &rec), 1);
		left = g.out.len - r.offset;
		assert_int_equal(io_pipe_unread(p[1]), left ? left - FBS_HEADER_SIZE : 0);
		assert_false(fbs_reader_pending(&r));
		assert_int_equal(rec.type == FBS_FRAME, announced);
		assert_true(!announced || flags == rec.flags);
		seen += announced;
		announced = fbs_reader_at_frame(&r, &flags);
	}
	assert_true(seen > 0);
	assert_int_equal(rec.type, FBS_FRAME);
	assert_int_equal(left, 0);
	close(p[1]);
	assert_int_equal(fbs_read(&r, p[0], &rec), 0);
	assert_false(r.ended);
	fbs_reader_fini(&r);
	close(p[0]);
	wire_buf_fini(&g.out);
}

/* Views outlive the next records when their buffer is swapped for another, which is large enough or refused. */
static void buffers_are_swapped(void **state)
{
	struct fbs_reader r;
	struct fbs_record rec, next;
	struct golden g;
	size_t room, cap = 0;
	uint8_t *given = NULL;

	(void)state;
	golden_down(&g);
	fbs_reader_init(&r);
	uint8_t *to = fbs_feed(&r, &room);
	assert_true(room >= g.out.len);
	memcpy(to, g.out.data, g.out.len);
	fbs_fed(&r, g.out.len);
	while (!given && fbs_next(&r, &rec) == 1) {
		if (rec.type != FBS_PIXELS)
			continue;
		cap = 8;
		assert_null(fbs_reader_swap(&r, NULL, &cap));
		cap = g.out.len;
		given = fbs_reader_swap(&r, malloc(cap), &cap);
		assert_non_null(given);
		assert_true(cap >= g.out.len);
	}
	assert_non_null(given);
	assert_true(rec.pixels.data > given && rec.pixels.data + rec.pixels.len <= given + cap);
	for (int n = 1; n == 1;) {
		n = fbs_next(&r, &next);
		assert_true(n >= 0);
	}
	assert_int_equal(fbs_reader_finish(&r), FBS_OK);
	/* the same bytes as in the stream */
	assert_memory_equal(rec.pixels.data, g.out.data + (rec.pixels.data - given), rec.pixels.len);
	free(given);
	fbs_reader_fini(&r);
	wire_buf_fini(&g.out);
}

static void read_follows_a_pipe(void **state)
{
	struct fbs_reader r;
	struct fbs_record rec;
	struct golden g;
	char line[200];
	int p[2], n = 0, result;

	(void)state;
	assert_int_equal(pipe(p), 0);
	golden_down(&g);
	assert_int_equal(write(p[1], g.out.data, g.out.len - 3), (ssize_t)g.out.len - 3);
	close(p[1]);
	fbs_reader_init(&r);
	while ((result = fbs_read(&r, p[0], &rec)) == 1)
		n++;
	assert_int_equal(n, 17);
	assert_int_equal(result, FBS_E_TRUNCATED);
	snprintf(line, sizeof line, "fbgrab died: stream truncated at offset %zu", g.out.len - 3);
	assert_string_equal(fbs_reader_explain(&r, result, (char[200]){ 0 }, 200), line);
	fbs_reader_fini(&r);
	close(p[0]);
	wire_buf_fini(&g.out);
}

static int write_golden(const char *dir)
{
	for (int i = 0; i < N_GOLDEN; i++) {
		char path[512];
		struct golden g;
		FILE *f;

		golden_streams[i].make(&g);
		snprintf(path, sizeof path, "%s/%s.fbs", dir, golden_streams[i].name);
		f = fopen(path, "wb");
		if (!f || fwrite(g.out.data, 1, g.out.len, f) != g.out.len || fclose(f)) {
			perror(path);
			return 1;
		}
		wire_buf_fini(&g.out);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_bytes_stay),
		cmocka_unit_test(every_record_comes_back),
		cmocka_unit_test(fields_keep_their_values),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(lengths_are_checked_before_anything),
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(rectangles_stay_on_the_screen),
		cmocka_unit_test(a_frame_has_a_bound),
		cmocka_unit_test(unknown_types_are_skipped),
		cmocka_unit_test(the_writer_writes_the_golden_bytes),
		cmocka_unit_test(raw_pixels_survive),
		cmocka_unit_test(the_writer_refuses_what_a_reader_would),
		cmocka_unit_test(writing_fails_for_good),
		cmocka_unit_test(buffers_are_swapped),
		cmocka_unit_test(an_exact_reader_leaves_the_frame_in_the_pipe),
		cmocka_unit_test(read_follows_a_pipe),
	};

	if (argc == 3 && strcmp(argv[1], "--write") == 0)
		return write_golden(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
