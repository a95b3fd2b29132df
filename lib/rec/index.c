/* Where the members are. A recording that was closed ends with an index; one that was not has its
 * members' lengths in their headers, but for the last; one that went through a pipe and was cut must be
 * read. And where a header is damaged, the next one is looked for. */
#include "rec/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a header says may be anything. */
static bool is_time(int64_t us)
{
	return us >= 0 && us <= FBS_TIME_MAX;
}

/* A data member that begins a stream behind others begins another recording: its times go on from theirs. */
static void shift(struct rec_reader *r, struct rec_member *m)
{
	const struct rec_member *before = r->n_members ? &r->members[r->n_members - 1] : NULL;

	m->shift_us = 0;
	if (!before)
		return;
	m->shift_us = before->shift_us;
	if (m->kind == REC_DATA && m->stream_at == 0) {
		m->shift_us = is_time(before->last_us) ? before->last_us : 0;
		r->several = true;
	}
	if (is_time(m->first_us) && is_time(m->last_us)) {
		m->first_us += m->shift_us;
		m->last_us += m->shift_us;
	}
}

static int add(struct rec_reader *r, struct rec_member *m)
{
	shift(r, m);
	if (r->n_members == REC_MEMBERS_MAX)
		return 0;	/* 20 years of recording: the rest is not listed */
	if (r->n_members == r->members_cap) {
		size_t cap = r->members_cap ? r->members_cap * 2 : 64;
		struct rec_member *more = reallocarray(r->members, cap, sizeof *more);

		if (!more) {
			snprintf(r->problem, sizeof r->problem, "no memory");
			return FBS_E_SYSTEM;
		}
		r->members = more;
		r->members_cap = cap;
	}
	r->members[r->n_members++] = *m;
	r->closed = m->kind == REC_CLOSING;
	return 0;
}

