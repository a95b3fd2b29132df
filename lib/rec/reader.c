/* From a file's bytes to records: gzip members one after another (RFC 1952 allows no gap between
 * them), each checked by its CRC, their data one stream, each frame checked by its own checksum. */
#include "rec/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IN_SIZE = REC_HEADER_MAX };

static int fail(struct rec_reader *r, int error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int fail(struct rec_reader *r, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->problem, sizeof r->problem, fmt, ap);
	va_end(ap);
	return error;
}

/* --- bytes in ------------------------------------------------------------------------------ */

static uint64_t file_offset(const struct rec_reader *r)
{
	return r->in_pos + r->in_at;
}

/* Makes `want` bytes (<= IN_SIZE) stand at in + in_at, or all there are. 0; -1. */
static int fill(struct rec_reader *r, size_t want)
{
	if (r->in_at && r->in_len - r->in_at < want) {
		memmove(r->in, r->in + r->in_at, r->in_len - r->in_at);
		r->in_pos += r->in_at;
		r->in_len -= r->in_at;
		r->in_at = 0;
	}
	while (r->in_len - r->in_at < want && !r->at_eof) {
		size_t room = IN_SIZE - r->in_len;
		ssize_t got = r->seekable ? pread(r->fd, r->in + r->in_len, room, (off_t)(r->in_pos + r->in_len)) :
			      read(r->fd, r->in + r->in_len, room);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		r->at_eof = got == 0;
		r->in_len += (size_t)got;
	}
	return 0;
}

static const uint8_t magic[] = { 0x89, 'F', 'B', 'S' };

/* A gzip file that is not of our making, and does not hold a stream of ours either. */
static bool is_anothers(struct rec_reader *r)
{
	struct rec_member m;
	const uint8_t *entries;
	uint8_t first[sizeof magic];
	unsigned n;
	bool ours;
	long used;
	int result;

	if (fill(r, IN_SIZE / 2))
		return false;
	used = rec_member_parse(&m, &ours, &entries, &n, r->in, r->in_len);
	if (used <= 0 || ours)
		return false;
	r->z.next_in = r->in + used;
	r->z.avail_in = (uInt)(r->in_len - (size_t)used);
	r->z.next_out = first;
	r->z.avail_out = sizeof first;
	result = inflate(&r->z, Z_SYNC_FLUSH);
	inflateReset(&r->z);
	return (result == Z_OK || result == Z_STREAM_END) && r->z.avail_out == 0 && memcmp(first, magic, sizeof magic) != 0;
}

int rec_reader_open(struct rec_reader *r, int fd)
{
	struct stat st;
	size_t n;

	*r = (struct rec_reader){ .fd = fd };
	fbs_reader_init(&r->fbs);
	r->in = malloc(IN_SIZE);
	if (!r->in || inflateInit2(&r->z, -15) != Z_OK) {
		errno = ENOMEM;
		return fail(r, FBS_E_SYSTEM, "no memory");
	}
	r->z_ready = true;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		r->seekable = true;
		r->size = (uint64_t)st.st_size;
	}
	if (!rec_reader_peek(r, sizeof magic, &n))
		return fail(r, FBS_E_SYSTEM, "%s", strerror(errno));
	if (n >= 2 && r->in[0] == 0x1f && r->in[1] == 0x8b)
		r->format = is_anothers(r) ? REC_FOREIGN : REC_GZIP;
	else if (n >= sizeof magic && memcmp(r->in, magic, sizeof magic) == 0)
		r->format = REC_PLAIN;
	return 0;
}

void rec_reader_fini(struct rec_reader *r)
{
	fbs_reader_fini(&r->fbs);
	if (r->z_ready)
		inflateEnd(&r->z);
	r->z_ready = false;
	free(r->in);
	free(r->members);
	r->in = NULL;
	r->members = NULL;
}

const uint8_t *rec_reader_peek(struct rec_reader *r, size_t want, size_t *n)
{
	if (fill(r, want < IN_SIZE / 2 ? want : IN_SIZE / 2))
		return NULL;
	*n = r->in_len - r->in_at;
	return r->in + r->in_at;
}

/* --- members --------------------------------------------------------------------------------- */

