/* Recordings: what goes in comes out, frame by frame; from any moment; after every cut and in spite of
 * every flipped bit; and they can be gone on with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec/reader.h"
#include "rec/writer.h"

enum { W = 48, H = 32, FRAMES = 40 };

/* --- a made-up session ------------------------------------------------------------------------ */

static uint32_t px[W * H];

static void write_all(struct rec_writer *w, const struct fbs_record *r)
{
	assert_int_equal(rec_writer_put(w, r), 0);
}

/* Frame i of the session: a few rectangles, a copy now and then, state at the start. */
static void put_frame(struct rec_writer *w, int i, int64_t us)
{
	uint32_t block[10 * 6];
	struct fbs_record r;

	if (i == 0) {
		static const uint8_t argb[4] = { 1, 2, 3, 255 };

		r = (struct fbs_record){ .type = FBS_SCREEN, .time_us = us, .screen = { .kind = FBS_LIVE, .w = W, .h = H, .display = ":9", .display_len = 2 } };
		write_all(w, &r);
		r = (struct fbs_record){ .type = FBS_NAME, .time_us = us, .name = { "made up", 7 } };
		write_all(w, &r);
		r = (struct fbs_record){ .type = FBS_CURSOR, .time_us = us, .cursor = { 1, 1, 0, 0, argb } };
		write_all(w, &r);
		memset(px, 0, sizeof px);
		r = (struct fbs_record){ .type = FBS_PIXELS, .time_us = us, .pixels = { 0, 0, W, H, FBS_RAW, (uint8_t *)px, sizeof px } };
		write_all(w, &r);
	}
	for (int k = 0; k < 3; k++) {
		unsigned x = (unsigned)(i * 7 + k * 13) % (W - 10), y = (unsigned)(i * 5 + k * 3) % (H - 6);

		for (int j = 0; j < 60; j++) {
			block[j] = (uint32_t)(i * 0x010203 + k * 0x0f0000 + (j % 7) * 0x111111) & 0xffffff;
			px[(y + (unsigned)j / 10) * W + x + (unsigned)j % 10] = block[j];
		}
		r = (struct fbs_record){ .type = FBS_PIXELS, .time_us = us, .pixels = { (uint16_t)x, (uint16_t)y, 10, 6, FBS_RAW, (uint8_t *)block, sizeof block } };
		write_all(w, &r);
	}
	if (i % 5 == 4) {	/* overlapping, downwards */
		r = (struct fbs_record){ .type = FBS_COPY, .time_us = us, .copy = { 3, 4, 20, 20, 1, 1 } };
		write_all(w, &r);
		for (int y = 19; y >= 0; y--)
			memmove(px + (4 + y) * W + 3, px + (1 + y) * W + 1, 20 * 4);
	}
	r = (struct fbs_record){ .type = FBS_FRAME, .time_us = us, .flags = i == 0 ? FBS_FRAME_KEY : 0, .frame.capture_us = us - 10 };
	write_all(w, &r);
}

static uint32_t pictures[2 * FRAMES][W * H];	/* after each FRAME */

static int64_t time_of(int i)
{
	return i * INT64_C(1000000) / 2;
}

/* Records the session, a member every `every` frames. */
static void record(struct rec_writer *w, int every)
{
	for (int i = 0; i < FRAMES; i++) {
		if (i % every == 0)
			w->key_due = true;
		put_frame(w, i, time_of(i));
		memcpy(pictures[i], px, sizeof px);
	}
}

