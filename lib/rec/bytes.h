/* A file's bytes looked at through a window: plain, or out of gzip, whichever they are. For the readers of
 * recordings that others made. */
#ifndef RFBKIT_REC_BYTES_H
#define RFBKIT_REC_BYTES_H

#include <stdbool.h>
#include <sys/types.h>
#include <zlib.h>

#include "wire/wire.h"

#define REC_WINDOW_MAX (272u << 20)	/* bytes looked at at once: a raw picture of the largest screen */

struct rec_bytes {
	const uint8_t *at;	/* the window */
	size_t n;
	uint64_t offset;	/* of the window, in what was compressed if it was */
	const char *why;	/* after a failure: a static string */
	/* private */
	ssize_t (*read)(void *arg, void *buf, size_t n);
	void *arg;
	struct wire_buf buf;
	size_t start;
	uint8_t *in;
	z_stream z;
	bool gzip, z_ready, ended, begun;
};

/* Bytes come from read (as read(2)). False: no memory. */
bool rec_bytes_init(struct rec_bytes *b, ssize_t (*read)(void *arg, void *buf, size_t n), void *arg);
void rec_bytes_fini(struct rec_bytes *b);
/* Widens the window to at least n bytes. False: there are fewer (why is NULL), or they cannot be had (why). */
bool rec_bytes_want(struct rec_bytes *b, size_t n);
/* Widens it by what can be had at once, at least a byte. */
bool rec_bytes_more(struct rec_bytes *b);
/* Moves the window's start on. */
void rec_bytes_skip(struct rec_bytes *b, size_t n);

#endif
