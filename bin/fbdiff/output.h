/* Where the stream goes: written, or, for large pieces of the reference frame, lent to the pipe. */
#ifndef FBDIFF_OUTPUT_H
#define FBDIFF_OUTPUT_H

#include "filter.h"

struct iovec;

struct output {
	const struct filter *filter;	/* whose pixels may be lent */
	bool lend;
};

/* lend: allowed, if stdout is a pipe. */
void output_init(struct output *o, const struct filter *filter, bool lend);
/* An fbs_send to stdout; arg is a struct output. */
int output_send(void *arg, struct iovec *iov, int n);

#endif
