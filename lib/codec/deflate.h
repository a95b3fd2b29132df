/* One small face for ISA-L's igzip and zlib: bytes to raw deflate blocks that depend on nothing that came
 * before. Private to lib/codec. */
#ifndef RFBKIT_CODEC_DEFLATE_H
#define RFBKIT_CODEC_DEFLATE_H

#include "wire/wire.h"

struct deflate;

/* How much one set of Huffman codes is made for. Small blocks follow what changes (pixels of photographs) closely. */
enum deflate_blocks { DEFLATE_SMALL, DEFLATE_LARGE };

/* NULL: no memory. */
struct deflate *deflate_new(void);
void deflate_free(struct deflate *d);

/* Appends the n bytes as deflate blocks that end on a byte and are not final. level 0 (stored) to 9. A failure
 * leaves out->bad set. */
void deflate_put(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks);
/* The same where nothing will ever follow in this stream: leaves out the last four bytes of the flush, whose only use is
 * to find the next block. An inflater gives all n bytes without them. */
void deflate_put_last(struct deflate *d, struct wire_buf *out, const uint8_t *bytes, size_t n, int level, enum deflate_blocks blocks);

/* The two bytes that open a zlib stream (RFC 1950). */
static inline void deflate_put_header(struct wire_buf *out)
{
	wire_put_u16be(out, 0x7801);
}

#endif
