/* A line taken apart into words: commands and rules. */
#ifndef RFBD_WORD_H
#define RFBD_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of somebody's line, borrowed; no NUL ends them. */
struct word { const char *at; size_t len; };

/* Takes the next word off the front of a line: what stands between blanks, tabs and carriage returns. Of length 0 when there is none. */
struct word word_next(struct word *line);
bool word_is(struct word w, const char *text);

#endif
