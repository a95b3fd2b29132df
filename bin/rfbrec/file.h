/* The files of a recording: FILE, FILE-2, FILE-3… */
#ifndef RFBREC_FILE_H
#define RFBREC_FILE_H

#include "settings.h"

/* Opens the file to begin with, the last one there is when rotated ones are to be gone on with; *number says which.
 * -1 and errno (EEXIST: it has something in it, and -a was not given; EBUSY: somebody else records to it). */
int file_first(const struct settings *s, unsigned *number);
/* Opens the file of this number, or of the next that is free; *number says which. -1 and errno. */
int file_next(const struct settings *s, unsigned *number);

#endif
