/* When to begin a member: reading one up to a moment costs what it holds, so it ends when it has grown
 * to some multiple of its keyframe; and damage costs up to the next keyframe, so it also ends after
 * a minute. Never in mid-frame. */
#include "rec/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define LEAST_US INT64_C(10000000)	/* a member is not ended earlier for its age … */
#define MOST_US INT64_C(60000000)
enum {
	GROWN = 4 << 20,	/* bytes after the keyframe that end a member, if they are also … */
	TIMES = 2,		/* … so many times the keyframe */
	MANY = 1 << 16, STRETCH_MOST = 15,
};

int rec_writer_add_member(struct rec_writer *w, const struct rec_member *m)
{
	if (w->n_members == REC_MEMBERS_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (w->n_members == w->members_cap) {
		size_t cap = w->members_cap ? w->members_cap * 2 : 64;
		struct rec_member *more = reallocarray(w->members, cap, sizeof *more);

		if (!more)
			return -1;
		w->members = more;
		w->members_cap = cap;
	}
	w->members[w->n_members++] = *m;
	return 0;
}

static int to_member(void *arg, struct iovec *iov, int n)
{
	struct rec_writer *w = arg;

	for (int i = 0; i < n; i++) {
		if (rec_gz_write(&w->gz, iov[i].iov_base, iov[i].iov_len))
			return -1;
		w->stream_at += iov[i].iov_len;
	}
	return 0;
}

static int start(struct rec_writer *w, int fd, uint64_t at, const char *program, int level)
{
	w->encode.encoding = FBS_TRLE;
	w->key_due = true;
	if (rec_gz_init(&w->gz, fd, at, level))
		return -1;
	return fbs_writer_init_sink(&w->fbs, to_member, w, program);
}

int rec_writer_init(struct rec_writer *w, int fd, const char *program, int level)
{
	*w = (struct rec_writer){ 0 };
	return start(w, fd, 0, program, level);
}

void rec_writer_origin(struct rec_writer *w, int64_t us)
{
	w->base_us = us - w->last_us;
}

int rec_writer_start_at(struct rec_writer *w, int fd, uint64_t at, const char *program, int level)
{
	if (start(w, fd, at, program, level))
		return -1;
	fbs_writer_resume(&w->fbs, w->frames, w->last_us);
	return 0;
}

void rec_writer_fini(struct rec_writer *w)
{
	rec_gz_fini(&w->gz);
	fbs_writer_fini(&w->fbs);
	rec_picture_fini(&w->picture);
	rec_encode_fini(&w->encode);
	free(w->members);
	w->members = NULL;
}

/* --- members ---------------------------------------------------------------------------- */

static int begin_member(struct rec_writer *w, uint16_t kind, int64_t us)
{
	w->member = (struct rec_member){
		.kind = kind, .first_us = us, .last_us = us, .stream_at = w->stream_at,
		.wall_us = w->fbs.wall_us + us,
	};
	w->key_bytes = 0;
	if (rec_gz_begin(&w->gz, &w->member))
		return -1;
	w->flushed = w->member;
	return 0;
}

static int end_member(struct rec_writer *w)
{
	if (!w->gz.open)
		return 0;
	if (fbs_flush(&w->fbs))
		return -1;
	w->member.stream_len = w->stream_at - w->member.stream_at;
	w->member.last_us = w->last_us;
	if (rec_gz_end(&w->gz, &w->member))
		return -1;
	w->bytes = w->gz.at;
	return rec_writer_add_member(w, &w->member);
}

/* A list that grows is stretched: each time it has grown by MANY, members become twice as large and as long, so that it never gets full. */
static bool member_is_full(const struct rec_writer *w, int64_t us)
{
	const unsigned stretch = w->n_members / MANY < STRETCH_MOST ? (unsigned)(w->n_members / MANY) : STRETCH_MOST;
	uint64_t after = (w->stream_at - w->member.stream_at - w->key_bytes) >> stretch;
	int64_t age = (us - w->member.first_us) >> stretch;

	if (!w->key_bytes || after == 0)
		return false;
	return (after >= GROWN && after >= TIMES * w->key_bytes) || (after >= w->key_bytes && age >= LEAST_US) || age >= MOST_US;
}

/* Into the stream, the time set. */
static int write_record(struct rec_writer *w, const struct fbs_record *r)
{
	struct fbs_record rec = *r;

	fbs_writer_stamp_at(&w->fbs, r->time_us);
	w->last_us = w->fbs.now_us;
	if (!w->keep_raw && rec_encode_record(&w->encode, &rec))
		return -1;
	if (fbs_write(&w->fbs, &rec))
		return -1;
	w->member.records++;
	w->member.marks += rec.type == FBS_MARK;
	return 0;
}

static int write_state_record(void *arg, const struct fbs_record *r)
{
	return write_record(arg, r);
}

/* A new member when one is due, with the picture as it is. */
static int begin_if_due(struct rec_writer *w, int64_t us)
{
	if (w->gz.open && !w->key_due && !member_is_full(w, us))
		return 0;
	if (end_member(w) || begin_member(w, REC_DATA, us))
		return -1;
	w->key_due = false;
	w->key_frame = true;
	return w->picture.has_screen ? rec_picture_say(&w->picture, us, write_state_record, w) : 0;
}

/* --- records ---------------------------------------------------------------------------- */

static bool is_left_out(uint16_t type)
{
	return type == FBS_HELLO || type == FBS_WANT || type == FBS_SHARED || type == FBS_DAMAGE || type == FBS_END ||
	       type == FBS_MEDIA || type == FBS_CUE;
}

static bool is_framed(uint16_t type)
{
	return type >= FBS_SCREEN && type <= FBS_MARK;
}

int rec_writer_watch(struct rec_writer *w, const struct fbs_record *r)
{
	int result = rec_picture_apply(&w->picture, r);

	if (result)
		errno = result == FBS_E_VALUE ? EILSEQ : ENOMEM;
	return result ? -1 : 0;
}

static int64_t shift(const struct rec_writer *w, int64_t us)
{
	us -= w->base_us;
	return us > w->last_us ? us : w->last_us;
}

/* What a FRAME says of times and flags in a recording. */
static void set_frame(struct rec_writer *w, struct fbs_record *r)
{
	int64_t capture = r->frame.capture_us - w->base_us;

	r->frame.capture_us = capture < r->time_us ? capture : r->time_us;
	if (r->frame.capture_us < -FBS_TIME_MAX)
		r->frame.capture_us = 0;
	r->frame.media_us = r->time_us;
	if (w->key_frame)
		r->flags |= FBS_FRAME_KEY;
	if (w->gap_due)
		r->flags |= FBS_FRAME_GAP;
	w->key_frame = w->gap_due = false;
}

int rec_writer_put(struct rec_writer *w, const struct fbs_record *r)
{
	struct fbs_record rec = *r;

	if (is_left_out(r->type))
		return 0;
	rec.time_us = shift(w, r->time_us);
	if (!w->in_frame && begin_if_due(w, rec.time_us))
		return -1;
	if (rec_writer_watch(w, &rec))
		return -1;
	if (is_framed(rec.type))
		w->in_frame = true;
	if (rec.type == FBS_FRAME)
		set_frame(w, &rec);
	if (write_record(w, &rec))
		return -1;
	if (rec.type == FBS_FRAME) {
		w->in_frame = false;
		w->frames++;
		w->member.frames++;
		if (!w->key_bytes)
			w->key_bytes = w->stream_at - w->member.stream_at;
	}
	w->bytes = w->gz.at;
	return 0;
}

void rec_writer_break(struct rec_writer *w)
{
	w->key_due = w->gap_due = true;
}

int rec_writer_mark(struct rec_writer *w, uint32_t kind, const char *text, int64_t time_us)
{
	struct fbs_record mark = { .type = FBS_MARK, .time_us = time_us, .mark = { kind, { text, (uint32_t)strnlen(text, FBS_TEXT_MAX) } } };
	struct fbs_record frame = { .type = FBS_FRAME, .time_us = time_us, .frame.capture_us = time_us };
	bool alone = !w->in_frame;

	if (!fbs_text_valid(text, mark.mark.text.len))
		mark.mark.text.len = 0;
	if (rec_writer_put(w, &mark))
		return -1;
	if (!w->picture.has_screen)
		w->in_frame = false;	/* an input-only recording has no frames */
	return alone && w->picture.has_screen ? rec_writer_put(w, &frame) : 0;
}

int rec_writer_flush(struct rec_writer *w, bool sync)
{
	if (!w->gz.open)
		return 0;
	if (fbs_flush(&w->fbs) || rec_gz_flush(&w->gz, !w->in_frame, sync))
		return -1;
	w->bytes = w->gz.at;
	if (w->in_frame)
		return 0;
	w->flushed = w->member;
	w->flushed.last_us = w->last_us;
	w->flushed.stream_len = w->stream_at - w->member.stream_at;
	return 0;
}

/* --- the end ------------------------------------------------------------------------------ */

static int write_index(struct rec_writer *w)
{
	struct rec_member index = { .kind = REC_INDEX, .wall_us = w->fbs.wall_us + w->last_us };
	struct rec_member last = {
		.kind = REC_LAST, .last_us = w->last_us, .stream_at = w->gz.at, .stream_len = w->stream_at,
		.frames = w->frames > UINT32_MAX ? UINT32_MAX : (uint32_t)w->frames, .wall_us = index.wall_us,
	};
	struct wire_buf b = { 0 };
	int result;

	for (size_t i = 0; i < w->n_members; i += REC_INDEX_ENTRIES) {
		size_t n = w->n_members - i < REC_INDEX_ENTRIES ? w->n_members - i : REC_INDEX_ENTRIES;

		rec_member_put_empty(&b, &index, w->members + i, (unsigned)n);
	}
	rec_member_put_empty(&b, &last, NULL, 0);
	if (b.bad)
		errno = ENOMEM;
	result = b.bad ? -1 : rec_gz_put(&w->gz, b.data, b.len);
	wire_buf_fini(&b);
	if (!result && w->gz.seekable)
		result = rec_gz_trim(&w->gz);
	w->bytes = w->gz.at;
	return result;
}

int rec_writer_close(struct rec_writer *w, uint32_t status, const char *reason)
{
	return rec_writer_close_at(w, INT64_MIN, status, reason);
}

int rec_writer_close_at(struct rec_writer *w, int64_t end_us, uint32_t status, const char *reason)
{
	if (!w->gz.open && w->n_members == 0 && begin_member(w, REC_DATA, w->last_us))
		return -1;	/* nothing came: the preamble alone */
	if (end_member(w))
		return -1;
	if (end_us != INT64_MIN) {
		fbs_writer_stamp_at(&w->fbs, shift(w, end_us));
		w->last_us = w->fbs.now_us;
	}
	if (begin_member(w, REC_CLOSING, w->last_us))
		return -1;
	w->member.records = 1;
	if (fbs_write_end(&w->fbs, status, reason) || end_member(w) || write_index(w))
		return -1;
	return rec_gz_flush(&w->gz, true, true);
}

int rec_writer_abandon(struct rec_writer *w)
{
	return w->gz.open || w->n_members || w->stream_at || w->gz.at ? -1 : rec_gz_back(&w->gz, 0);
}

int rec_writer_switch(struct rec_writer *w, int fd, const char *program, int64_t now_us)
{
	struct rec_picture picture = w->picture;
	bool keep_raw = w->keep_raw, gap = w->gap_due;

	if (rec_writer_close(w, FBS_END_DONE, "continued in the next file"))
		return -1;
	w->picture = (struct rec_picture){ 0 };
	rec_writer_fini(w);
	*w = (struct rec_writer){ .keep_raw = keep_raw, .picture = picture, .base_us = now_us, .gap_due = gap };
	w->picture.screen.display = w->picture.display;
	w->picture.name.text = w->picture.name_text;
	return start(w, fd, 0, program, REC_LEVEL);
}

/* END without the stream's writer, which has failed. */
static int put_closing(struct rec_writer *w, const char *reason)
{
	struct fbs_record end = { .type = FBS_END, .time_us = w->last_us, .end = { FBS_END_LOST, { reason, (uint32_t)strlen(reason) } } };
	struct wire_buf b = { 0 };
	int result;

	fbs_record_put(&b, &end);
	result = b.bad || begin_member(w, REC_CLOSING, w->last_us) || rec_gz_write(&w->gz, b.data, b.len) ? -1 : 0;
	w->member.records = 1;
	w->member.stream_len = b.len;
	w->stream_at += b.len;
	wire_buf_fini(&b);
	return result || rec_gz_end(&w->gz, &w->member) ? -1 : rec_writer_add_member(w, &w->member);
}

/* The open member as it was at the last flush, or, when nothing of it was, none. */
static int end_at_flush(struct rec_writer *w)
{
	const struct rec_member *before = w->n_members ? &w->members[w->n_members - 1] : NULL;
	struct rec_member m = w->flushed;

	if (!w->gz.open)
		return -1;
	if (m.stream_at == w->member.stream_at && m.stream_len) {
		if (rec_gz_rescue(&w->gz, &m) || rec_writer_add_member(w, &m))
			return -1;
		w->last_us = m.last_us;
		w->stream_at = m.stream_at + m.stream_len;
		return 0;
	}
	if (rec_gz_back(&w->gz, w->gz.member.at) || !before)
		return -1;
	w->last_us = before->last_us;
	w->stream_at = before->stream_at + before->stream_len;
	return 0;
}

int rec_writer_rescue(struct rec_writer *w)
{
	if (end_at_flush(w))
		return -1;
	if (put_closing(w, "no room for more"))
		return -1;
	return write_index(w);
}