static int temp_file(void)
{
	int fd = memfd_create("rec", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int recorded(int every)
{
	int fd = temp_file();
	struct rec_writer w;

	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	assert_int_equal(rec_writer_flush(&w, false), 0);	/* nothing yet: does no harm */
	record(&w, every);
	assert_int_equal(rec_writer_close(&w, FBS_END_DONE, "bye"), 0);
	assert_int_equal(w.bytes, lseek(fd, 0, SEEK_END));
	rec_writer_fini(&w);
	return fd;
}

struct played {
	int frames, end;
	int64_t last_us;
	bool wrong, closed;
};

/* Plays from where r is; frames are expected to be pictures[first], [first + 1], … */
static struct played play(struct rec_reader *r, int first)
{
	struct rec_picture p = { 0 };
	struct played out = { 0 };
	struct fbs_record rec;

	while ((out.end = rec_reader_next(r, &rec)) == 1) {
		int applied = rec_picture_apply(&p, &rec);

		assert_true(applied == 0 || applied == FBS_E_VALUE);
		out.closed |= rec.type == FBS_END;
		if (rec.type != FBS_FRAME)
			continue;
		for (int i = 0; i < W * H; i++)
			out.wrong |= (p.px[i] & 0xffffff) != pictures[first + out.frames][i];
		out.frames++;
		out.last_us = rec.time_us;
	}
	rec_picture_fini(&p);
	return out;
}

static void every_frame_comes_back(void **state)
{
	(void)state;
	for (int every = 1; every < 60; every = every * 2 + 1) {
		int fd = recorded(every);
		struct rec_reader r;
		struct played p;

		assert_int_equal(rec_reader_open(&r, fd), 0);
		assert_int_equal(r.format, REC_GZIP);
		p = play(&r, 0);
		assert_int_equal(p.end, 0);
		assert_int_equal(p.frames, FRAMES);
		assert_false(p.wrong);
		assert_true(p.closed && r.fbs.ended);
		assert_int_equal(p.last_us, time_of(FRAMES - 1));
		rec_reader_fini(&r);
		close(fd);
	}
}

static void check_seeks(int fd, int every, bool indexed)
{
	struct rec_reader r;

	assert_int_equal(rec_reader_open(&r, fd), 0);
	assert_int_equal(rec_reader_index(&r), 0);
	assert_int_equal(r.indexed, indexed);
	assert_int_equal(r.damaged, 0);
	assert_int_equal(rec_reader_length(&r), time_of(FRAMES - 1));
	for (int i = FRAMES - 1; i >= 0; i--) {
		size_t m = rec_reader_find(&r, time_of(i));
		struct played p;

		assert_int_equal(m, i / every);
		rec_reader_goto(&r, m);
		p = play(&r, i / every * every);
		assert_int_equal(p.frames, FRAMES - i / every * every);
		assert_false(p.wrong);
		assert_int_equal(p.end, 0);
	}
	rec_reader_fini(&r);
}

static void any_moment_can_be_found(void **state)
{
	int fd = recorded(8), cut;
	off_t size = lseek(fd, 0, SEEK_END);
	struct wire_buf tail = { 0 };

	(void)state;
	check_seeks(fd, 8, true);
	/* without the LAST member: by the headers */
	assert_int_equal(ftruncate(fd, size - REC_EMPTY_MEMBER), 0);
	check_seeks(fd, 8, false);
	close(fd);
	wire_buf_fini(&tail);
	/* through a pipe: lengths are only in the index */
	fd = recorded(8);
	cut = temp_file();
	{
		int p[2];
		struct rec_writer w;
		uint8_t buf[65536];
		ssize_t n;

		assert_int_equal(pipe(p), 0);
		assert_int_equal(fcntl(p[1], F_SETPIPE_SZ, 1 << 20) > 0, 1);
		assert_int_equal(rec_writer_init(&w, p[1], "test", REC_LEVEL), 0);
		record(&w, 8);
		assert_int_equal(rec_writer_close(&w, FBS_END_DONE, NULL), 0);
		rec_writer_fini(&w);
		close(p[1]);
		while ((n = read(p[0], buf, sizeof buf)) > 0)
			assert_int_equal(write(cut, buf, (size_t)n), n);
		close(p[0]);
	}
	check_seeks(cut, 8, true);
	/* and without the index by reading */
	size = lseek(cut, 0, SEEK_END);
	assert_int_equal(ftruncate(cut, size - REC_EMPTY_MEMBER), 0);
	check_seeks(cut, 8, false);
	close(cut);
	close(fd);
}

/* What a flush has written survives whatever happens to the writer. */
static void a_killed_writer_leaves_what_it_flushed(void **state)
{
	int fd = temp_file();
	struct rec_writer w;
	struct rec_reader r;
	struct played p;

	(void)state;
	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	for (int i = 0; i < 20; i++) {
		put_frame(&w, i, time_of(i));
		memcpy(pictures[i], px, sizeof px);
		if (i == 14)
			assert_int_equal(rec_writer_flush(&w, true), 0);
	}
	rec_writer_fini(&w);
	assert_int_equal(rec_reader_open(&r, fd), 0);
	p = play(&r, 0);
	assert_int_equal(p.end, FBS_E_TRUNCATED);
	assert_true(p.frames >= 15);
	assert_false(p.wrong);
	assert_non_null(strstr(r.problem, "cut at"));
	rec_reader_fini(&r);
	close(fd);
}

/* A flush in mid-frame keeps the frames before it; and a rescue after that goes back to between them. */
static void a_flush_in_mid_frame(void **state)
{
	(void)state;
	for (int rescued = 0; rescued < 2; rescued++) {
		const struct fbs_record half = { .type = FBS_NAME, .time_us = time_of(12), .name = { "half a frame", 12 } };
		int fd = temp_file();
		struct rec_writer w;
		struct rec_reader r;
		struct played p;

		assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
		for (int i = 0; i < 12; i++) {
			put_frame(&w, i, time_of(i));
			memcpy(pictures[i], px, sizeof px);
			if (i == 7)
				assert_int_equal(rec_writer_flush(&w, true), 0);
		}
		write_all(&w, &half);
		assert_int_equal(rec_writer_flush(&w, true), 0);
		assert_int_equal(rescued ? rec_writer_rescue(&w) : 0, 0);
		rec_writer_fini(&w);
		assert_int_equal(rec_reader_open(&r, fd), 0);
		p = play(&r, 0);
		assert_int_equal(p.frames, rescued ? 8 : 12);
		assert_int_equal(p.end, rescued ? 0 : FBS_E_TRUNCATED);
		assert_int_equal(p.closed, rescued);
		assert_false(p.wrong);
		rec_reader_fini(&r);
		close(fd);
	}
}

/* With nothing flushed, an empty file is left, no damaged one; where the first frame of a member was not, the members before it. */
static void a_rescue_without_a_flush(void **state)
{
	int fd = temp_file();
	struct rec_writer w;
	struct rec_reader r;
	struct played p;

	(void)state;
	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	put_frame(&w, 0, 0);
	assert_int_equal(rec_writer_rescue(&w), -1);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	rec_writer_fini(&w);

	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	for (int i = 0; i < 9; i++) {
		w.key_due = w.key_due || i == 8;
		put_frame(&w, i, time_of(i));
		memcpy(pictures[i], px, sizeof px);
	}
	assert_int_equal(rec_writer_rescue(&w), 0);
	rec_writer_fini(&w);
	assert_int_equal(rec_reader_open(&r, fd), 0);
	p = play(&r, 0);
	assert_int_equal(p.frames, 8);
	assert_true(p.closed && !p.wrong && p.end == 0);
	rec_reader_fini(&r);
	close(fd);
}

/* The list of members does not get full, however long it goes on. */
static void members_grow_with_their_number(void **state)
{
	struct fbs_record screen = { .type = FBS_SCREEN, .screen = { .kind = FBS_LIVE, .w = 1, .h = 1, .display = ":9", .display_len = 2 } };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	size_t before = 0;
	struct rec_writer w;

	(void)state;
	assert_int_equal(rec_writer_init(&w, fd, "test", 1), 0);
	write_all(&w, &screen);
	for (int i = 0; i < 5; i++) {
		const size_t had = w.n_members;

		for (int64_t n = 0; n < 200; n++) {
			const int64_t us = (i * 200 + n) * 10000000;
			struct fbs_record name = { .type = FBS_NAME, .time_us = us, .name = { "some words, so that there is something", 38 } };
			struct fbs_record frame = { .type = FBS_FRAME, .time_us = us, .frame.capture_us = us };

			write_all(&w, &name);
			write_all(&w, &frame);
		}
		assert_in_range(w.n_members - had, 1, before ? before * 2 / 3 + 2 : 100);
		before = w.n_members - had;
		/* as after years */
		while (w.n_members % (1 << 16) || w.n_members == had)
			assert_int_equal(rec_writer_add_member(&w, &(struct rec_member){ .kind = REC_DATA, .length = 1 }), 0);
	}
	rec_writer_fini(&w);
	close(fd);
}

static int copy_of(int fd, size_t n)
{
	int to = temp_file();
	uint8_t *bytes = mmap(NULL, n ? n : 1, PROT_READ, MAP_SHARED, fd, 0);

	assert_int_equal(write(to, bytes, n), (ssize_t)n);
	munmap(bytes, n ? n : 1);
	return to;
}

/* Cuts at every byte of the last two members (and the index): what was before plays, and it can be gone on with. */
static void every_cut_plays_and_can_be_appended_to(void **state)
{
	int fd = recorded(16), tried = 0;
	size_t size = (size_t)lseek(fd, 0, SEEK_END), from;
	struct rec_reader whole;

	(void)state;
	assert_int_equal(rec_reader_open(&whole, fd), 0);
	assert_int_equal(rec_reader_index(&whole), 0);
	assert_int_equal(whole.n_members, 4);		/* three of data, END */
	from = whole.members[1].at;
	for (size_t cut = from; cut < size; cut++) {
		int part = copy_of(fd, cut);
		bool whole_data = cut >= whole.members[3].at;
		struct rec_reader r;
		struct rec_writer w;
		struct played p;
		const char *why;
		int before;

		assert_int_equal(rec_reader_open(&r, part), 0);
		p = play(&r, 0);
		assert_false(p.wrong);
		assert_true(p.end == FBS_E_TRUNCATED || (p.end == 0 && (p.closed || cut == whole.members[1].at ||
			    cut == whole.members[2].at || cut == whole.members[3].at)) || (p.closed && p.end < 0));
		assert_true(p.frames >= 16 && (!whole_data || p.frames == FRAMES));
		before = p.frames;
		rec_reader_fini(&r);
		if (tried++ % 7 && cut > from + 100 && cut < size - 300) {	/* appending at every seventh, and around all the ends */
			close(part);
			continue;
		}
		assert_int_equal(rec_writer_append(&w, part, "test", REC_LEVEL, &why), 0);
		assert_int_equal(w.frames, before);
		rec_writer_origin(&w, 0);
		for (int i = 0; i < 3; i++) {
			put_frame(&w, i, i * 1000);
			memcpy(pictures[FRAMES + i], px, sizeof px);
		}
		assert_int_equal(rec_writer_close(&w, FBS_END_DONE, NULL), 0);
		rec_writer_fini(&w);

		assert_int_equal(rec_reader_open(&r, part), 0);
		assert_int_equal(rec_reader_index(&r), 0);
		assert_true(r.indexed && r.closed);
		{
			static uint32_t kept[FRAMES][W * H];

			memcpy(kept, pictures, sizeof kept);
			for (int i = 0; i < 3; i++)
				memcpy(pictures[before + i], pictures[FRAMES + i], sizeof px);
			p = play(&r, 0);
			memcpy(pictures, kept, sizeof kept);
		}
		if (p.end)
			fail_msg("cut at %zu of %zu: %s", cut, size, r.problem);
		assert_int_equal(p.frames, before + 3);
		assert_false(p.wrong);
		assert_true(p.closed);
		rec_reader_fini(&r);
		close(part);
	}
	rec_reader_fini(&whole);
	close(fd);
}

/* A flipped bit anywhere: an error, or (behind deflate's end; another distance to the same bytes) every frame as it was. */
static void flipped_bits_are_told(void **state)
{
	int fd = recorded(16);
	size_t size = (size_t)lseek(fd, 0, SEEK_END);
	uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	for (size_t at = 0; at < size; at++)
		for (int bit = at % 3; bit < 8; bit += 3) {
			struct rec_reader r;
			struct played p;

			bytes[at] ^= (uint8_t)(1 << bit);
			assert_int_equal(rec_reader_open(&r, fd), 0);
			if (r.format == REC_GZIP) {
				p = play(&r, 0);
				assert_false(p.wrong);
				if (p.end < 0)
					assert_true(strpbrk(r.problem, "0123456789") != NULL);
				else if (!p.closed || p.frames != FRAMES)
					fail_msg("byte %zu bit %d: %d frames, no error", at, bit, p.frames);
				assert_int_equal(rec_reader_index(&r), 0);
			}
			rec_reader_fini(&r);
			bytes[at] ^= (uint8_t)(1 << bit);
		}
	munmap(bytes, size);
	close(fd);
}

/* Damage in the second of three members: the third still plays. */
static void damage_is_stepped_over(void **state)
{
	int fd = recorded(16);
	struct rec_reader r;
	struct played p;
	uint8_t x = 0, zeros[24] = { 0 };

	(void)state;
	assert_int_equal(rec_reader_open(&r, fd), 0);
	assert_int_equal(rec_reader_index(&r), 0);
	assert_int_equal(pwrite(fd, zeros, sizeof zeros, (off_t)(r.members[1].at + r.members[1].length / 2)), (ssize_t)sizeof zeros);
	rec_reader_goto(&r, 0);
	p = play(&r, 0);
	assert_true(p.end < 0);
	assert_true(p.frames >= 16 && p.frames < 32);
	assert_true(rec_reader_resync(&r));
	p = play(&r, 32);
	assert_int_equal(p.frames, FRAMES - 32);
	assert_false(p.wrong);
	assert_int_equal(p.end, 0);
	assert_false(rec_reader_resync(&r));
	rec_reader_fini(&r);

	/* a damaged header, and no index: the next one is found */
	assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - 5), 0);
	assert_int_equal(rec_reader_open(&r, fd), 0);
	x = 0;
	assert_int_equal(rec_reader_index(&r), 0);
	assert_int_equal(r.n_members, 4);
	assert_int_equal(pwrite(fd, &x, 1, (off_t)r.members[1].at + 1), 1);
	assert_int_equal(rec_reader_index(&r), 0);
	assert_int_equal(r.n_members, 3);
	assert_int_equal(r.damaged, 1);
	rec_reader_fini(&r);
	close(fd);
}

