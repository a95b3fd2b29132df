/* A stream's bytes to records, in order, held to the rules that span records. One buffer: a record
 * is looked at where it was read. After a large record only a little is read ahead, so that next
 * to nothing is ever moved. */
#include "fbs/reader.h"
#include "fbs/sum.h"
#include "fbs/type.h"
#include "io/io.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AHEAD = 64 * 1024 };	/* bytes read beyond the record that is needed next */

void fbs_reader_init(struct fbs_reader *r)
{
	*r = (struct fbs_reader){ 0 };
}

void fbs_reader_fini(struct fbs_reader *r)
{
	free(r->buf);
	XXH3_freeState(r->hash);
	r->buf = NULL;
	r->hash = NULL;
}

static int fail(struct fbs_reader *r, int error, const char *what)
{
	r->error = error;
	r->what = what;
	return error;
}

/* --- rules across records -------------------------------------------------------------- */

/* Records that take effect with the FRAME that follows. */
static bool is_framed(uint16_t type)
{
	return type >= FBS_SCREEN && type <= FBS_MARK;
}

static bool inside(const struct fbs_screen *s, unsigned x, unsigned y, unsigned w, unsigned h)
{
	return x + w <= s->w && y + h <= s->h;
}

static const char *outside_screen(const struct fbs_reader *r, const struct fbs_record *rec)
{
	const struct fbs_screen *s = &r->screen;
	const struct fbs_copy *c = &rec->copy;
	const struct fbs_damage *d = &rec->damage;
	bool in = true;

	if (rec->type == FBS_PIXELS)
		in = inside(s, rec->pixels.x, rec->pixels.y, rec->pixels.w, rec->pixels.h);
	else if (rec->type == FBS_COPY)
		in = inside(s, c->x, c->y, c->w, c->h) && inside(s, c->src_x, c->src_y, c->w, c->h);
	else if (rec->type == FBS_DAMAGE) {
		uint64_t span = (uint64_t)(d->h - 1u) * d->stride + d->w * 4u;

		in = inside(s, d->x, d->y, d->w, d->h);
		if (in && (d->offset > r->shared_size || span > r->shared_size - d->offset))
			return "damage outside the shared segment";
	}
	return in ? NULL : "rectangle outside the screen";
}

static const char *out_of_order(const struct fbs_reader *r, const struct fbs_record *rec)
{
	if (r->ended)
		return "a record follows END";
	if (rec->time_us < r->last_us)
		return "time runs backwards";
	if (rec->type == FBS_HELLO && r->records)
		return "HELLO is not the first record";
	if (rec->type == FBS_DAMAGE && !r->shared_size)
		return "DAMAGE before SHARED";
	if (!r->has_screen && (rec->type == FBS_PIXELS || rec->type == FBS_COPY || rec->type == FBS_DAMAGE ||
			       rec->type == FBS_FRAME))
		return "no SCREEN came before it";
	if (is_framed(rec->type) && r->frame_records >= FBS_FRAME_RECORDS_MAX)
		return "too many records in one frame";
	return NULL;
}

static void remember(struct fbs_reader *r, const struct fbs_record *rec)
{
	r->last_us = rec->time_us;
	r->records++;
	if (is_framed(rec->type)) {
		r->in_frame = true;
		r->frame_records++;
	}
	switch (rec->type) {
	case FBS_SCREEN:
		r->screen = rec->screen;
		r->screen.display = NULL;
		r->screen.display_len = 0;
		r->has_screen = true;
		break;
	case FBS_SHARED:
		r->shared_size = rec->shared.size;
		break;
	case FBS_FRAME:
		r->in_frame = false;
		r->frame_records = 0;
		break;
	case FBS_END:
		r->in_frame = false;
		r->ended = true;
		break;
	}
}

/* Takes the record's bytes into the checksum; at a FRAME, compares it and starts anew. */
static int check_sum(struct fbs_reader *r, const struct fbs_record *rec, const uint8_t *bytes, size_t n)
{
	if (!r->hash) {
		r->hash = XXH3_createState();
		if (!r->hash)
			return fail(r, FBS_E_SYSTEM, "no memory");
		XXH3_64bits_reset(r->hash);
	}
	if (rec->type != FBS_FRAME) {
		XXH3_64bits_update(r->hash, bytes, n);
		return 0;
	}
	XXH3_64bits_update(r->hash, bytes, n - sizeof rec->frame.checksum);
	if (XXH3_64bits_digest(r->hash) != rec->frame.checksum)
		return fail(r, FBS_E_CHECKSUM, "the frame's checksum is wrong");
	XXH3_64bits_reset(r->hash);
	return 0;
}

