/* Some records at a time, encoded or decoded by several threads, given on in their order. */
#ifndef RFBENC_BATCH_H
#define RFBENC_BATCH_H

#include "fbs/writer.h"

struct batch;

/* encoding: enum fbs_encoding; threads: 1 works in the caller's own. NULL and errno. */
struct batch *batch_new(struct fbs_writer *w, uint32_t encoding, int quality, int threads);
void batch_free(struct batch *b);
/* Takes a record of any type; what it lends may go away afterwards. 0; BATCH_BAD and *why when its pixels
 * are damaged; -1 and errno when the writer failed. */
int batch_put(struct batch *b, const struct fbs_record *r, const char **why);

enum { BATCH_BAD = 1 };

#endif
