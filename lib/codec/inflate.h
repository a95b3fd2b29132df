/* zlib streams of a connection, read in exact amounts: what is inflated never exceeds what was asked for.
 * Private to lib/codec. */
#ifndef RFBKIT_CODEC_INFLATE_H
#define RFBKIT_CODEC_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/* Zero is a stream that has not begun. */
struct inflate {
	z_stream z;
	bool live;
};

void inflate_fini(struct inflate *i);
/* The next data begins a new stream. */
void inflate_restart(struct inflate *i);
/* Gives the stream its next n bytes of input, borrowed until inflate_finish. False: no memory. */
bool inflate_feed(struct inflate *i, const uint8_t *in, size_t n);
/* Inflates exactly n bytes. False when the input is broken or gives fewer. */
bool inflate_get(struct inflate *i, uint8_t *dst, size_t n);
/* Inflates up to n bytes; how many, 0 at the end of the input; SIZE_MAX when it is broken. */
size_t inflate_some(struct inflate *i, uint8_t *dst, size_t n);
/* Consumes the input's rest; false when it holds more than flushes. */
bool inflate_finish(struct inflate *i);

#endif
