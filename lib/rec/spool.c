/* Conversion on opening: it takes a moment, and gives every format seeking, checking and export. */
#include "rec/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec/import.h"
#include "rec/writer.h"

enum { FAST = 1 };	/* zlib's level for a file that lives as long as we do */

int rec_spool_temporary(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : memfd_create("recording", MFD_CLOEXEC);
}

/* First what was looked at already, then the rest. */
struct input {
	struct rec_reader *r;
	int fd;
	uint64_t at;
};

static ssize_t read_input(void *arg, void *buf, size_t n)
{
	struct input *in = arg;
	size_t have;
	const uint8_t *peeked;
	ssize_t got;

	if (in->r->seekable) {
		got = pread(in->fd, buf, n, (off_t)in->at);
	} else {
		peeked = rec_reader_peek(in->r, 0, &have);
		if (peeked && in->at < have) {
			n = n < have - in->at ? n : have - (size_t)in->at;
			memcpy(buf, peeked + in->at, n);
			got = (ssize_t)n;
		} else {
			got = read(in->fd, buf, n);
		}
	}
	if (got > 0)
		in->at += (uint64_t)got;
	return got;
}

static int put(void *arg, const struct fbs_record *r)
{
	return rec_writer_put(arg, r);
}

static int convert(struct rec_spool *s, struct rec_bytes *bytes, enum rec_foreign format)
{
	struct rec_writer w;
	struct rec_import i = { .in = bytes, .put = put, .arg = &w };
	int result;

	if (rec_writer_init(&w, s->temporary, "rfbplay", FAST)) {
		snprintf(s->reader.problem, sizeof s->reader.problem, "cannot convert it: %s", strerror(errno));
		return -1;
	}
	if (rec_foreign_read(&i, format))
		snprintf(s->problem, sizeof s->problem, "%s", i.why[0] ? i.why : strerror(errno));
	s->wall_us = i.wall_us;
	result = rec_writer_close(&w, FBS_END_DONE, "converted");
	rec_writer_fini(&w);
	if (result)
		snprintf(s->reader.problem, sizeof s->reader.problem, "cannot convert it: %s", strerror(errno));
	return result;
}

static int open_foreign(struct rec_spool *s, int fd)
{
	struct input in = { &s->reader, fd, 0 };
	struct rec_bytes bytes;
	enum rec_foreign format;
	int result;

	if (!rec_bytes_init(&bytes, read_input, &in)) {
		snprintf(s->reader.problem, sizeof s->reader.problem, "no memory");
		return -1;
	}
	format = rec_foreign_detect(&bytes);
	s->format = rec_foreign_name(format);
	if (format == REC_FOREIGN_NONE) {
		snprintf(s->reader.problem, sizeof s->reader.problem, "it is no recording of a known format");
		result = -1;
	} else {
		result = convert(s, &bytes, format);
	}
	rec_bytes_fini(&bytes);
	if (result)
		return -1;
	rec_reader_fini(&s->reader);
	result = rec_reader_open(&s->reader, s->temporary);
	s->reader.wall_us = s->wall_us;
	return result ? -1 : 0;
}

int rec_spool_open(struct rec_spool *s, int fd, int temporary)
{
	*s = (struct rec_spool){ .temporary = temporary, .format = "rfbkit" };
	if (rec_reader_open(&s->reader, fd))
		return -1;
	if (s->reader.format == REC_PLAIN)
		s->format = "stream";
	if (s->reader.format == REC_FOREIGN && open_foreign(s, fd))
		return -1;
	return s->reader.seekable && rec_reader_index(&s->reader) ? -1 : 0;
}

void rec_spool_close(struct rec_spool *s)
{
	rec_reader_fini(&s->reader);
	if (s->temporary >= 0)
		close(s->temporary);
}
