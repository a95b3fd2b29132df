/* A filter's waiting: for the next record, for the reader downstream to be done with what was written, for
 * its end. */
#ifndef RFBKIT_FBS_FLOW_H
#define RFBKIT_FBS_FLOW_H

#include "fbs/reader.h"

struct fbs_flow {
	struct fbs_reader reader;
	int in, out;		/* out -1: nobody reads us */
	bool unread;		/* the caller wrote a frame that may still be in the pipe */
	bool rested;		/* `rest` was called since the last record */
	void (*rest)(void *arg);	/* nothing has come for a while; may be NULL */
	/* The records of a frame are all there, its FRAME (of these flags) has yet to be read; may be NULL. Only where the
	 * stream comes in such pieces: of an exact reader, always. */
	void (*whole)(void *arg, uint16_t flags);
	bool told;		/* `whole` was called since the last record */
	void *arg;
};

enum { FBS_FLOW_GONE = 2 };

/* Initialises the reader too. */
void fbs_flow_init(struct fbs_flow *f, int in, int out);
void fbs_flow_fini(struct fbs_flow *f);
/* The next record, once out's reader has taken all that was written: as fbs_read (views are valid until
 * the next call), or FBS_FLOW_GONE when out has no reader any more. */
int fbs_flow_next(struct fbs_flow *f, struct fbs_record *out);

#endif