static bool only_zeros(const struct rec_reader *r)
{
	for (size_t i = r->in_at; i < r->in_len; i++)
		if (r->in[i])
			return false;
	return r->at_eof;
}

/* 1: a member begins; 0: the file ends here; negative: it does not. */
static int begin_member(struct rec_reader *r)
{
	const uint8_t *entries;
	struct rec_member m;
	unsigned n_entries;
	size_t want = 64;
	bool ours;
	long used;

	for (;;) {
		if (fill(r, want))
			return fail(r, FBS_E_SYSTEM, "cannot read: %s", strerror(errno));
		if (r->in_len == r->in_at || (r->started && only_zeros(r)))
			return 0;
		used = rec_member_parse(&m, &ours, &entries, &n_entries, r->in + r->in_at, r->in_len - r->in_at);
		if (used != 0 || r->at_eof || want >= IN_SIZE)
			break;
		want = want * 2 < IN_SIZE ? want * 2 : IN_SIZE;
	}
	if (used == 0)
		return fail(r, FBS_E_TRUNCATED, "the recording is cut in a member's header at byte %" PRIu64, r->in_pos + r->in_len);
	if (used < 0)
		return fail(r, FBS_E_VALUE, "damaged: no gzip member at byte %" PRIu64, file_offset(r));
	r->member_at = file_offset(r);
	r->in_at += (size_t)used;
	inflateReset(&r->z);
	r->crc = (uint32_t)crc32(0, NULL, 0);
	r->crc_size = 0;
	r->in_member = r->started = true;
	r->whole = false;
	return 1;
}

static int end_member(struct rec_reader *r)
{
	uint32_t crc, size;
	struct wire_in in;

	r->in_member = false;
	if (fill(r, REC_MEMBER_TRAILER))
		return fail(r, FBS_E_SYSTEM, "cannot read: %s", strerror(errno));
	in = wire_in(r->in + r->in_at, r->in_len - r->in_at);
	crc = wire_u32le(&in);
	size = wire_u32le(&in);
	if (in.bad)
		return fail(r, FBS_E_TRUNCATED, "the recording is cut in a member's trailer at byte %" PRIu64, r->in_pos + r->in_len);
	if (crc != r->crc || size != r->crc_size)
		return fail(r, FBS_E_CHECKSUM, "damaged: the CRC of the member at byte %" PRIu64 " is wrong", r->member_at);
	r->in_at += REC_MEMBER_TRAILER;
	r->whole = true;
	return 0;
}

/* Inflates into `to`. Bytes; 0 at the end; negative: an error. */
static long inflate_some(struct rec_reader *r, uint8_t *to, size_t room)
{
	for (;;) {
		int result;
		size_t got;

		if (r->pending)
			return r->pending;
		if (!r->in_member) {
			result = r->one_member && r->started ? 0 : begin_member(r);
			if (result <= 0)
				return result;
		}
		if (fill(r, 1))
			return fail(r, FBS_E_SYSTEM, "cannot read: %s", strerror(errno));
		r->z.next_in = r->in + r->in_at;
		r->z.avail_in = (uInt)(r->in_len - r->in_at);
		r->z.next_out = to;
		r->z.avail_out = (uInt)room;
		result = inflate(&r->z, Z_NO_FLUSH);
		r->in_at = r->in_len - r->z.avail_in;
		got = room - r->z.avail_out;
		r->crc = (uint32_t)crc32(r->crc, to, (uInt)got);
		r->crc_size += (uint32_t)got;
		if (result == Z_STREAM_END) {
			r->pending = end_member(r);	/* what came before a wrong trailer is given first */
		} else if (result == Z_BUF_ERROR && !got && r->at_eof && r->in_at == r->in_len) {
			return fail(r, FBS_E_TRUNCATED, "the recording is cut at byte %" PRIu64, file_offset(r));
		} else if (result != Z_OK && result != Z_BUF_ERROR && !got) {
			return fail(r, FBS_E_VALUE, "damaged: deflate data at byte %" PRIu64, file_offset(r));
		}
		if (got)
			return (long)got;
	}
}

