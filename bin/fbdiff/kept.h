/* The reader's buffers with a frame's pixels, kept until they have been looked at: instead of a copy of them. */
#ifndef FBDIFF_KEPT_H
#define FBDIFF_KEPT_H

#include "fbs/reader.h"

enum { KEPT_MAX = 12, KEPT_FROM = 64 * 1024 };	/* buffers; bytes of pixels that are worth one */

struct kept {
	struct { uint8_t *buf; size_t cap; } of[KEPT_MAX];
	size_t n;		/* in use; those behind are spare */
};

/* Keeps what the last record's views point into: false when that cannot be, and they end with the next record. */
bool kept_add(struct kept *k, struct fbs_reader *from);
/* Nothing is in use any more. */
void kept_done(struct kept *k);
/* Frees all buffers (none may be in use). */
void kept_free(struct kept *k);

#endif
