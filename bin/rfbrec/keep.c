/* Deleting old recordings. What is not certainly one of ours stays. */
#include "keep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "rec/member.h"

enum { FOUND_MAX = 1 << 16 };	/* files looked at; those beyond wait for the next time */

struct found {
	char *name;
	uint64_t size;
	struct timespec written;
};

struct folder {
	int fd;
	struct found *found;
	unsigned n, room;
	uint64_t size;			/* of all found */
};

/* --- names ---------------------------------------------------------------------------------------- */

/* Up to the first dot; one in front begins a name. */
static size_t stem(const char *name)
{
	return (*name == '.') + strcspn(name + (*name == '.'), ".");
}

static bool same_shape(const char *a, size_t n, const char *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && !(isdigit((unsigned char)a[i]) && isdigit((unsigned char)b[i])))
			return false;
	return true;
}

bool keep_is_alike(const char *name, const char *file)
{
	const size_t n = stem(name), m = stem(file);
	size_t plain = n;
	if (strcmp(name + n, file + m) != 0)
		return false;
	while (plain && isdigit((unsigned char)name[plain - 1]))
		plain--;
	return same_shape(name, n, file, m) || (plain < n && plain && name[plain - 1] == '-' && same_shape(name, plain - 1, file, m));
}

/* --- files ---------------------------------------------------------------------------------------- */

bool keep_claim(int fd)
{
	/* where there are no locks, names and owners have to do */
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Opens it if it is a recording of ours, with what is known of it; else -1. */
static int open_recording(int folder, const char *name, struct stat *st)
{
	uint8_t head[REC_MEMBER_HEADER];
	const uint8_t *entries;
	struct rec_member m;
	unsigned n_entries;
	bool ours = false;
	const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	    pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
	    rec_member_parse(&m, &ours, &entries, &n_entries, head, sizeof head) > 0 && ours)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void add(struct folder *f, const char *name, const struct stat *st)
{
	if (f->n == f->room) {
		const unsigned room = f->room ? f->room * 2 : 64;
		struct found *more = room <= FOUND_MAX ? reallocarray(f->found, room, sizeof *more) : NULL;
		if (!more)
			return;
		f->found = more;
		f->room = room;
	}
	struct found *r = &f->found[f->n];
	*r = (struct found){ strdup(name), (uint64_t)st->st_size, st->st_mtim };
	f->n += r->name != NULL;
}

static void look(struct folder *f, const char *base)
{
	const int again = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	struct stat st;
	if (!d) {
		if (again >= 0)
			close(again);
		return;
	}
	for (const struct dirent *e; (e = readdir(d));) {
		const int fd = keep_is_alike(e->d_name, base) ? open_recording(f->fd, e->d_name, &st) : -1;
		if (fd < 0)
			continue;
		add(f, e->d_name, &st);
		f->size += (uint64_t)st.st_size;
		close(fd);
	}
	closedir(d);
}

static int older_first(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec < y->written.tv_sec ? -1 : 1;
	if (x->written.tv_nsec != y->written.tv_nsec)
		return x->written.tv_nsec < y->written.tv_nsec ? -1 : 1;
	return strverscmp(x->name, y->name);
}

/* Deletes it unless somebody writes it. Looked at again: a moment has passed. */
static void delete(struct folder *f, const struct found *r, const char *why)
{
	struct stat st;
	const int fd = open_recording(f->fd, r->name, &st);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (unlinkat(f->fd, r->name, 0) == 0) {
			f->size -= r->size;
			cli_log(CLI_INFO, "deleted %s: %s", r->name, why);
		} else {
			cli_log(CLI_WARN, "cannot delete %s: %s", r->name, strerror(errno));
		}
	}
	close(fd);
}

static void delete_some(struct folder *f, const struct settings *s)
{
	const time_t now = time(NULL);
	for (unsigned i = 0; i < f->n; i++) {
		if (s->keep_bytes && f->size > s->keep_bytes)
			delete(f, &f->found[i], "all together are larger than --keep");
		else if (s->keep_us && now - f->found[i].written.tv_sec > s->keep_us / 1000000)
			delete(f, &f->found[i], "older than --keep");
	}
}

static int open_folder(const char *file, const char **base)
{
	const char *slash = strrchr(file, '/');
	char *path = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
	const int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	free(path);
	*base = slash ? slash + 1 : file;
	return fd;
}

/* N of FILE-N.vnc.gz; 0 for any other name. */
static unsigned number_in(const char *name, const char *base)
{
	const size_t m = stem(base);
	char *end;
	unsigned long n;

	if (strncmp(name, base, m) != 0 || name[m] != '-' || !isdigit((unsigned char)name[m + 1]))
		return 0;
	n = strtoul(name + m + 1, &end, 10);
	return strcmp(end, base + m) == 0 && n < UINT_MAX ? (unsigned)n : 0;
}

unsigned keep_last_number(const char *file)
{
	const char *base;
	const int fd = open_folder(file, &base);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	unsigned last = 1;
	struct stat st;

	for (const struct dirent *e; d && (e = readdir(d));) {
		const unsigned n = number_in(e->d_name, base);

		if (n > last && fstatat(fd, e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
			last = n;
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return last;
}

void keep_some(const struct settings *s)
{
	const char *base;
	struct folder f = { .fd = -1 };
	if (!s->file || (!s->keep_bytes && !s->keep_us))
		return;
	f.fd = open_folder(s->file, &base);
	if (f.fd < 0) {
		cli_log(CLI_WARN, "--keep: cannot look at what is beside %s: %s", s->file, strerror(errno));
		return;
	}
	look(&f, base);
	if (f.n)
		qsort(f.found, f.n, sizeof *f.found, older_first);
	delete_some(&f, s);
	for (unsigned i = 0; i < f.n; i++)
		free(f.found[i].name);
	free(f.found);
	close(f.fd);
}
