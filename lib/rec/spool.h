/* Any recording as one of ours that can be read from any moment: what others made is converted into a
 * nameless temporary file first. */
#ifndef RFBKIT_REC_SPOOL_H
#define RFBKIT_REC_SPOOL_H

#include "rec/reader.h"

struct rec_spool {
	struct rec_reader reader;
	const char *format;	/* "rfbkit", "stream", "FBS", … */
	char problem[200];	/* of a conversion that ended early; "" */
	/* private */
	int temporary;		/* -1: none */
	int64_t wall_us;
};

/* A nameless file, where a recording of others can go: for those who may open nothing later. -1 and errno. */
int rec_spool_temporary(void);
/* Opens fd (a file, or a pipe), which stays the caller's; what others recorded is converted into `temporary`, which is closed
 * in the end. Lists the members where that works. 0; -1 and one line in
 * reader.problem: it is no recording, or cannot be read. A foreign one that is damaged is opened up to the damage: problem. */
int rec_spool_open(struct rec_spool *s, int fd, int temporary);
void rec_spool_close(struct rec_spool *s);

#endif
