/* Words of a line that need not end in NUL. */
#include "word.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct word word_next(struct word *line)
{
	struct word w;
	while (line->len && is_blank(*line->at))
		line->at++, line->len--;
	w.at = line->at;
	while (line->len && !is_blank(*line->at))
		line->at++, line->len--;
	w.len = (size_t)(line->at - w.at);
	return w;
}

bool word_is(struct word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.at, text, w.len);
}
