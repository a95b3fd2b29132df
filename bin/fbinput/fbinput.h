/* The parts of fbinput. */
#ifndef FBINPUT_H
#define FBINPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "fbs/reader.h"
#include "wire/wire.h"
#include "x11/input.h"

/* --- options.c --- */

struct options {
	struct x11_input_options input;
	bool announce;
	int notify_fd;			/* -1: none */
};
/* Reads the command line; dies with CLI_MISUSE. */
void options_read(struct options *o, int argc, char **argv);

/* --- answers.c: what goes to stdout with --announce --- */

struct answers {
	int fd;				/* -1: nobody listens */
	int64_t start_us;
	struct wire_buf out;
	bool gone;			/* its reader went away, or takes nothing any more */
};
void answers_init(struct answers *a, int fd);
void answers_fini(struct answers *a);
/* Starts the stream: preamble and HELLO. */
void answers_hello(struct answers *a, const struct x11_input *in);
/* x11_input_options.say: queues a record. */
void answers_say(void *answers, const struct fbs_record *r);
/* Writes what stdout takes without waiting. */
void answers_flush(struct answers *a);

/* --- events.c: records, held to what this program may be sent --- */

enum { EVENTS_TIMED = 256 };		/* of more in one go the rest is not timed */

struct events {
	struct x11_input *in;
	struct fbs_reader reader;
	bool moved;			/* `motion` waits: moves that come together are one */
	struct fbs_motion motion;	/* the newest */
	bool is_late;			/* a key waits, and what was read after it: events_resume */
	struct fbs_key late;
	unsigned n_read;		/* keys and motions acted on since events_done, up to EVENTS_TIMED */
	int64_t read_us[EVENTS_TIMED];	/* when they were read from the viewer, io_now's clock */
	int64_t clock_gap_us;		/* from there to the Unix time that the stream began with */
	unsigned odd;			/* records that were not acted on, for the log */
	int64_t odd_at;
};
void events_init(struct events *e);
void events_fini(struct events *e);
/* Acts on what is readable from fd. 1 when there may be more, 0 at the end of the stream, a negative fbs_error. */
int events_read(struct events *e, int fd);
/* The key that waits, and what follows it, when the display is due or had news. The same results. */
int events_resume(struct events *e);
/* What was acted on has been handed to the X server: counts how long that took. */
void events_done(struct events *e);

/* --- loop.c --- */

enum loop_end { LOOP_EOF, LOOP_STOPPED, LOOP_BAD, LOOP_LOST };

struct loop {
	struct x11_input *in;
	struct events events;
	struct answers answers;
	int stop_fd;			/* readable once a signal came */
	int error;			/* LOOP_BAD: the fbs_error */
};
/* Waits for the display, as long as it takes. False when stdin ended or a signal came before. Dies when it will not do. */
bool loop_open(struct loop *l, const struct options *o);
enum loop_end loop_run(struct loop *l);

#endif
