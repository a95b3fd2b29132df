/* Reads a recording, or any saved stream: plain or gzip, from a file or a pipe, from the start or from a
 * moment, around damage. */
#ifndef RFBKIT_REC_READER_H
#define RFBKIT_REC_READER_H

#include <zlib.h>

#include "fbs/reader.h"
#include "rec/member.h"

enum rec_format { REC_FOREIGN, REC_PLAIN, REC_GZIP };

/* Must not be moved in memory between open and fini. */
struct rec_reader {
	struct fbs_reader fbs;		/* preamble, screen, offset in the stream */
	enum rec_format format;
	bool seekable;
	uint64_t size;			/* of a file */
	char problem[256];		/* the last error, one line with offsets */
	struct rec_member *members;	/* after rec_reader_index: DATA and CLOSING ones */
	size_t n_members;
	bool indexed;			/* the list came from the file's own index */
	unsigned damaged;		/* places where no member could be found: bytes skipped in lost_bytes */
	uint64_t lost_bytes;
	bool closed;			/* the file has an END of its own */
	bool several;			/* recordings one behind the other: times go on, and each one's first frame is a gap */
	uint64_t stream_before;		/* bytes of the streams before this one, where it was read from the start */
	int64_t wall_us;		/* when a converted recording was made; 0: as the preamble says */
	/* private */
	int fd;
	uint8_t *in;
	size_t in_at, in_len;
	uint64_t in_pos;		/* file offset of in[0] */
	bool at_eof;
	z_stream z;
	bool z_ready, in_member, started;
	bool one_member;		/* stop behind this one */
	bool whole;			/* the last member begun has ended as it should */
	uint64_t member_at;		/* where the member being read begins */
	uint32_t crc, crc_size;
	int pending;			/* an error to be told with the next call */
	size_t members_cap;
	int64_t shift_us, last_us;	/* added to the times that are read; the last one, so shifted */
	bool gap_due;			/* the next FRAME is the first one of another recording */
	bool restarted;			/* another recording begins where the one before it was found to be cut */
};

/* Starts reading fd, which stays the caller's, and says what it is. A file is read by offset (its position does not
 * matter); a pipe from where it is. 0; FBS_E_SYSTEM. Of REC_FOREIGN, rec_reader_peek shows the first bytes. */
int rec_reader_open(struct rec_reader *r, int fd);
void rec_reader_fini(struct rec_reader *r);
/* At least `want` of the first bytes (fewer at end of file; at most 64 KiB), before the first record was read. */
const uint8_t *rec_reader_peek(struct rec_reader *r, size_t want, size_t *n);

/* The next record: 1; 0 at the end (after END, or where a stream without one stops at a frame's boundary: see
 * fbs.ended). Behind END another recording may follow (cat a.vnc.gz b.vnc.gz): it is gone on with. A negative fbs_error, told in r->problem: TRUNCATED where the file is cut, others for damage. */
int rec_reader_next(struct rec_reader *r, struct fbs_record *out);

/* --- files only ---------------------------------------------------------------------- */

/* Lists the members: from the index, else from their headers, else by reading. 0; FBS_E_SYSTEM. */
int rec_reader_index(struct rec_reader *r);
/* Goes on with member i (< n_members), which begins with a keyframe. */
void rec_reader_goto(struct rec_reader *r, size_t i);
/* The member to start from for a moment: the last one that begins at or before us. */
size_t rec_reader_find(const struct rec_reader *r, int64_t us);
/* After damage: goes on with the next member behind it. False when there is none. */
bool rec_reader_resync(struct rec_reader *r);
/* Whether the last record read is one of member i. */
bool rec_reader_is_in(const struct rec_reader *r, size_t i);
/* Length of the recording in µs, by the list. */
int64_t rec_reader_length(const struct rec_reader *r);

/* --- for index.c and append.c ----------------------------------------------------------- */

/* Goes on at a member that begins at byte `at` of the file with offset stream_at of the stream. */
void rec_reader_place(struct rec_reader *r, uint64_t at, uint64_t stream_at);

#endif
