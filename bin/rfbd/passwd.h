/* `rfbd --passwd FILE [USER]`: makes and changes the password file. */
#ifndef RFBD_PASSWD_H
#define RFBD_PASSWD_H

#include <stdbool.h>

/* Asks for a password (twice at a terminal; else one line of stdin) and stores it for the user, or, without one, for
 * VncAuth. Returns the exit code. */
int passwd_run(const char *path, const char *user, bool view_only);

#endif
