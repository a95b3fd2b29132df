/* The stream of the screen: read only while somebody wants a frame, applied frame by frame. */
#ifndef RFBD_SOURCE_H
#define RFBD_SOURCE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "fbs/fbs.h"
#include "fbs/reader.h"
#include "msgpass.h"

struct worker;

struct source {
	struct worker *w;
	int fd;				/* -1: none */
	enum msg_source kind;
	struct fbs_reader reader;
	ev_io io;
	int watch_fd;			/* an epoll instance that tells of a hang-up while nothing is read; -1 */
	ev_io watch;
	ev_timer settle;
	unsigned looks;			/* frames that are read though nobody wants them */
	bool wanted;			/* somebody wants a frame */
	int64_t wanted_us, wanted_since;	/* for how long that was so, up to when it was so last */
	bool hung_up;			/* the writer is gone: what is left is read whoever wants it */
	bool committing;		/* a frame is complete and waits for the encoders */
	bool commit_key;
	bool fresh_stream;		/* no frame of this stream was shown yet */
	bool settling;			/* after a pause: what arrives at first may be old */
	int64_t paused_at, settle_from, settle_by;
	bool failed;			/* the stream said that it ends against its will */
	struct fbs_screen screen;	/* the stream's latest SCREEN */
	char display[FBS_TEXT_MAX + 1];
	int64_t clock_gap_us;		/* from io_now's clock to the one that the stream's wall clock was read from */
	int64_t captured_us;		/* when the last frame was captured, io_now's clock; 0: unknown */
	uint64_t frames;
	unsigned opened;		/* streams so far */
};

void source_init(struct source *s, struct worker *w);
void source_fini(struct source *s);
/* Takes a stream over from its predecessor; owns fd. */
void source_open(struct source *s, int fd, enum msg_source kind);
/* The same for a stream of which the beginning was read: takes *reader over; first: a record to begin with, or NULL. */
void source_adopt(struct source *s, int fd, enum msg_source kind, struct fbs_reader *reader, const struct fbs_record *first);
/* Starts or stops reading. */
void source_want(struct source *s, bool wanted);
/* For how long frames have been wanted, ever, in microseconds. */
int64_t source_reading_us(const struct source *s, int64_t now);
/* The display may have gone: a few frames are read whoever wants them. A writer in the middle of one that is larger than the pipe
 * cannot tell that its own input has ended. */
void source_look(struct source *s);
/* Starts reading for somebody who has seen nothing yet: what waits in the pipes may be old, and is not enough. */
void source_want_fresh(struct source *s);
/* The encoders are idle: a frame that waited for them is shown, and reading goes on. */
void source_resume(struct source *s);
/* True when a stream is connected. */
bool source_is_open(const struct source *s);
/* True while what is shown may be older than what the screen shows now: answers wait. */
bool source_is_settling(const struct source *s);

#endif
