/* Blocking I/O in one place: full reads and writes, EINTR, deadlines, pipes.
 *
 * System-call errors are -1 and errno. Deadlines are absolute, in microseconds
 * of CLOCK_MONOTONIC; IO_FOREVER waits without one, and a passed one is ETIMEDOUT.
 * A deadline for writing is kept exactly only on a non-blocking descriptor. */
#ifndef RFBKIT_IO_H
#define RFBKIT_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define IO_FOREVER INT64_MAX

/* --- clock.c ------------------------------------------------------------------ */

/* Microseconds of CLOCK_MONOTONIC. */
int64_t io_now(void);
/* Microseconds since the epoch, CLOCK_REALTIME. */
int64_t io_wallclock(void);

/* --- full.c: until done, EINTR handled, blocking or non-blocking descriptors --- */

/* Reads exactly n bytes. Returns n, or fewer only at end of file; -1 on error. */
ssize_t io_read_full(int fd, void *buf, size_t n, int64_t deadline);
/* Writes all n bytes. 0, or -1 (EPIPE when the reader went away; SIGPIPE must be ignored). */
int io_write_full(int fd, const void *buf, size_t n, int64_t deadline);
/* The same for a vector; iov is changed. */
int io_writev_full(int fd, struct iovec *iov, int n, int64_t deadline);
/* Takes `done` bytes off the front of the n vectors, and empty ones with them. */
void io_advance(struct iovec **iov, int *n, size_t done);
/* io_writev_full without a deadline to a non-blocking fd; while its reader is behind, idle(arg) is called every few
 * milliseconds. A program with an X connection drains it there. */
int io_writev_idle(int fd, struct iovec *iov, int n, void (*idle)(void *arg), void *arg);
/* Waits until fd has `events` (poll.h). 1 ready, 0 deadline passed, -1 error. */
int io_wait(int fd, short events, int64_t deadline);

/* --- pipe.c: what a filter must know about its neighbours ---------------------- */

/* Asks for a large pipe (F_SETPIPE_SZ, 1 MiB); quietly nothing on other descriptors. */
void io_pipe_enlarge(int fd);
/* Bytes written to fd that its reader has not read yet: FIONREAD on a pipe, SIOCOUTQ on a
 * socket (for a Unix socket the receiver's queue), 0 where it cannot be known (a file). */
size_t io_pipe_unread(int fd);
/* True when nobody will ever read fd again (POLLERR or POLLHUP). */
bool io_pipe_broken(int fd);
/* Waits until fd's reader has taken everything, retrying every 0.5 to 2 ms, while `drain`
 * (may be NULL) is called with `arg` at each turn. Without `drain`, and when nobody has read from a pipe
 * for 50 ms, it sleeps until somebody does. 0; -1 EPIPE when the reader is gone. */
int io_pipe_settle(int fd, void (*drain)(void *arg), void *arg);
/* The same for a filter that reads from `in`: it does not wait when that has hung up, because then nothing fresher can come,
 * and the end has to be passed on though nobody reads. */
int io_pipe_settle_between(int in, int fd);

/* --- lend.c: pages into a pipe without a copy (vmsplice) -------------------------- */

/* How many of the n pieces, from the first on, are of one kind: *lend, worth lending (large, and within `size` bytes
 * at px, which may be NULL), or to be written. At least 1 when n is. */
int io_lend_pieces(const struct iovec *iov, int n, const uint8_t *px, size_t size, bool *lend);
/* True when vmsplice's errno says that this pipe or system does not do it. */
bool io_lend_refused(int error);
/* True when the pipe fd is read by a process that runs a file of this name, and by no other that can be seen. Looks
 * through /proc: milliseconds. */
bool io_lend_to(int fd, const char *program);

/* --- fd.c ---------------------------------------------------------------------- */

int io_set_nonblock(int fd, bool on);
int io_set_cloexec(int fd, bool on);

/* --- boot.c -------------------------------------------------------------------- */

/* This machine's boot id (the kernel's UUID as 16 bytes); zero when it cannot be read. */
void io_boot_id(uint8_t id[16]);

#endif
