/* The gzip members that a recording is made of: their headers, which are its index. recording(5) is
 * the specification. Bytes and structs only; gz.c and inflate.c move the data. */
#ifndef RFBKIT_REC_MEMBER_H
#define RFBKIT_REC_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

#define REC_MEMBER_HEADER 82u		/* bytes of a member's header as we write it */
#define REC_MEMBER_TRAILER 8u		/* CRC-32 and length */
#define REC_EMPTY_MEMBER 92u		/* a member without data: header, 03 00, trailer */
#define REC_INDEX_ENTRIES 1000u		/* most of them in one index member */
#define REC_INDEX_ENTRY 64u
#define REC_MEMBERS_MAX (1u << 20)	/* of a recording */

enum rec_member_kind {
	REC_DATA = 0,		/* records, the first a keyframe's */
	REC_INDEX = 1,		/* no data; entries in a second subfield */
	REC_LAST = 2,		/* no data; says where the index begins */
	REC_CLOSING = 3,	/* the END record */
};

/* What the extra field says. All zero but kind, offset and start in an open member. */
struct rec_member {
	uint16_t kind;			/* enum rec_member_kind */
	uint32_t frames, records;
	uint32_t marks;			/* MARK records among them */
	uint64_t length;		/* bytes in the file, header to trailer; 0: open, or written to a pipe */
	int64_t first_us, last_us;	/* times of the first and last record */
	uint64_t stream_at;		/* where its data begin in the uncompressed stream (LAST: the file offset of the first INDEX) */
	uint64_t stream_len;		/* uncompressed bytes */
	int64_t wall_us;		/* clock when it was begun, µs since the epoch */
	/* not in the field */
	uint64_t at;			/* where the member begins in the file */
	int64_t shift_us;		/* what its times are shifted by, first_us and last_us included: the length of the recordings before it */
};

/* Appends a header with its CRC. n > 0: index entries follow in a second subfield (n <= REC_INDEX_ENTRIES). */
void rec_member_put(struct wire_buf *b, const struct rec_member *m, const struct rec_member *entries, unsigned n);
/* A whole member without data: INDEX, LAST. Its length is filled in. */
void rec_member_put_empty(struct wire_buf *b, struct rec_member *m, const struct rec_member *entries, unsigned n);

/* A gzip header of any origin: bytes consumed; 0: more are needed; -1: it is none, or its CRC is wrong.
 * *ours: out is filled in from our subfield. Index entries (may be NULL) are a view of n whole ones. */
long rec_member_parse(struct rec_member *out, bool *ours, const uint8_t **entries, unsigned *n_entries,
		      const uint8_t *bytes, size_t n);
void rec_member_entry(struct rec_member *out, const uint8_t *entries, unsigned i);
/* Most bytes that a header may have. */
#define REC_HEADER_MAX (128u * 1024)

#endif