static void marks_pauses_and_switches(void **state)
{
	int fd = temp_file(), second = temp_file();
	struct rec_writer w;
	struct rec_reader r;
	struct fbs_record rec;
	int marks = 0, gaps = 0, keys = 0;

	(void)state;
	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	for (int i = 0; i < 3; i++)
		put_frame(&w, i, time_of(i));
	assert_int_equal(rec_writer_mark(&w, FBS_MARK_USER, "look", time_of(3)), 0);
	assert_int_equal(rec_writer_mark(&w, FBS_MARK_PAUSE, "", time_of(3)), 0);
	rec = (struct fbs_record){ .type = FBS_COPY, .time_us = time_of(4), .copy = { 0, 0, 10, 10, 20, 20 } };
	assert_int_equal(rec_writer_watch(&w, &rec), 0);
	for (int y = 0; y < 10; y++)
		memmove(px + y * W, px + (20 + y) * W + 20, 40);
	rec_writer_break(&w);
	assert_int_equal(rec_writer_mark(&w, FBS_MARK_RESUME, "", time_of(5)), 0);
	memcpy(pictures[0], px, sizeof px);
	assert_int_equal(rec_writer_switch(&w, second, "test", time_of(6)), 0);
	put_frame(&w, 1, time_of(7));
	memcpy(pictures[1], px, sizeof px);
	assert_int_equal(rec_writer_close(&w, FBS_END_DONE, NULL), 0);
	rec_writer_fini(&w);

	assert_int_equal(rec_reader_open(&r, fd), 0);
	assert_int_equal(rec_reader_index(&r), 0);
	assert_int_equal(r.n_members, 3);
	assert_int_equal(r.members[0].marks + r.members[1].marks, 3);
	while (rec_reader_next(&r, &rec) == 1) {
		marks += rec.type == FBS_MARK;
		gaps += rec.type == FBS_FRAME && rec.flags & FBS_FRAME_GAP;
		keys += rec.type == FBS_FRAME && rec.flags & FBS_FRAME_KEY;
	}
	assert_int_equal(marks, 3);
	assert_int_equal(gaps, 1);
	assert_int_equal(keys, 2);
	rec_reader_goto(&r, 1);
	assert_false(play(&r, 0).wrong);
	rec_reader_fini(&r);

	assert_int_equal(rec_reader_open(&r, second), 0);
	{
		struct played p = play(&r, 1);

		assert_false(p.wrong);
		assert_int_equal(p.frames, 1);
		assert_int_equal(p.last_us, time_of(1));
		assert_true(p.closed);
	}
	rec_reader_fini(&r);
	close(fd);
	close(second);
}