/* Reads at most n bytes at a place. Bytes; -1. */
static ssize_t read_at(const struct rec_reader *r, void *buf, size_t n, uint64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(r->fd, (uint8_t *)buf + done, n - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* The header at a place, if one of ours is there. Its entries are copied to *buf (REC_HEADER_MAX bytes). */
static bool header_at(const struct rec_reader *r, uint64_t at, struct rec_member *m, uint8_t *buf, const uint8_t **entries, unsigned *n)
{
	ssize_t got = read_at(r, buf, 256, at);
	bool ours = false;
	long used;

	if (got <= 0)
		return false;
	used = rec_member_parse(m, &ours, entries, n, buf, (size_t)got);
	if (used == 0) {
		got = read_at(r, buf, REC_HEADER_MAX, at);
		used = got > 0 ? rec_member_parse(m, &ours, entries, n, buf, (size_t)got) : -1;
	}
	m->at = at;
	return used > 0 && ours;
}

/* --- from the end -------------------------------------------------------------------------- */

static bool plausible(const struct rec_reader *r, const struct rec_member *m)
{
	const struct rec_member *before = r->n_members ? &r->members[r->n_members - 1] : NULL;

	return m->length >= REC_EMPTY_MEMBER && m->length <= r->size && m->at <= r->size - m->length &&
	       m->kind <= REC_CLOSING && m->first_us <= m->last_us && m->first_us >= 0 &&
	       (!before || (m->at >= before->at + before->length && m->stream_at >= before->stream_at && m->first_us >= before->first_us));
}

static int from_index(struct rec_reader *r, uint8_t *buf)
{
	struct rec_member m, entry;
	const uint8_t *entries;
	unsigned n;
	uint64_t at;
	int result = 0;

	if (r->size < 2 * REC_EMPTY_MEMBER || !header_at(r, r->size - REC_EMPTY_MEMBER, &m, buf, &entries, &n) ||
	    m.kind != REC_LAST || m.length != REC_EMPTY_MEMBER)
		return 0;
	for (at = m.stream_at; at < r->size - REC_EMPTY_MEMBER && !result; at += m.length) {
		if (!header_at(r, at, &m, buf, &entries, &n) || m.kind != REC_INDEX || m.length < REC_EMPTY_MEMBER || n == 0)
			return 0;
		for (unsigned i = 0; i < n && !result; i++) {
			rec_member_entry(&entry, entries, i);
			if (!plausible(r, &entry))
				return 0;
			result = add(r, &entry);
		}
	}
	r->indexed = r->n_members > 0 && r->members[0].at == 0;
	return result;
}

/* --- member by member ------------------------------------------------------------------------ */

/* Reads one member to learn what it holds and where it ends. */
static int measure(struct rec_reader *r, struct rec_member *m)
{
	struct fbs_record rec;
	struct rec_reader one;
	int n = rec_reader_open(&one, r->fd);

	if (n == 0) {
		bool any = false;

		one.one_member = true;
		rec_reader_place(&one, m->at, m->stream_at);
		while ((n = rec_reader_next(&one, &rec)) == 1) {
			if (!any)
				m->first_us = rec.time_us;
			any = true;
			m->last_us = rec.time_us;
			m->records++;
			m->frames += rec.type == FBS_FRAME;
			m->marks += rec.type == FBS_MARK;
		}
		m->stream_len = one.fbs.offset - m->stream_at;
		if (one.whole)
			m->length = one.in_pos + one.in_at - m->at;
		n = n == FBS_E_SYSTEM ? n : 0;
	}
	rec_reader_fini(&one);
	return n;
}

/* The next place at or after `from` where a header of ours stands; size when there is none. */
static uint64_t search(struct rec_reader *r, uint64_t from, uint8_t *buf)
{
	uint8_t block[65536 + 4], *hit;
	const uint8_t *entries;
	struct rec_member m;
	unsigned n;

	while (from < r->size) {
		ssize_t got = read_at(r, block, sizeof block, from);
		uint8_t *at = block;

		if (got < 4)
			break;
		while ((hit = memmem(at, (size_t)(block + got - at), "\x1f\x8b\x08\x06", 4))) {
			if (header_at(r, from + (uint64_t)(hit - block), &m, buf, &entries, &n))
				return from + (uint64_t)(hit - block);
			at = hit + 1;
		}
		from += (uint64_t)got - 3;
	}
	return r->size;
}

/* Another program's member, as after `fbgrab | gzip`: only the first may be one. */
static int foreign_member(struct rec_reader *r)
{
	struct rec_member m = { 0 };
	int result = measure(r, &m);

	return result ? result : add(r, &m);
}

static int from_headers(struct rec_reader *r, uint8_t *buf)
{
	struct rec_member m;
	const uint8_t *entries;
	unsigned n;
	uint64_t last = 0;
	int result = 0;

	for (uint64_t at = 0; at < r->size && !result;) {
		if (!header_at(r, at, &m, buf, &entries, &n)) {
			/* the member before may have been cut, and what follows it be nearer than its length says */
			uint64_t next = search(r, last + 1, buf);

			if (at == 0 && next == r->size)
				return foreign_member(r);
			r->damaged++;
			r->lost_bytes += next - (next < at ? last : at);
			at = next;
			continue;
		}
		last = at;
		if (m.length > r->size - at)
			m.length = 0;	/* cut off behind its header was completed, or a damaged one */
		if (m.length == 0 && (m.kind == REC_DATA || m.kind == REC_CLOSING)) {
			m.frames = m.records = m.marks = 0;
			result = measure(r, &m);
		}
		if (!result && (m.kind == REC_DATA || m.kind == REC_CLOSING))
			result = add(r, &m);
		if (m.length == 0) {
			uint64_t next = search(r, at + 1, buf);

			if (next < r->size) {
				r->damaged++;
				r->lost_bytes += next - at;
			}
			at = next;
		} else {
			at += m.length;
		}
	}
	return result;
}

int rec_reader_index(struct rec_reader *r)
{
	uint8_t *buf;
	int result;

	r->n_members = 0;
	r->indexed = r->several = false;
	if (r->format != REC_GZIP || !r->seekable) {
		errno = ESPIPE;
		return 0;
	}
	buf = malloc(REC_HEADER_MAX);
	if (!buf)
		return FBS_E_SYSTEM;
	result = from_index(r, buf);
	if (!result && !r->indexed) {
		r->n_members = 0;
		r->closed = r->several = false;
		result = from_headers(r, buf);
	}
	free(buf);
	return result;
}

/* --- going there -------------------------------------------------------------------------------- */

void rec_reader_goto(struct rec_reader *r, size_t i)
{
	if (i >= r->n_members) {
		rec_reader_place(r, 0, 0);
		return;
	}
	rec_reader_place(r, r->members[i].at, r->members[i].stream_at);
	r->shift_us = r->last_us = r->members[i].shift_us;
	r->gap_due = i > 0 && r->members[i].stream_at == 0;
}

bool rec_reader_is_in(const struct rec_reader *r, size_t i)
{
	return i < r->n_members && r->member_at == r->members[i].at;
}

size_t rec_reader_find(const struct rec_reader *r, int64_t us)
{
	size_t low = 0, high = r->n_members;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (r->members[mid].first_us <= us)
			low = mid;
		else
			high = mid;
	}
	while (low > 0 && r->members[low].kind != REC_DATA)
		low--;
	return low;
}

bool rec_reader_resync(struct rec_reader *r)
{
	if (r->restarted) {
		r->restarted = false;
		return true;
	}
	for (size_t i = 0; i < r->n_members; i++)
		if (r->members[i].at > r->member_at && r->members[i].kind == REC_DATA) {
			rec_reader_goto(r, i);
			return true;
		}
	return false;
}

int64_t rec_reader_length(const struct rec_reader *r)
{
	return r->n_members ? r->members[r->n_members - 1].last_us : 0;
}
