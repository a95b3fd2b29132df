/* Log lines never hold their writer up for long; for lib/cli only. */
#ifndef RFBKIT_CLI_LOGWAIT_H
#define RFBKIT_CLI_LOGWAIT_H

#include <stdbool.h>

/* Whether a line may be written to stderr now. A reader that is late is waited for a moment, for an important line a second;
 * then lines are lost, and counted, until it reads again. Safe from several threads. */
bool cli_logwait(bool important);
/* How many lines were lost since this was asked last and there was room to tell: to be told in a line. */
unsigned cli_logwait_lost(void);

#endif
