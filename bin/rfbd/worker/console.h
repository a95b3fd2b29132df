/* Those who control this rfbd, on connections to its --control socket: the monitor accepts them, if they are of our own user
 * or root; the worker reads their commands (command.h), because it has the viewers.
 *
 * Each command is answered by lines: JSON objects for `list', one a viewer, and then `ok' or `error: why'. */
#ifndef RFBD_CONSOLE_H
#define RFBD_CONSOLE_H

#include <stdbool.h>

struct console;
struct worker;

/* Owns fd, which does not block. */
void console_open(struct worker *w, int fd);
/* The monitor has read its files again; good: all of them. */
void consoles_reloaded(struct worker *w, bool good);
void consoles_close(struct worker *w);

#endif
