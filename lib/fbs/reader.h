/* Reads a stream and holds it to its rules across records: order, times that never
 * decrease, rectangles within the screen, frame checksums. Works on a blocking
 * descriptor (fbs_read) or on bytes that an event loop hands in (fbs_feed, fbs_next). */
#ifndef RFBKIT_FBS_READER_H
#define RFBKIT_FBS_READER_H

#include "fbs/fbs.h"
#include "wire/wire.h"

struct fbs_reader {
	struct fbs_preamble preamble;	/* valid once has_preamble */
	bool has_preamble;
	struct fbs_screen screen;	/* the last SCREEN (its display view is not kept: display_len is 0) */
	bool has_screen;
	bool in_frame;			/* records came that no FRAME has committed yet */
	bool ended;			/* END was seen */
	uint64_t offset;		/* of the next record in the stream */
	const char *what;		/* the last error's detail, a static string; may be NULL */
	/* To be set between init and the first read. fbs_read then takes from the descriptor what the next
	 * record needs and the header after it, and not a byte more, so that a FRAME's payload stays in the pipe,
	 * where its writer sees it as unread, until the caller is done with every record before it. What shared
	 * segments need. */
	bool exact;
	/* private */
	uint8_t *buf;
	size_t start, len, cap;		/* unread bytes: len at buf + start */
	int64_t last_us;
	uint64_t records, shared_size;
	uint32_t frame_records;
	int error;			/* sticky */
	void *hash;			/* of the bytes since the last FRAME */
};

void fbs_reader_init(struct fbs_reader *r);
void fbs_reader_fini(struct fbs_reader *r);

/* The next record from fd: 1 and *out (views valid until the next call with r), 0 at a clean end of file
 * (after END, or at a frame's boundary: see r->ended), a negative fbs_error otherwise (r->offset says
 * where: of a bad record its header, of a truncated stream its end); an error is returned ever after.
 * Skips unknown types. Reads ahead only what is already there, and holds at most one record and 64 KiB.
 * fd may be non-blocking. */
int fbs_read(struct fbs_reader *r, int fd, struct fbs_record *out);
/* True when fbs_read would return a record or an error without reading from the descriptor. */
bool fbs_reader_pending(struct fbs_reader *r);

/* For event loops: where to put the next bytes (at least 1; at most *room), and how many came.
 * NULL and errno when there is no memory. Views of the last record are invalid from here on. */
uint8_t *fbs_feed(struct fbs_reader *r, size_t *room);
void fbs_fed(struct fbs_reader *r, size_t n);
/* As fbs_read: 1, a negative error; 0 means that more bytes are needed. */
int fbs_next(struct fbs_reader *r, struct fbs_record *out);
/* After fbs_next returned 0: true when what it needs is the rest of a FRAME; *flags are that one's. */
bool fbs_reader_at_frame(const struct fbs_reader *r, uint16_t *flags);
/* Gives the caller the buffer that the last record's views point into, so that they stay valid, in exchange for another
 * (malloc'ed, *cap bytes); *cap becomes the given one's size. NULL when that is too small for what was read ahead:
 * nothing changed hands. */
uint8_t *fbs_reader_swap(struct fbs_reader *r, uint8_t *spare, size_t *cap);
/* At a record's boundary, after fbs_next: when the bytes that wait begin with another stream's preamble, as in files put
 * one behind the other, forgets this stream (offset, screen, errors) and goes on with that one. False: they do not. */
bool fbs_reader_restart(struct fbs_reader *r);
/* At end of file: FBS_OK, or FBS_E_TRUNCATED when bytes or an uncommitted frame are left, or nothing came. */
int fbs_reader_finish(struct fbs_reader *r);
/* One line for people about an error, or about an end of file without END (error 0): "fbdiff died: stream
 * truncated at offset 123"; "stream from fbgrab: at offset 32: empty rectangle". buf is returned. */
const char *fbs_reader_explain(const struct fbs_reader *r, int error, char *buf, size_t n);

#endif
