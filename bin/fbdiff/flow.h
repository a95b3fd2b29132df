/* Waiting: for the next record, for the reader to be done with what was written, for its end. */
#ifndef FBDIFF_FLOW_H
#define FBDIFF_FLOW_H

#include "fbs/reader.h"

struct flow {
	struct fbs_reader reader;
	bool unread;		/* a frame was written that may still be in the pipe */
	bool rested;		/* `rest` was called since the last record */
	void (*rest)(void *arg);	/* nothing has come for a while */
	void *arg;
};

enum { FLOW_GONE = 2 };

/* The next record from stdin, once stdout's reader has taken all that was written: as fbs_read (views are valid until
 * the next call), or FLOW_GONE when stdout has no reader any more. */
int flow_next(struct flow *f, struct fbs_record *out);

#endif
