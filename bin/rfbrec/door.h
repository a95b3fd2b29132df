/* What rfbrec may not do itself once it is locked in: connecting, and opening the next file. A small child does these,
 * which knows the command line and never sees a byte of what is recorded. It ends when we do. */
#ifndef RFBREC_DOOR_H
#define RFBREC_DOOR_H

#include "loop.h"
#include "settings.h"

enum { DOOR_WHY = 160 };

struct door { int fd; };

/* Starts the child; before anything is opened that it should not hold. Dies when that cannot be. */
void door_open(struct door *d, const struct settings *s);
/* A connection to -c's server: non-blocking fd; -1 and why it could not be had, or l->stop. */
int door_connect(struct door *d, struct loop *l, char why[DOOR_WHY]);
/* file_next, there. -1 and errno. */
int door_next_file(struct door *d, unsigned *number);

#endif
