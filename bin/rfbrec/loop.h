/* Waiting for descriptors, signals and the next flush. */
#ifndef RFBREC_LOOP_H
#define RFBREC_LOOP_H

#include <poll.h>
#include <stdbool.h>

#include "out.h"

struct loop {
	struct out *out;
	bool stop;		/* TERM, INT or HUP came */
	/* private */
	int signals;
};

/* Takes the signals over, before the program is locked in; `output`: the pipe that is written to (-1: none; cli/ending.h). Dies
 * when that cannot be. */
void loop_prepare(int output);
void loop_init(struct loop *l, struct out *out);
/* Waits until one of the n descriptors is ready (revents), a signal came, or a flush was due, at most until `deadline`
 * (io_now's clock). Marks and pauses are dealt with here. */
void loop_wait(struct loop *l, struct pollfd *fds, unsigned n, int64_t deadline);

#endif
