/* TERM, INT and HUP: they end a program behind what it has begun, and whatever it waits for meanwhile. */
#ifndef RFBKIT_CLI_ENDING_H
#define RFBKIT_CLI_ENDING_H

#include <stdbool.h>
#include <sys/types.h>

/* Takes the three signals, unless they are ignored (nohup); before the program is locked in. Until cli_ending_play they
 * end it at once, after `leave` (NULL: nothing; it must be safe in a signal handler). Dies when that cannot be. */
void cli_ending_prepare(void (*leave)(void));
/* From here on a signal is an order: the descriptor `input`, a pipe that is read without a look whether it has anything (-1:
 * none), ends as if everything had been read, and `output` (-1: none) takes whatever is written to it when its reader has
 * not taken it within a second. May be said again. */
void cli_ending_play(int input, int output);
/* The reader of `output` is a child of ours: when it has not taken what is written it is told to end (TERM), since a stream that is cut off
 * would look damaged to it; `output` takes everything only if it then stays for four seconds. */
void cli_ending_reader(pid_t child);
/* A descriptor that is readable (POLLIN) from the order on; never read from it. */
int cli_ending_fd(void);
/* The order has come. */
bool cli_ending_asked(void);

#endif
