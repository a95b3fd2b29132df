/* What X clients put into selections, read by fbgrab and by fbinput, and a stream's text for those who want Latin-1. Both
 * cleaners promise text that a stream may carry, and agree. */
#include <stdlib.h>
#include <string.h>

#include "fbs/fbs.h"
#include "x11/capture_state.h"
#include "../../lib/x11/input_text.c"

static void check(const char *text, size_t n)
{
	if (!fbs_text_valid(text, n) || memchr(text, 0, n) || memmem(text, n, "\r\n", 2))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t captured_len = 0;
	size_t typed_len = 0, narrow_len = 0;

	for (int latin1 = 0; latin1 < 2; latin1++) {
		uint8_t *copy = malloc(size ? size : 1);
		memcpy(copy, data, size);
		char *captured = capture_text_clean(copy, size, latin1, &captured_len);
		char *typed = input_text_clean(copy, size, latin1, &typed_len);
		if (!captured || !typed)
			abort();
		check(captured, captured_len);
		check(typed, typed_len);
		uint8_t *narrow = input_text_latin1((const uint8_t *)typed, typed_len, &narrow_len);
		if (narrow_len > typed_len)
			abort();
		free(narrow);
		free(captured);
		free(typed);
		free(copy);
		typed_len = captured_len = 0;
	}
	return 0;
}
