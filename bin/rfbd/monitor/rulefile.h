/* The monitor's side of the rules: reads the file and hands its rules to the worker. */
#ifndef RFBD_RULEFILE_H
#define RFBD_RULEFILE_H

#include <stdbool.h>

/* Reads the file and, with worker_fd >= 0, sends what it says. False: a line of the log said what is wrong, and nothing was
 * sent: what was in force stays. path may be NULL: no rules. */
bool rulefile_send(const char *path, int worker_fd);

#endif
