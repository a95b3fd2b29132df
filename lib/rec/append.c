/* Going on with a recording. What stands behind the last data (END, index) is dropped; a last member that
 * was cut is written anew up to its last whole frame, in memory first, so that the file is touched only
 * when the replacement is ready. */
#include "rec/reader.h"
#include "rec/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CUT_MEMBER_MAX ((uint64_t)1 << 32)	/* uncompressed bytes of one that is mended */

/* The good part of a member, as bytes of the stream. */
struct good {
	uint64_t len;		/* up to the last whole frame, or record outside of one */
	struct rec_member member;
	bool whole;
	char problem[256];	/* where it stops being good, or "" */
};

static void note(struct good *g, const struct rec_reader *one, const struct fbs_record *rec)
{
	struct rec_member *m = &g->member;

	if (m->records == 0)
		m->first_us = rec->time_us;
	m->records++;
	m->frames += rec->type == FBS_FRAME;
	m->marks += rec->type == FBS_MARK;
	m->last_us = rec->time_us;
	if (!one->fbs.in_frame && rec->type != FBS_END)
		g->len = one->fbs.offset - m->stream_at;
}

/* Reads a member to its end, or to where it stops being good. 0; FBS_E_SYSTEM. */
static int examine(int fd, const struct rec_member *m, struct good *g)
{
	struct good last = { .member = { .at = m->at, .stream_at = m->stream_at, .wall_us = m->wall_us } };
	struct fbs_record rec;
	struct rec_reader one;
	int n = rec_reader_open(&one, fd);

	*g = last;
	if (n == 0) {
		one.one_member = true;
		rec_reader_place(&one, m->at, m->stream_at);
		while ((n = rec_reader_next(&one, &rec)) == 1) {
			note(&last, &one, &rec);
			if (last.len > g->len)
				*g = last;
		}
		snprintf(g->problem, sizeof g->problem, "%s", n < 0 ? one.problem : "");
		g->whole = one.whole && g->len == one.fbs.offset - m->stream_at;
		if (g->len == 0 && one.fbs.has_preamble && m->stream_at == 0)
			g->len = FBS_PREAMBLE_SIZE;
	}
	rec_reader_fini(&one);
	return n == FBS_E_SYSTEM ? n : 0;
}

/* Inflates the first len bytes of a member once more, into a new one in `to`. */
static int rewrite(int fd, int to, struct good *g, int level)
{
	struct rec_gz gz;
	z_stream z = { 0 };
	uint8_t in[16384], out[65536];
	const uint8_t *entries;
	struct rec_member header;
	unsigned n_entries;
	bool ours;
	uint64_t left = g->len, at = g->member.at;
	int result = rec_gz_init(&gz, to, 0, level);
	ssize_t got = pread(fd, in, sizeof in, (off_t)at);
	long used = got > 0 ? rec_member_parse(&header, &ours, &entries, &n_entries, in, (size_t)got) : -1;

	if (result || used <= 0 || inflateInit2(&z, -15) != Z_OK) {
		rec_gz_fini(&gz);
		return -1;
	}
	result = rec_gz_begin(&gz, &g->member);
	at += (uint64_t)used;
	while (left && !result) {
		if (z.avail_in == 0) {
			got = pread(fd, in, sizeof in, (off_t)at);
			if (got <= 0)
				break;
			at += (uint64_t)got;
			z.next_in = in;
			z.avail_in = (uInt)got;
		}
		z.next_out = out;
		z.avail_out = sizeof out < left ? sizeof out : (uInt)left;
		uInt room = z.avail_out;
		int end = inflate(&z, Z_NO_FLUSH);
		left -= room - z.avail_out;
		result = rec_gz_write(&gz, out, room - z.avail_out);
		if (end != Z_OK && end != Z_BUF_ERROR)
			break;
	}
	inflateEnd(&z);
	g->member.stream_len = g->len;
	header = g->member;
	if (!result && !left)
		result = rec_gz_end(&gz, &header);
	g->member.length = header.length;
	rec_gz_fini(&gz);
	return result || left ? -1 : 0;
}

