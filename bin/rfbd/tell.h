/* --tell: the other end of a --control socket. */
#ifndef RFBD_TELL_H
#define RFBD_TELL_H

/* Sends the words as one command to the rfbd that takes them at `path`, prints what it answers. Returns the exit code: CLI_NO
 * when it could not be done, which a line on stderr explains. */
int tell_run(const char *path, char *const words[], int n);

#endif
