/* fbgrab's parts: its options, its output, one frame, the loop. */
#ifndef RFBKIT_FBGRAB_GRAB_H
#define RFBKIT_FBGRAB_GRAB_H

#include <stdbool.h>
#include <stdint.h>

#include "fbs/writer.h"
#include "x11/capture.h"

/* --- options.c ------------------------------------------------------------------------------ */

struct options {
	struct x11_capture_options capture;
	bool once;
	int notify_fd;			/* -1: nobody to tell */
};

/* Dies with CLI_MISUSE. */
void options_read(struct options *o, int argc, char **argv);

/* --- output.c: stdout, which may be full, unread, or abandoned ------------------------------- */

struct output {
	int fd;
	enum { OUTPUT_PIPE, OUTPUT_SOCKET, OUTPUT_FILE } kind;
	int watch, watched;		/* inotify's descriptor; its watch, -1 when off */
	int64_t give_up_us;		/* io_now's clock; a full output is not waited for beyond it; 0: it is */
	int stop_fd;			/* readable once a signal asks for the end */
	int busy_fd;			/* what else to look at while the output is full, -1: nothing */
	void (*busy)(void *arg);	/* called when busy_fd is readable */
	void *busy_arg;
	const uint8_t *(*memory)(void *arg, size_t *size);	/* where pixels are until the next frame; NULL: nowhere */
	enum { LEND_UNKNOWN, LEND_NO, LEND_YES } lend;	/* whether they may be lent to the pipe: see output.c */
	unsigned asked;			/* how often that was looked for */
	int64_t ask_us;			/* and when it may be again */
};

/* Takes stdout over. */
void output_init(struct output *o, int stop_fd);
void output_fini(struct output *o);
/* An fbs_send: while the output is full, busy() is called when there is reason to. Fails with
 * EPIPE when the reader is gone, with EINTR when the end is asked for meanwhile, with
 * ETIMEDOUT after give_up_us. */
int output_send(void *arg, struct iovec *iov, int n);
/* The rest is last words: a reader that does not read is given a second. */
void output_last_words(struct output *o);
/* A descriptor that becomes readable when the reader reads something, -1 where the system has none
 * to offer. output_unwatch ends it. */
int output_watch(struct output *o);
void output_unwatch(struct output *o);

/* --- signals.c ------------------------------------------------------------------------------- */

/* TERM, INT and HUP make the returned descriptor readable; a display that does not answer cannot
 * hold up the end for long. */
int signals_init(void);
bool signals_stop(void);

/* --- frame.c ----------------------------------------------------------------------------------- */

struct grab {
	const struct options *options;
	struct x11_capture *capture;
	struct fbs_writer writer;
	struct output output;
	struct fbs_shared shared;	/* the segment that the reader was told of */
	bool notified;			/* notify_fd */
	int64_t next_us[2];		/* pacing of frames without and with pixels: see loop.c */
	int64_t unread_since_us;	/* work waits for the reader; 0: it does not */
	char method[64];		/* the last one logged */
};

/* Captures and writes what there is to tell. 1 when a frame was written, 0 when there was nothing
 * (or the screen changed meanwhile: ask again), -1 when the output failed (errno). */
int frame_write(struct grab *g);

/* --- loop.c -------------------------------------------------------------------------------------- */

enum loop_end { LOOP_STOPPED, LOOP_ABANDONED, LOOP_LOST, LOOP_ONCE };
/* Until there is nothing to do any more. */
enum loop_end loop_run(struct grab *g);
/* Waits until the display can be opened. LOOP_ONCE when g->capture is there, LOOP_LOST with *why when it
 * never will be (*part: because there is no such part of it). */
enum loop_end loop_open(struct grab *g, char *why, size_t size, bool *part);

#endif
