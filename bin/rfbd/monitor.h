/* The process that may open, connect, run and look up, and that parses no byte of a viewer. */
#ifndef RFBD_MONITOR_H
#define RFBD_MONITOR_H

#include "config.h"

/* Opens everything, starts the worker, serves it until it ends. Returns the exit code. */
int monitor_run(const struct config *c);

#endif
