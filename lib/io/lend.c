/* vmsplice puts a program's own pages into a pipe, which costs a fifth of a copy and is cheaper for the reader as well.
 * They must not change before they have been read: a writer who touches them only once the pipe is empty keeps to
 * that if the reader copies what it reads. One that passes pages on, as pv(1) does, leaves an empty pipe and pages
 * that somebody else has yet to read: so it matters who reads. */
#include "io/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LEND_FROM = 64 * 1024,	/* bytes in one go that are worth it */
	PIECE_MIN = 2048,	/* of each row */
};

/* How many pieces from the first on may be lent; none when they are small altogether. */
static int lendable(const struct iovec *iov, int n, const uint8_t *px, size_t size)
{
	size_t total = 0;
	int i = 0;

	for (; i < n; i++) {
		const uint8_t *at = iov[i].iov_base;
		if (iov[i].iov_len < PIECE_MIN || at < px || at >= px + size)
			break;
		total += iov[i].iov_len;
	}
	return total >= LEND_FROM ? i : 0;
}

int io_lend_pieces(const struct iovec *iov, int n, const uint8_t *px, size_t size, bool *lend)
{
	int i = px ? lendable(iov, n, px, size) : 0;

	*lend = i > 0;
	for (i = i > 0 ? i : 1; i < n && !*lend && (!px || lendable(iov + i, n - i, px, size) == 0); i++)
		;
	return i < n ? i : n;
}

bool io_lend_refused(int error)
{
	return error == EINVAL || error == ENOSYS || error == EPERM;
}

/* --- who reads ------------------------------------------------------------------------------------ */

/* Whether one of the process's descriptors is the pipe's read end. */
static bool reads(int proc, const char *pid, const char *pipe)
{
	char path[64], target[64];
	bool found = false;
	struct dirent *e;
	struct stat st;

	snprintf(path, sizeof path, "%.20s/fd", pid);
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (e = readdir(dir))) {
		ssize_t n = readlinkat(fd, e->d_name, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		/* the link's mode tells how it is open */
		found = strcmp(target, pipe) == 0 && fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IRUSR);
	}
	closedir(dir);
	return found;
}

static bool runs(int proc, const char *pid, const char *program)
{
	char path[64], exe[4096];

	snprintf(path, sizeof path, "%.20s/exe", pid);
	ssize_t n = readlinkat(proc, path, exe, sizeof exe - 1);
	exe[n > 0 ? n : 0] = '\0';
	const char *name = strrchr(exe, '/');
	return name && strcmp(name + 1, program) == 0;
}

bool io_lend_to(int fd, const char *program)
{
	char pipe[64], own[24];
	unsigned readers = 0, others = 0;
	struct dirent *e;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode))
		return false;
	snprintf(pipe, sizeof pipe, "pipe:[%llu]", (unsigned long long)st.st_ino);
	snprintf(own, sizeof own, "%ld", (long)getpid());
	DIR *dir = opendir("/proc");
	if (!dir)
		return false;
	while (others == 0 && (e = readdir(dir))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !reads(dirfd(dir), e->d_name, pipe))
			continue;
		if (strcmp(e->d_name, own) != 0 && runs(dirfd(dir), e->d_name, program))
			readers++;
		else
			others++;
	}
	closedir(dir);
	return readers > 0 && others == 0;
}
