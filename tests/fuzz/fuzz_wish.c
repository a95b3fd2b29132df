/* A page's wishes for a recording: whatever comes out is one of the three records, within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "worker/wish.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size ? size : 1);
	struct fbs_record r;

	memcpy(line, data, size);	/* not terminated, nor more than there is */
	if (wish_parse(&r, line, size) &&
	    !(r.type == FBS_PAUSE || (r.type == FBS_SEEK && r.seek.us >= 0 && r.seek.us <= INT64_C(1000000000000000)) ||
	      (r.type == FBS_SPEED && r.speed.permille >= 10 && r.speed.permille <= 100000)))
		abort();
	free(line);
	return 0;
}
