/* Programs that the monitor runs: the input consumer, and -e's source. */
#ifndef RFBD_CHILDREN_H
#define RFBD_CHILDREN_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	const char *what;		/* "fbinput", for logs */
	pid_t pid;			/* 0: not running */
	bool wanted;			/* to be started again when it ends */
	bool once;			/* ending with status 0 it has done what it was for */
	double delay;			/* before the next start; grows while it keeps dying young */
	int64_t started_us;		/* io_now's clock */
	ev_child watcher;
	ev_timer again;
	/* starts it: calls child_spawn; called again after each death while wanted */
	void (*start)(struct child *c);
	/* it cannot be run (126, 127), or says that it is misused (100): nothing will start it again; NULL: only the first, and nobody
	 * need know */
	void (*given_up)(struct child *c, int status);
	void *arg;
};

void child_init(struct child *c, const char *what, void (*start)(struct child *c), void *arg);
/* Wants it and starts it now. */
void child_want(struct child *c);
/* Wants it and starts it after its delay. */
void child_want_later(struct child *c);
/* Runs argv (argv[0] by PATH unless it has a slash) with these descriptors as stdin and stdout, in a process group
 * of its own; SIGTERM reaches it when we die. 0, or -1 and errno. */
int child_spawn(struct child *c, char *const argv[], int in, int out);
/* In a forked child of `parent`: becomes argv. */
_Noreturn void child_become(char *const argv[], int in, int out, pid_t parent);
/* child_spawn for a process that was forked already. */
void child_watch(struct child *c, pid_t pid);
/* Wants it no longer; `sig` (0: none) goes to its process group. */
void child_drop(struct child *c, int sig);
/* Waits until it has ended, and for what is left kills it: at most `seconds`, then SIGKILL. */
void child_reap(struct child *c, double seconds);
/* A program of this toolkit: beside our own executable if it is there, else its bare name. buf is returned. */
const char *child_program(const char *name, char *buf, size_t n);

#endif
