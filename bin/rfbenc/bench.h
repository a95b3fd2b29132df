/* rfbenc -B: what each encoding makes of a stream's pixels. */
#ifndef RFBENC_BENCH_H
#define RFBENC_BENCH_H

#include "fbs/fbs.h"

struct bench;

/* quality: of the lossy encodings. NULL: no memory. */
struct bench *bench_new(int quality);
void bench_free(struct bench *b);
/* Encodes a PIXELS record by every encoding; others are ignored. 0; FBS_E_VALUE, FBS_E_LENGTH, FBS_E_SYSTEM. */
int bench_take(struct bench *b, const struct fbs_record *r);
/* The table to stdout. 0; -1 when it cannot be written. */
int bench_print(const struct bench *b);

#endif
