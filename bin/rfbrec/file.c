/* Which file is next, and opening it. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "keep.h"

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

int file_next(const struct settings *s, unsigned *number)
{
	char path[PATH_MAX];
	int fd;

	file_name(path, sizeof path, s->file, *number);
	while (*number > 1 && has_bytes(path) && *number < UINT_MAX)
		file_name(path, sizeof path, s->file, ++*number);
	if (is_other(path)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
	} else if (!s->append && has_bytes(path)) {
		errno = EEXIST;
		return -1;
	} else {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	if (fd >= 0)
		keep_claim(fd);
	if (fd >= 0 && *number > 1)
		cli_log(CLI_INFO, "goes on in %s", path);
	return fd;
}

int file_first(const struct settings *s, unsigned *number)
{
	char path[PATH_MAX];
	int fd;

	*number = 1;
	if (!s->append || (!s->rotate_bytes && !s->rotate_us))
		return file_next(s, number);
	for (;; ++*number) {
		file_name(path, sizeof path, s->file, *number + 1);
		if (!has_bytes(path))
			break;
	}
	if (*number == 1)
		return file_next(s, number);
	file_name(path, sizeof path, s->file, *number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		keep_claim(fd);
	return fd;
}
