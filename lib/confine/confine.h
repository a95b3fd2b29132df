/* Locking a program in after its set-up: no new privileges, no core dump, landlock without
 * any path, and a seccomp list of the system calls that its work needs.
 *
 * A confined process reads, writes and waits on the descriptors that it has. What it may do
 * beyond that is said in rights; everything else fails with EPERM, and exec and ptrace kill it. */
#ifndef RFBKIT_CONFINE_H
#define RFBKIT_CONFINE_H

#include <stdbool.h>

enum confine_right {
	CONFINE_THREADS = 1,	/* start threads */
	CONFINE_SOCKETS = 2,	/* accept on, send and receive over, and tune the sockets that it has */
	CONFINE_EVENTS = 4,	/* epoll, timerfd, eventfd, signalfd (libev) */
	CONFINE_SHM = 8,	/* attach System V segments for reading, lend pages to a pipe (fbdiff -m) */
	CONFINE_FILE_WRITE = 16,	/* truncate and sync files that are open; make nameless ones in memory */
	CONFINE_DIRECTORY = 32,	/* open, create, rename and remove files under `directory` only */
	CONFINE_PROC = 64,	/* read below /proc, and signal 0 (rfbstat) */
	CONFINE_PROCESSES = 128,	/* end and reap the children that it has */
	CONFINE_REMOVE = 256,	/* remove files in `remove_in`, which says nothing of reading or writing them */
	CONFINE_TERMINAL = 512,	/* set modes of the terminal that it has */
	CONFINE_WATCH = 1024,	/* inotify: how a filter waits for the reader of its pipe */
};

struct confine_settings {
	unsigned rights;	/* enum confine_right */
	int directory;		/* descriptor of the one directory of CONFINE_DIRECTORY */
	bool directory_read_only;
	int remove_in;		/* descriptor of CONFINE_REMOVE's directory */
};

/* Locks the whole process in (all threads: TSYNC; call it before the first one all the same).
 * 0; -1 and errno, with *what a static phrase for what failed. A kernel without landlock is not an error:
 * *what is then a phrase to log at level info, else NULL. */
int confine_process(const struct confine_settings *s, const char **what);

/* The whole of it for a program: locks in with these rights, and the right to remove its own statistics file where it
 * has one. Logs what this kernel cannot do; dies when it cannot be done. */
void confine_or_die(const struct confine_settings *s);

/* For a process started as root: becomes `user` (name or number) with its groups, for good. 0; -1 and errno
 * (ENOENT: no such user), and *what as above. */
int confine_become(const char *user, const char **what);

#endif
