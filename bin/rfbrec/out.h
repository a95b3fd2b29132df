/* Where a recording goes: files of our format, one after another when told so, or the plain stream on
 * stdout; with masks, pauses and marks. Failures end the program with what can be saved saved. */
#ifndef RFBREC_OUT_H
#define RFBREC_OUT_H

#include "fbs/writer.h"
#include "mask.h"
#include "rec/writer.h"
#include "settings.h"

struct out {
	bool paused;
	/* private */
	const struct settings *s;
	struct mask mask;
	struct rec_writer rec;
	struct fbs_writer plain;
	struct rec_picture picture;	/* of the plain stream, for what follows a pause */
	int fd;
	unsigned number;		/* of the file */
	bool notified;
	bool has_origin, in_frame, gap_due;
	bool pause_wanted;		/* at the next frame's boundary */
	int64_t file_start_us, last_us, flushed_us;
	bool flush_due;			/* at the next frame's boundary: the last flush was in mid-frame */
	int64_t last_seen;		/* when the record of last_us came, by io_now */
	uint64_t counted;
};

/* Opens the file, if there is one. Dies when that cannot be. */
void out_open(struct out *o, const struct settings *s);
/* Begins to record, or goes on with what is in the file. Dies when that cannot be. */
void out_start(struct out *o);
/* Takes a record; its times may start anywhere. 0; -1: stdout has no reader any more. Dies when it cannot be written. */
int out_put(struct out *o, const struct fbs_record *r);
/* What follows is not continuous with what was (a reconnect, say). */
void out_gap(struct out *o);
void out_mark(struct out *o, uint32_t kind, const char *text);
/* Stops or goes on recording, at the next frame's boundary. */
void out_toggle_pause(struct out *o);
/* Flushes if it is due. Microseconds until it will be; -1: nothing waits. */
int64_t out_tick(struct out *o);
/* END, index: at the time of the last record that was put, END included, so that what stood still at the end is part of the recording. */
void out_close(struct out *o, uint32_t status, const char *reason);
/* The same at this moment, of what was live. */
void out_stop(struct out *o, uint32_t status, const char *reason);

#endif
