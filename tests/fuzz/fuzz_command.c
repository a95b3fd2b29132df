/* Commands on the --control socket. */
#include <stdlib.h>

#include "command.c"
#include "word.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command m;
	char *line = malloc(size ? size : 1);
	memcpy(line, data, size);
	const char *why = command_parse(&m, line, size);
	if (!why && m.verb > COMMAND_STOP)
		abort();
	if (!why && m.verb >= COMMAND_DISCONNECT && m.verb <= COMMAND_CONTROL && !m.all == !m.viewer)
		abort();
	if (!why && (m.verb == COMMAND_LIST || m.verb >= COMMAND_RELOAD) && (m.all || m.viewer))
		abort();
	free(line);
	return 0;
}
