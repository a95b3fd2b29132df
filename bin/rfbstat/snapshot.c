/* Reading the statistics files. They belong to other processes that may die, or be of
 * another version, at any moment: sizes and magic are checked on a private copy. */
#include "snapshot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/escape.h"
#include "io/io.h"

/* Words of another process, fit for a terminal and for JSON. */
static void clean(char *text, size_t n)
{
	char raw[128];
	text[n - 1] = 0;
	snprintf(raw, sizeof raw, "%s", text);
	cli_escape(text, n, raw);
}

/* A checked copy of an open statistics file; NULL when it is not one of this version. */
static struct cli_stat_file *copy_file(int fd)
{
	const size_t slots = cli_metric_slot(STAT_METRICS);
	const size_t size = sizeof(struct cli_stat_file) + slots * sizeof(uint64_t);
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != size)
		return NULL;
	struct cli_stat_file *f = malloc(size);
	if (!f || pread(fd, f, size, 0) != (ssize_t)size || f->magic != STAT_MAGIC || f->n_slots != slots) {
		free(f);
		return NULL;
	}
	for (char *c = f->program; c < f->program + sizeof f->program && *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-')
			*c = '_';	/* it becomes a label */
	f->program[sizeof f->program - 1] = 0;
	clean(f->version, sizeof f->version);
	clean(f->role, sizeof f->role);
	for (unsigned i = 0; i < STAT_VIEWERS; i++) {
		clean(f->viewer[i].address, sizeof f->viewer[i].address);
		clean(f->viewer[i].user, sizeof f->viewer[i].user);
	}
	return f;
}

/* A small file of /proc as a string; false when it cannot be read. */
static bool proc_text(uint32_t pid, const char *name, char *text, size_t n)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%u/%s", pid, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t got = fd < 0 ? -1 : io_read_full(fd, text, n - 1, IO_FOREVER);
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = 0;
	return got > 0;
}

static uint64_t count_fds(uint32_t pid)
{
	char path[64];
	uint64_t n = 0;
	snprintf(path, sizeof path, "/proc/%u/fd", pid);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d)); )
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* CPU, memory and descriptors, from proc(5)'s stat, limits and fd. */
static void look_at_process(struct process *p)
{
	char text[2048];
	const uint32_t pid = p->file->pid;
	unsigned long long utime = 0, stime = 0, vsize = 0;
	long long rss = 0;
	const char *after = proc_text(pid, "stat", text, sizeof text) ? strrchr(text, ')') : NULL;
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %llu %lld",
			     &utime, &stime, &vsize, &rss) != 4)
		return;
	p->cpu_us = (utime + stime) * 1000000u / (unsigned long long)sysconf(_SC_CLK_TCK);
	p->vsize = vsize;
	p->rss = (uint64_t)rss * (uint64_t)sysconf(_SC_PAGESIZE);
	p->fds = count_fds(pid);
	const char *limit = proc_text(pid, "limits", text, sizeof text) ? strstr(text, "Max open files") : NULL;
	if (limit)
		p->max_fds = strtoull(limit + strlen("Max open files"), NULL, 10);
}

static void add_file(struct snapshot *s, int dir, const char *name)
{
	if (s->n == SNAPSHOT_PROCESSES || name[0] == '.')
		return;
	const int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	struct process *p = &s->p[s->n];
	*p = (struct process){ .file = copy_file(fd) };
	if (p->file) {
		p->alive = flock(fd, LOCK_SH | LOCK_NB) != 0;
		if (p->alive)
			look_at_process(p);
		s->n++;
	}
	close(fd);
}

static int by_program(const void *a, const void *b)
{
	const struct process *p = a, *q = b;
	const int c = strcmp(p->file->program, q->file->program);
	return c ? c : (p->file->pid > q->file->pid) - (p->file->pid < q->file->pid);
}

int snapshot_take(struct snapshot *s, int dir)
{
	s->n = 0;
	s->taken_us = io_now();
	const int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	if (!d) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	for (struct dirent *e; (e = readdir(d)); )
		add_file(s, dir, e->d_name);
	closedir(d);
	qsort(s->p, s->n, sizeof s->p[0], by_program);
	return 0;
}

void snapshot_fini(struct snapshot *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->p[i].file);
	s->n = 0;
}

static bool takes_largest(enum cli_metric m)
{
	return m == STAT_FB_WIDTH || m == STAT_FB_HEIGHT || m == STAT_LAST_FRAME || m == STAT_SOURCE_UP;
}

static bool has_program(const struct snapshot *s, const char *program)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!strcmp(s->p[i].file->program, program))
			return true;
	return false;
}

uint64_t snapshot_value(const struct snapshot *s, enum cli_metric m, size_t slot)
{
	const size_t at = cli_metric_slot(m) + slot;
	const char *only = cli_metrics[m].by && has_program(s, cli_metrics[m].by) ? cli_metrics[m].by : NULL;
	const bool largest = takes_largest(m) || (cli_metrics[m].by && !only);
	uint64_t total = 0;
	for (unsigned i = 0; i < s->n; i++) {
		const uint64_t v = s->p[i].file->slot[at];
		if ((cli_metrics[m].type == STAT_GAUGE && !s->p[i].alive) || (only && strcmp(s->p[i].file->program, only) != 0))
			continue;
		total = !largest ? total + v : v > total ? v : total;
	}
	return total;
}

unsigned snapshot_viewers(const struct snapshot *s, const struct cli_stat_viewer **v, unsigned max)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->n; i++)
		for (unsigned k = 0; k < STAT_VIEWERS && n < max && s->p[i].alive; k++)
			if (s->p[i].file->viewer[k].id)
				v[n++] = &s->p[i].file->viewer[k];
	return n;
}

const char *snapshot_encoding(int32_t rfb_encoding)
{
	return cli_metrics[STAT_SENT_BYTES].label[0].values[cli_metric_encoding(rfb_encoding)];
}

bool snapshot_ready(const struct snapshot *s, const char **why)
{
	*why = !snapshot_value(s, STAT_LISTENING, 0) ? "rfbd is not listening"
		: !snapshot_value(s, STAT_SOURCE_UP, 0) ? "no source is connected" : NULL;
	return !*why;
}
