/* How often lines that a peer can trigger are written; for lib/cli only. */
#ifndef RFBKIT_CLI_LOGLIMIT_H
#define RFBKIT_CLI_LOGLIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LOGLIMIT_BURST = 200, LOGLIMIT_PER_SECOND = 20, LOGLIMIT_EVENTS = 32 };

/* Whether a line of this event may be written at now_us (any clock that does not go back). *left_out: how many of its lines
 * were not, since the last one that was; told once. Safe from several threads. */
bool cli_loglimit(const char *event, int64_t now_us, unsigned *left_out);

#endif
