/* Deflate without matches: for data in which there are none to find, such as differences of photographs. Twice as
 * fast as looking for them. Private to lib/codec. */
#ifndef RFBKIT_CODEC_HUFFMAN_H
#define RFBKIT_CODEC_HUFFMAN_H

#include "wire/wire.h"

/* Appends the n bytes as deflate blocks, not final, of literals only. The last one ends within a byte: nothing can follow in
 * this stream. */
void huffman_put_last(struct wire_buf *out, const uint8_t *bytes, size_t n);

/* Code lengths (1 to limit, 0 for what does not occur) of n <= 288 symbols by their counts; limit such that n <= 1 << limit. */
void huffman_lengths(uint8_t *lengths, const uint32_t *counts, unsigned n, unsigned limit);

#endif
