/* What people say to a running rfbd on its --control socket: one command a line. */
#ifndef RFBD_COMMAND_H
#define RFBD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_BYTES_MAX 256u	/* of a line */

enum command_verb { COMMAND_LIST, COMMAND_DISCONNECT, COMMAND_VIEW_ONLY, COMMAND_CONTROL, COMMAND_RELOAD, COMMAND_STOP };

struct command {
	enum command_verb verb;
	bool all;			/* every viewer, for verbs that are about viewers */
	uint32_t viewer;		/* else this one's id */
};

/* Parses a line without its end. NULL; else what is wrong with it, for whoever said it. */
const char *command_parse(struct command *out, const char *line, size_t n);

#endif
