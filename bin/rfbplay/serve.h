/* rfbd, started to show a recording to viewers; and the terminal that it was started from. */
#ifndef RFBPLAY_SERVE_H
#define RFBPLAY_SERVE_H

#include <sys/types.h>

struct server {
	pid_t pid;
	int stream;		/* to its stdin */
	int events;		/* from its stdout */
	int go;
};

/* Makes a child that will be `rfbd -i - ARGS...`, from beside this program or from PATH, once it is told to. It ends with
 * us if it never is. Dies when that cannot be. */
void server_prepare(struct server *s, char **args);
void server_start(const struct server *s);
/* Ends it (unless it ended by itself) and returns its exit code. */
int server_stop(const struct server *s);

/* Keys one by one, without echo, until terminal_leave (or exit). False: stdin is no terminal. */
int terminal_enter(void);
void terminal_leave(void);

#endif