/* Copies n bytes of a file to a place in another. */
static int copy_to(int to, uint64_t at, int from, uint64_t n)
{
	uint8_t buf[65536];

	for (uint64_t done = 0; done < n;) {
		ssize_t got = pread(from, buf, sizeof buf, (off_t)done);

		if (got <= 0 || pwrite(to, buf, (size_t)got, (off_t)(at + done)) != got)
			return -1;
		done += (uint64_t)got;
	}
	return 0;
}

/* The cut last member replaced by a whole one. */
static int mend(int fd, struct good *g, int level)
{
	uint64_t at = g->member.at;
	int tmp, result;

	if (g->len > CUT_MEMBER_MAX) {
		errno = EFBIG;
		return -1;
	}
	tmp = memfd_create("member", MFD_CLOEXEC);
	if (tmp < 0)
		return -1;
	result = rewrite(fd, tmp, g, level);
	g->member.at = at;
	if (!result)
		result = copy_to(fd, at, tmp, g->member.length) || ftruncate(fd, (off_t)(at + g->member.length)) ? -1 : 0;
	close(tmp);
	return result;
}

/* Takes over the list of whole members; the last one is read to learn where it ends. */
static int take_over(struct rec_writer *w, struct rec_reader *r, int level, uint64_t *end)
{
	size_t n = r->n_members;
	int64_t closed_us = 0;		/* it may have ended later than with its last record */
	struct good g;

	for (; n && r->members[n - 1].kind != REC_DATA; n--)
		closed_us = r->members[n - 1].last_us > closed_us ? r->members[n - 1].last_us : closed_us;
	for (size_t i = 0; i + 1 < n; i++) {
		if (rec_writer_add_member(w, &r->members[i]))
			return -1;
		w->frames += r->members[i].frames;
	}
	if (n == 0)
		return 0;
	if (examine(r->fd, &r->members[n - 1], &g))
		return -1;
	snprintf(w->lost, sizeof w->lost, "%s", g.problem);
	if (g.len == 0) {		/* nothing of it is good */
		*end = g.member.at;
		if (n > 1)
			w->last_us = r->members[n - 2].last_us;
		w->stream_at = g.member.stream_at;
		return 0;
	}
	if (g.whole && r->members[n - 1].length)
		g.member = r->members[n - 1];
	else if (mend(r->fd, &g, level))
		return -1;
	w->frames += g.member.frames;
	w->last_us = g.member.last_us > closed_us ? g.member.last_us : closed_us;
	w->stream_at = g.member.stream_at + g.len;
	*end = g.member.at + g.member.length;
	return rec_writer_add_member(w, &g.member);
}

/* When the preamble itself was lost there is nothing to go on with. */
static bool has_start(const struct rec_reader *r, int fd)
{
	struct fbs_record rec;
	struct rec_reader one;
	bool good = false;

	if (r->format == REC_GZIP && r->n_members && r->members[0].at == 0 && rec_reader_open(&one, fd) == 0) {
		(void)!rec_reader_next(&one, &rec);
		good = one.fbs.has_preamble;
		rec_reader_fini(&one);
	}
	return good;
}

int rec_writer_append(struct rec_writer *w, int fd, const char *program, int level, const char **why)
{
	struct rec_reader r;
	uint64_t end = 0;
	int result = rec_reader_open(&r, fd);

	*w = (struct rec_writer){ 0 };
	*why = NULL;
	if (result == 0)
		result = rec_reader_index(&r);
	if (result == 0 && !has_start(&r, fd)) {
		*why = "it is no recording of ours, or its beginning is damaged";
		result = FBS_E_FOREIGN;
	}
	if (result == 0 && r.several) {
		*why = "it is several recordings, one behind the other; `rfbrec -f' makes one of them";
		result = FBS_E_FOREIGN;
	}
	if (result == 0)
		result = take_over(w, &r, level, &end);
	if (result == 0)
		result = rec_writer_start_at(w, fd, end, program, level);
	if (result == 0) {
		w->fbs.wall_us -= w->last_us;	/* as if it had begun so long ago */
		w->gap_due = true;
		result = rec_gz_trim(&w->gz);
	}
	rec_reader_fini(&r);
	if (result)
		rec_writer_fini(w);
	return result == FBS_E_FOREIGN ? result : result ? -1 : 0;
}