static void a_rescued_file_is_whole(void **state)
{
	int fd = temp_file();
	struct rec_writer w;
	struct rec_reader r;
	struct played p;

	(void)state;
	assert_int_equal(rec_writer_init(&w, fd, "test", REC_LEVEL), 0);
	for (int i = 0; i < 20; i++) {
		put_frame(&w, i, time_of(i));
		memcpy(pictures[i], px, sizeof px);
		if (i == 9)
			assert_int_equal(rec_writer_flush(&w, false), 0);
	}
	assert_int_equal(rec_writer_rescue(&w), 0);	/* as after a failed write */
	rec_writer_fini(&w);
	assert_int_equal(rec_reader_open(&r, fd), 0);
	assert_int_equal(rec_reader_index(&r), 0);
	assert_true(r.indexed && r.closed);
	p = play(&r, 0);
	assert_int_equal(p.end, 0);
	assert_int_equal(p.frames, 10);
	assert_true(p.closed && !p.wrong);
	rec_reader_fini(&r);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_comes_back),
		cmocka_unit_test(any_moment_can_be_found),
		cmocka_unit_test(a_killed_writer_leaves_what_it_flushed),
		cmocka_unit_test(every_cut_plays_and_can_be_appended_to),
		cmocka_unit_test(flipped_bits_are_told),
		cmocka_unit_test(damage_is_stepped_over),
		cmocka_unit_test(marks_pauses_and_switches),
		cmocka_unit_test(a_rescued_file_is_whole),
		cmocka_unit_test(a_flush_in_mid_frame),
		cmocka_unit_test(a_rescue_without_a_flush),
		cmocka_unit_test(members_grow_with_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
