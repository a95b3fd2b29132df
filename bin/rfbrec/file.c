/* Which file is next, and opening it. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "keep.h"

enum { TRIES = 10, PAUSE_US = 20000 };

/* FILE, then with a number before its first dot: session.vnc.gz, session-2.vnc.gz. */
static void file_name(char *buf, size_t n, const char *file, unsigned number)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strchr(base + (*base == '.'), '.');
	int stem = dot ? (int)(dot - file) : (int)strlen(file);

	if (number < 2)
		snprintf(buf, n, "%s", file);
	else
		snprintf(buf, n, "%.*s-%u%s", stem, file, number, dot ? dot : "");
}

static bool is_other(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static bool has_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0;
}

/* Opens a file that nobody else records to, claimed from here on. -1 and errno: EBUSY when somebody does. A claim of --keep
 * lasts a moment, and after it the file may be another, or gone. */
static int open_claimed(const char *path)
{
	for (int i = 0; i < TRIES; i++) {
		const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		struct stat st;

		if (fd < 0)
			return -1;
		if (!keep_claim(fd))
			usleep(PAUSE_US);
		else if (fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
		close(fd);
	}
	errno = EBUSY;
	return -1;
}

static bool is_empty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == 0;
}

/* A file of its own, or one to go on with. */
static int open_file(const struct settings *s, const char *path)
{
	int fd;

	if (is_other(path))
		return open(path, O_WRONLY | O_CLOEXEC);
	if (!s->append && has_bytes(path)) {
		errno = EEXIST;
		return -1;
	}
	fd = open_claimed(path);
	if (fd >= 0 && !s->append && !is_empty(fd)) {	/* since it was looked at */
		close(fd);
		errno = EEXIST;
		return -1;
	}
	return fd;
}

int file_next(const struct settings *s, unsigned *number)
{
	const struct settings fresh = { .append = false };
	char path[PATH_MAX];
	int fd;

	file_name(path, sizeof path, s->file, *number);
	fd = open_file(*number > 1 ? &fresh : s, path);
	while (fd < 0 && *number > 1 && *number < UINT_MAX && (errno == EEXIST || errno == EBUSY)) {
		file_name(path, sizeof path, s->file, ++*number);
		fd = open_file(&fresh, path);
	}
	if (fd >= 0 && *number > 1)
		cli_log(CLI_INFO, "goes on in %s", path);
	return fd;
}

int file_first(const struct settings *s, unsigned *number)
{
	char path[PATH_MAX];

	*number = 1;
	if (s->append && (s->rotate_bytes || s->rotate_us))
		*number = keep_last_number(s->file);
	if (*number == 1)
		return file_next(s, number);
	file_name(path, sizeof path, s->file, *number);
	return open_claimed(path);
}
