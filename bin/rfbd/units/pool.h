/* Threads that encode units. They read the screen's front frame, so a commit waits until
 * pool_busy is zero. */
#ifndef RFBD_POOL_H
#define RFBD_POOL_H

#include <stdint.h>

#include "screen/screen.h"
#include "unit.h"

struct pool;

/* `wake(arg)` is called from the encoding threads when a unit was finished and none was waiting
 * to be collected. NULL: no memory, no threads. */
struct pool *pool_new(unsigned threads, const struct screen *screen, void (*wake)(void *arg), void *arg);
void pool_free(struct pool *p);		/* waits for running jobs */
/* Hands a NEW unit over to the threads (QUEUED). */
void pool_submit(struct pool *p, struct unit *u);
/* Encodes a NEW unit here and now: for what is too small to be worth a thread. */
void pool_encode(struct pool *p, struct unit *u);
/* Submitted units that were not collected yet. */
unsigned pool_busy(const struct pool *p);
/* The units finished since the last call, linked by job_next; their state is DONE or FAILED. */
struct unit *pool_collect(struct pool *p);

#endif
