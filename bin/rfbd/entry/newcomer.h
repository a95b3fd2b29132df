/* Connections to the -S socket whose first record has not said yet what they are: a source, or an
 * input consumer. */
#ifndef RFBD_NEWCOMER_H
#define RFBD_NEWCOMER_H

#include <ev.h>

#include "fbs/reader.h"

struct worker;

#define NEWCOMERS_MAX 8u

struct newcomer {
	struct worker *w;
	int fd;				/* -1: a free place */
	struct fbs_reader reader;
	ev_io io;
	ev_timer deadline;
};

void newcomers_init(struct worker *w);
void newcomers_fini(struct worker *w);
/* A connection; owns fd. */
void newcomer_open(struct worker *w, int fd);

#endif