static int admit(struct fbs_reader *r, struct fbs_record *rec, const uint8_t *bytes, size_t n)
{
	const char *wrong = out_of_order(r, rec);
	int error;

	if (wrong)
		return fail(r, FBS_E_ORDER, wrong);
	wrong = outside_screen(r, rec);
	if (wrong)
		return fail(r, FBS_E_VALUE, wrong);
	error = check_sum(r, rec, bytes, n);
	if (error)
		return error;
	remember(r, rec);
	return 0;
}

/* --- from the buffer --------------------------------------------------------------------- */

static void consume(struct fbs_reader *r, size_t n)
{
	r->start += n;
	r->len -= n;
	r->offset += n;
}

static int next_preamble(struct fbs_reader *r)
{
	long n = fbs_preamble_parse(&r->preamble, r->buf + r->start, r->len);

	if (n < 0)
		return fail(r, (int)n, NULL);
	if (n > 0) {
		r->has_preamble = true;
		consume(r, (size_t)n);
	}
	return n > 0;
}

int fbs_next(struct fbs_reader *r, struct fbs_record *out)
{
	if (r->error)
		return r->error;
	if (r->len && !r->has_preamble && next_preamble(r) < 0)
		return r->error;
	while (r->has_preamble && r->len) {
		const uint8_t *bytes = r->buf + r->start;
		const char *why = NULL;
		long n = fbs_record_parse_why(out, bytes, r->len, &why);

		if (n < 0)
			return fail(r, (int)n, why);
		if (n == 0)
			break;
		out->offset = r->offset;
		if (admit(r, out, bytes, (size_t)n))
			return r->error;
		consume(r, (size_t)n);
		if (fbs_type_known(out->type))
			return 1;
	}
	return 0;
}

bool fbs_reader_restart(struct fbs_reader *r)
{
	const size_t n = sizeof fbs_magic;

	if (!r->has_preamble || r->len < n || memcmp(r->buf + r->start, fbs_magic, n) != 0)
		return false;
	XXH3_freeState(r->hash);
	*r = (struct fbs_reader){ .exact = r->exact, .buf = r->buf, .start = r->start, .len = r->len, .cap = r->cap };
	return true;
}

bool fbs_reader_at_frame(const struct fbs_reader *r, uint16_t *flags)
{
	struct wire_in in;

	if (r->error || !r->has_preamble || r->len < FBS_HEADER_SIZE)
		return false;
	in = wire_in(r->buf + r->start, r->len);
	const uint16_t type = wire_u16le(&in);
	*flags = wire_u16le(&in);
	return type == FBS_FRAME;
}

bool fbs_reader_pending(struct fbs_reader *r)
{
	const uint8_t *at = r->buf ? r->buf + r->start : NULL;
	size_t left = r->len;
	bool preamble = r->has_preamble;

	if (r->error)
		return true;
	while (left) {
		struct fbs_preamble p;
		struct fbs_record rec;
		long n = preamble ? fbs_record_parse(&rec, at, left) : fbs_preamble_parse(&p, at, left);

		if (n < 0 || (n > 0 && preamble && fbs_type_known(rec.type)))
			return true;
		if (n == 0)
			return false;
		preamble = true;
		at += n;
		left -= (size_t)n;
	}
	return false;
}

/* --- into the buffer ---------------------------------------------------------------------- */

/* Bytes that must stand at buf + start before fbs_next can get on. Its last call returned 0, so a header
 * that is there holds a length within bounds. */
static size_t needed(const struct fbs_reader *r)
{
	struct wire_in in;
	uint32_t len;

	if (!r->has_preamble)
		return FBS_PREAMBLE_SIZE;
	if (r->len < FBS_HEADER_SIZE)
		return FBS_HEADER_SIZE;
	in = wire_in(r->buf + r->start, r->len);
	wire_skip(&in, 4);
	len = wire_u32le(&in);
	return len > FBS_PAYLOAD_MAX ? FBS_HEADER_SIZE : FBS_HEADER_SIZE + (size_t)len + fbs_padding(len);
}

