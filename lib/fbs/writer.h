/* Writes a stream to a descriptor: small records are gathered, pixel data goes out by
 * writev without a copy, FRAME gets its number, its checksum, and flushes. */
#ifndef RFBKIT_FBS_WRITER_H
#define RFBKIT_FBS_WRITER_H

#include "fbs/fbs.h"
#include "wire/wire.h"

struct iovec;
/* Writes the whole vector (which it may change) somewhere. 0, or -1 and errno. */
typedef int (*fbs_send)(void *arg, struct iovec *iov, int n);

struct fbs_writer {
	int fd;			/* -1 with a sink of the caller's */
	fbs_send send;
	void *arg;
	int64_t start_us;	/* io_now() at the stream's start */
	int64_t wall_us;	/* the same by the wall clock, as the preamble says */
	int64_t now_us;		/* time of the next records; fbs_writer_stamp sets it */
	uint64_t frames;	/* FRAMEs written */
	/* To be set after init by those whose frames are many rectangles: what fbs_write_raw is given stays as it is
	 * until the frame is written (or flushed), and goes out with it in few pieces. */
	bool hold;
	/* private */
	struct wire_buf out;
	struct iovec *piece;	/* to be sent: bytes of others, and of out (base NULL), whose address may yet change */
	int pieces;
	size_t listed, held;	/* bytes of out that are in there, and bytes of others */
	void *hash;
	int error;		/* errno of the first failure; every later call fails with it */
};

/* Starts a stream on fd (the preamble goes out with the first flush). 0 or -1 and errno. */
int fbs_writer_init(struct fbs_writer *w, int fd, const char *program);
/* The same with a function of the caller's instead of a descriptor: to compress, or to do
 * something else while a pipe is full. */
int fbs_writer_init_sink(struct fbs_writer *w, fbs_send send, void *arg, const char *program);
/* Right after init: goes on with a stream that has its preamble and so many frames already, and is at now_us. */
void fbs_writer_resume(struct fbs_writer *w, uint64_t frames, int64_t now_us);
void fbs_writer_fini(struct fbs_writer *w);
/* For a filter, which passes on the times of its input: the stream starts when that one did (its preamble's
 * wall_us). Before the first record is written. */
void fbs_writer_start_at(struct fbs_writer *w, int64_t wall_us);
/* Sets the time of the next records: now, or a time given (µs since the start, not before the last). */
void fbs_writer_stamp(struct fbs_writer *w);
void fbs_writer_stamp_at(struct fbs_writer *w, int64_t us);

/* Writes any record as given; its time is the writer's, a FRAME's number and checksum are filled in.
 * 0, or -1 and errno: EINVAL for a record that a reader would refuse (nothing is written then, and the writer
 * stays good), otherwise sticky. Small records may stay in the writer until a FRAME, END or fbs_flush. */
int fbs_write(struct fbs_writer *w, const struct fbs_record *r);
int fbs_flush(struct fbs_writer *w);
/* Raw pixels of a rectangle out of a frame with `stride` bytes a row, split into records of at
 * most FBS_DATA_MAX bytes. `px` points at the rectangle's first pixel. */
int fbs_write_raw(struct fbs_writer *w, uint16_t x, uint16_t y, uint16_t width, uint16_t height,
		  const uint32_t *px, size_t stride);
int fbs_write_frame(struct fbs_writer *w, uint16_t flags, int64_t capture_us, int64_t media_us);
int fbs_write_end(struct fbs_writer *w, uint32_t status, const char *reason);

#endif
