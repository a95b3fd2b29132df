/* A reader of another program's recordings on any bytes: what it puts must be records that a writer takes, on
 * the screen that it said, with times that never decrease. */
#ifndef RFBKIT_FUZZ_IMPORT_H
#define RFBKIT_FUZZ_IMPORT_H

#include <stdlib.h>

#include "fbs/reader.h"
#include "fbs/writer.h"
#include "rec/import.h"

struct fuzz_bytes { const uint8_t *at; size_t n; };

static ssize_t fuzz_read(void *arg, void *buf, size_t n)
{
	struct fuzz_bytes *b = arg;
	size_t take = b->n < n ? b->n : n;

	take = take > 1000 ? 1000 : take;	/* in pieces */
	if (take)
		memcpy(buf, b->at, take);
	b->at += take;
	b->n -= take;
	return (ssize_t)take;
}

static int fuzz_put(void *arg, const struct fbs_record *r)
{
	struct fbs_writer *w = arg;

	fbs_writer_stamp_at(w, r->time_us);
	if (r->time_us < w->now_us || fbs_write(w, r))
		abort();
	return 0;
}

/* What the writer wrote, read again. */
static int fuzz_send(void *arg, struct iovec *iov, int n)
{
	struct fbs_reader *r = arg;
	struct fbs_record rec;
	size_t room;

	for (int i = 0; i < n; i++)
		for (size_t at = 0; at < iov[i].iov_len;) {
			uint8_t *to = fbs_feed(r, &room);

			room = room < iov[i].iov_len - at ? room : iov[i].iov_len - at;
			memcpy(to, (uint8_t *)iov[i].iov_base + at, room);
			fbs_fed(r, room);
			at += room;
			int got;
			while ((got = fbs_next(r, &rec)) == 1)
				;
			if (got < 0)
				abort();
		}
	return 0;
}

static int fuzz_import(int (*import)(struct rec_import *i), const uint8_t *bytes, size_t n)
{
	struct fuzz_bytes from = { bytes, n };
	struct fbs_reader reader;
	struct fbs_writer writer;
	struct rec_bytes in;
	struct rec_import i = { .in = &in, .put = fuzz_put, .arg = &writer };

	fbs_reader_init(&reader);
	if (fbs_writer_init_sink(&writer, fuzz_send, &reader, "fuzz") || !rec_bytes_init(&in, fuzz_read, &from))
		abort();
	(void)rec_foreign_detect(&in);
	if (import(&i) && !i.why[0])
		abort();
	fbs_flush(&writer);
	rec_bytes_fini(&in);
	fbs_writer_fini(&writer);
	fbs_reader_fini(&reader);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