/* Makes `total` bytes fit at buf + start. */
static bool reserve(struct fbs_reader *r, size_t total)
{
	uint8_t *buf;

	if (r->cap - r->start >= total)
		return true;
	if (r->start && r->buf) {
		memmove(r->buf, r->buf + r->start, r->len);
		r->start = 0;
	}
	if (r->cap >= total)
		return true;
	buf = realloc(r->buf, total);
	if (!buf)
		return false;
	r->buf = buf;
	r->cap = total;
	return true;
}

uint8_t *fbs_feed(struct fbs_reader *r, size_t *room)
{
	size_t total = needed(r);

	if (r->len == 0)
		r->start = 0;
	if (total < r->len)		/* records are waiting to be taken with fbs_next */
		total = r->len;
	total += r->exact && total > r->len ? FBS_HEADER_SIZE : AHEAD;
	if (!reserve(r, total)) {
		errno = ENOMEM;
		return NULL;
	}
	*room = total - r->len;
	return r->buf + r->start + r->len;
}

void fbs_fed(struct fbs_reader *r, size_t n)
{
	r->len += n;
}

uint8_t *fbs_reader_swap(struct fbs_reader *r, uint8_t *spare, size_t *cap)
{
	uint8_t *given = r->buf;
	const size_t size = r->cap;

	if (*cap < r->len)
		return NULL;
	if (r->len)
		memcpy(spare, r->buf + r->start, r->len);
	r->buf = spare;
	r->cap = *cap;
	r->start = 0;
	*cap = size;
	return given;
}

int fbs_reader_finish(struct fbs_reader *r)
{
	if (r->error)
		return r->error;
	if (r->has_preamble && r->len == 0 && !r->in_frame)
		return FBS_OK;
	r->offset += r->len;
	return fail(r, FBS_E_TRUNCATED, NULL);
}

/* Bytes read, 0 at end of file, -1 on error. */
static ssize_t read_some(int fd, uint8_t *to, size_t n)
{
	for (;;) {
		ssize_t got = read(fd, to, n);

		if (got >= 0)
			return got;
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (io_wait(fd, POLLIN, IO_FOREVER) < 0)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
}

int fbs_read(struct fbs_reader *r, int fd, struct fbs_record *out)
{
	for (;;) {
		int n = fbs_next(r, out);
		uint8_t *to;
		size_t room;
		ssize_t got;

		if (n != 0)
			return n;
		to = fbs_feed(r, &room);
		if (!to)
			return fail(r, FBS_E_SYSTEM, "no memory");
		got = read_some(fd, to, room);
		if (got < 0)
			return fail(r, FBS_E_SYSTEM, NULL);
		if (got == 0)
			return fbs_reader_finish(r);
		fbs_fed(r, (size_t)got);
	}
}

const char *fbs_reader_explain(const struct fbs_reader *r, int error, char *buf, size_t n)
{
	const char *who = r->has_preamble && r->preamble.program[0] ? r->preamble.program : "the stage before";
	unsigned long long at = (unsigned long long)r->offset;

	if (error == FBS_OK && r->ended)
		snprintf(buf, n, "the stream from %s ended", who);
	else if (error == FBS_OK)
		snprintf(buf, n, "%s died: the stream stops without END at offset %llu", who, at);
	else if (error == FBS_E_TRUNCATED && at == 0)
		snprintf(buf, n, "no stream came: the stage before ended without writing one");
	else if (error == FBS_E_TRUNCATED)
		snprintf(buf, n, "%s died: stream truncated at offset %llu", who, at);
	else if (error == FBS_E_SYSTEM)
		snprintf(buf, n, "cannot read the stream from %s: %s", who, r->what ? r->what : strerror(errno));
	else if (error == FBS_E_VERSION)
		snprintf(buf, n, "the stream is of version %u, this program reads %d", r->preamble.major, FBS_MAJOR);
	else if (!r->has_preamble)
		snprintf(buf, n, "%s at offset %llu", fbs_strerror(error), at);
	else
		snprintf(buf, n, "stream from %s: %s at offset %llu%s%s", who, fbs_strerror(error), at,
			 r->what ? ": " : "", r->what ? r->what : "");
	return buf;
}
