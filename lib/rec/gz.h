/* Writes gzip members: a header with room for what is known only at the end, deflated data that can be
 * flushed so that everything so far can be read, a trailer. Knows nothing of records. */
#ifndef RFBKIT_REC_GZ_H
#define RFBKIT_REC_GZ_H

#include <stdbool.h>
#include <zlib.h>

#include "rec/member.h"

struct rec_gz {
	int fd;
	bool seekable;		/* headers are written back; else the index alone says the lengths */
	uint64_t at;		/* file offset of the next byte that write will take */
	bool open;		/* a member is */
	bool dirty;		/* data since the last flush */
	/* private */
	z_stream z;
	bool ready;
	uint32_t crc, size;
	struct rec_member member;
	struct wire_buf out;
	uint64_t flushed_at;	/* file offset, crc and size at the last flush to here: where a full disk lets us end */
	uint32_t flushed_crc, flushed_size;
	bool ending;		/* the disk is full: what was reserved may be used */
};

/* Writes at file offset `at` of fd (0 on a pipe), with zlib's level. 0; -1 and errno. */
int rec_gz_init(struct rec_gz *g, int fd, uint64_t at, int level);
void rec_gz_fini(struct rec_gz *g);
/* Begins a member; of m only kind, times and stream_at are used. */
int rec_gz_begin(struct rec_gz *g, const struct rec_member *m);
int rec_gz_write(struct rec_gz *g, const void *bytes, size_t n);
/* Everything so far into the file, decodable. here: a place where it may be made to end. sync: and onto the disk. */
int rec_gz_flush(struct rec_gz *g, bool here, bool sync);
/* Ends the member; m says what it held, gets its place and length, and is written back where that works. */
int rec_gz_end(struct rec_gz *g, struct rec_member *m);
/* Writes bytes that are whole members. */
int rec_gz_put(struct rec_gz *g, const void *bytes, size_t n);
/* Cuts off what a file holds beyond what was written. */
int rec_gz_trim(struct rec_gz *g);
/* After a failure to write: cuts the file back to its first `at` bytes, behind a member that was ended, and goes on there. */
int rec_gz_back(struct rec_gz *g, uint64_t at);
/* After a failure to write: cuts the file back to the last flush `here' and ends the member there, m saying what it held then.
 * 0 when that worked. */
int rec_gz_rescue(struct rec_gz *g, struct rec_member *m);

#endif
