/* What options.c tells log.c; for lib/cli only. */
#ifndef RFBKIT_CLI_LOG_H
#define RFBKIT_CLI_LOG_H

#include <stdbool.h>

/* The name is borrowed for good. */
void cli_log_set_program(const char *name);
const char *cli_log_program(void);
void cli_log_set_json(void);
/* False when there is no level of that name. */
bool cli_log_set_level(const char *name);

#endif
