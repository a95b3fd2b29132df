/* How much of what was recorded is kept: --keep. */
#ifndef RFBREC_KEEP_H
#define RFBREC_KEEP_H

#include <stdbool.h>

#include "settings.h"

/* Whether a file of this name could be one that rfbrec wrote in place of `file` (no folder in either): the same but for digits, each of
 * which may be another, and with -NUMBER before the first dot or without. */
bool keep_is_alike(const char *name, const char *file);
/* Claims an open recording while it is written: nobody's --keep deletes it, and no other rfbrec goes on with it, before its last
 * descriptor is closed. False: it is claimed by another. */
bool keep_claim(int fd);
/* The highest number among the files of this recording that have something in them: FILE is 1, FILE-2 is 2. 1 when there are none. */
unsigned keep_last_number(const char *file);
/* Deletes recordings beside s->file, the oldest first, until they are no more and no older than s allows. Only regular files of our
 * user that are recordings of ours, have such a name and are claimed by nobody. Their sizes count claimed ones, too. Logs what it does. */
void keep_some(const struct settings *s);

#endif