/* Plain bytes. */
static long copy_some(struct rec_reader *r, uint8_t *to, size_t room)
{
	size_t n;

	if (fill(r, 1))
		return fail(r, FBS_E_SYSTEM, "cannot read: %s", strerror(errno));
	n = r->in_len - r->in_at;
	n = n < room ? n : room;
	memcpy(to, r->in + r->in_at, n);
	r->in_at += n;
	return (long)n;
}

/* --- records ---------------------------------------------------------------------------------- */

static int explain(struct rec_reader *r, int error)
{
	char line[160];

	fbs_reader_explain(&r->fbs, error, line, sizeof line);
	if (r->format == REC_GZIP && error != FBS_E_TRUNCATED)
		return fail(r, error, "damaged: %s at offset %" PRIu64 " of the stream, in the member at byte %" PRIu64 "%s%s",
			    fbs_strerror(error), r->fbs.offset, r->member_at, r->fbs.what ? ": " : "", r->fbs.what ? r->fbs.what : "");
	if (error == FBS_E_TRUNCATED)
		return fail(r, error, "the recording is cut at offset %" PRIu64 " of the stream", r->fbs.offset);
	return fail(r, error, "%s", line);
}

/* Where another recording begins behind this one. 0; TRUNCATED when this one has no end. */
static int go_on(struct rec_reader *r)
{
	const uint64_t offset = r->fbs.offset;
	const bool ended = r->fbs.ended;
	const int64_t wall_us = r->fbs.preamble.wall_us;

	if (!fbs_reader_restart(&r->fbs))
		return 0;
	r->wall_us = r->wall_us ? r->wall_us : wall_us;
	r->several = r->gap_due = true;
	r->stream_before += offset;
	r->shift_us = r->last_us;
	if (ended)
		return 0;
	r->restarted = true;
	return fail(r, FBS_E_TRUNCATED, "the recording is cut at offset %" PRIu64 " of the stream; another one follows", offset);
}

/* Its time in this file. */
static int shift(struct rec_reader *r, struct fbs_record *out)
{
	if (out->time_us > FBS_TIME_MAX - r->shift_us)
		return fail(r, FBS_E_VALUE, "a time beyond all bounds at offset %" PRIu64 " of the stream", out->offset);
	out->time_us += r->shift_us;
	r->last_us = out->time_us;
	if (out->type != FBS_FRAME)
		return 1;
	out->frame.capture_us += r->shift_us;
	out->frame.media_us += r->shift_us;
	if (out->frame.media_us > FBS_TIME_MAX || out->frame.capture_us > FBS_TIME_MAX)
		out->frame.media_us = out->frame.capture_us = out->time_us;
	if (r->gap_due)
		out->flags |= FBS_FRAME_GAP;
	r->gap_due = false;
	return 1;
}

int rec_reader_next(struct rec_reader *r, struct fbs_record *out)
{
	for (;;) {
		int n = go_on(r);
		uint8_t *to;
		size_t room;
		long got;

		if (n < 0)
			return n;
		n = fbs_next(&r->fbs, out);
		if (n < 0)
			return explain(r, n);
		if (n > 0)
			return shift(r, out);
		to = fbs_feed(&r->fbs, &room);
		if (!to)
			return fail(r, FBS_E_SYSTEM, "no memory");
		got = r->format == REC_PLAIN ? copy_some(r, to, room) : inflate_some(r, to, room);
		if (got < 0)
			return (int)got;
		if (got == 0) {
			n = fbs_reader_finish(&r->fbs);
			return n ? explain(r, n) : 0;
		}
		fbs_fed(&r->fbs, (size_t)got);
	}
}

void rec_reader_place(struct rec_reader *r, uint64_t at, uint64_t stream_at)
{
	struct fbs_preamble preamble = r->fbs.preamble;
	bool has_preamble = r->fbs.has_preamble || stream_at > 0;

	fbs_reader_fini(&r->fbs);
	fbs_reader_init(&r->fbs);
	if (stream_at > 0) {
		r->fbs.preamble = preamble;
		r->fbs.has_preamble = has_preamble;
		r->fbs.offset = stream_at;
	}
	r->in_pos = at;
	r->in_at = r->in_len = 0;
	r->at_eof = false;
	r->in_member = r->started = false;
	r->pending = 0;
	r->gap_due = r->restarted = false;
	r->shift_us = 0;
	r->stream_before = 0;
	r->problem[0] = '\0';
}
