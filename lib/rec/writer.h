/* Writes a recording: records go in, gzip members that each start with a keyframe come out, with an
 * index at the end. Keeps the picture, so that it can start a member at any frame's boundary. */
#ifndef RFBKIT_REC_WRITER_H
#define RFBKIT_REC_WRITER_H

#include "fbs/writer.h"
#include "rec/encode.h"
#include "rec/gz.h"
#include "rec/picture.h"

struct rec_writer {
	bool keep_raw;			/* may be set after opening: raw pixels are not made TRLE */
	int64_t last_us;		/* time of the last record written */
	uint64_t frames;		/* FRAMEs in the file */
	uint64_t bytes;			/* in the file so far */
	char lost[256];			/* after append: why the end of the last member had to be dropped; "" when it was whole */
	/* private */
	struct rec_gz gz;
	struct fbs_writer fbs;
	struct rec_picture picture;
	struct rec_encode encode;
	struct rec_member member;	/* the open one */
	struct rec_member *members;
	size_t n_members, members_cap;
	uint64_t stream_at;		/* uncompressed bytes so far */
	uint64_t key_bytes;		/* of the open member, uncompressed: its keyframe */
	int64_t base_us;		/* subtracted from the times given */
	bool key_due, gap_due, in_frame, key_frame;
	struct rec_member flushed;	/* the open member as of the last flush */
};

#define REC_LEVEL 6		/* zlib's default: pixels come palettised, so that it costs little */

/* Starts a recording on fd (at its beginning), which stays the caller's. 0; -1 and errno. */
int rec_writer_init(struct rec_writer *w, int fd, const char *program, int level);
/* Goes on with the recording in fd, open for reading and writing: drops its index and END, mends a last member that
 * was cut off, and continues its times (new ones are added to last_us), with a gap. 0; -1 and errno, or
 * an fbs_error (< -1) and *why when it is no recording. */
int rec_writer_append(struct rec_writer *w, int fd, const char *program, int level, const char **why);
/* Frees; without rec_writer_close the last member stays open, as after a kill. */
void rec_writer_fini(struct rec_writer *w);

/* Says which of the times that will be given is this moment of the recording: now is its end so far. */
void rec_writer_origin(struct rec_writer *w, int64_t us);
/* Writes a record as it stands, its time (and a FRAME's) less the base. Times must not decrease (they are lifted to the last
 * one otherwise). HELLO, WANT, SHARED, DAMAGE, MEDIA, CUE and END are left out. 0; -1 and errno. */
int rec_writer_put(struct rec_writer *w, const struct fbs_record *r);
/* Only remembers what the record shows: for a pause. */
int rec_writer_watch(struct rec_writer *w, const struct fbs_record *r);
/* The next frame starts a member and is marked as a gap. Call at a frame's boundary. */
void rec_writer_break(struct rec_writer *w);
/* A MARK at time_us, committed at once by a FRAME of its own when no frame is under way. */
int rec_writer_mark(struct rec_writer *w, uint32_t kind, const char *text, int64_t time_us);
/* Makes everything up to the last frame readable, after a power cut too when sync is set. In mid-frame it is no place that
 * rec_writer_rescue goes back to. */
int rec_writer_flush(struct rec_writer *w, bool sync);
/* END at end_us (INT64_MIN: at the last record), one of the times that rec_writer_put is given, index. status as in FBS_END. */
int rec_writer_close_at(struct rec_writer *w, int64_t end_us, uint32_t status, const char *reason);
int rec_writer_close(struct rec_writer *w, uint32_t status, const char *reason);
/* Of a file in which nothing has been recorded yet: leaves it empty. 0; -1 when there is something in it, or it is no file. */
int rec_writer_abandon(struct rec_writer *w);
/* Closes this file and goes on in another, which starts at time 0 with the picture as it is. */
int rec_writer_switch(struct rec_writer *w, int fd, const char *program, int64_t now_us);
/* After a failure: ends the file at the last flush, with an index. 0 when what it holds is a whole recording again. */
int rec_writer_rescue(struct rec_writer *w);

/* For append.c: goes on at file offset `at`, members, frames, last_us, stream_at being set. */
int rec_writer_start_at(struct rec_writer *w, int fd, uint64_t at, const char *program, int level);
int rec_writer_add_member(struct rec_writer *w, const struct rec_member *m);

#endif
