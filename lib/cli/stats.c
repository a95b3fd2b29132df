/* Publishing of statistics: see stats.h. The mapping is made once, at its full size. */
#include "cli/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static struct {
	struct cli_stat_file *file;
	size_t size, slot_of[STAT_METRICS];
	int fd, dir;
	char name[48], program[16];
} stats = { .fd = -1, .dir = -1 };

static bool is_whole(int fd)
{
	struct cli_stat_file f;
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == stats.size &&
	       pread(fd, &f, sizeof f, 0) == (ssize_t)sizeof f && f.magic == STAT_MAGIC && f.n_slots == cli_metric_slot(STAT_METRICS);
}

/* Adds the counters of a file of this version to totals: what a process counted before it crashed is not forgotten by
 * its successor, who may start before anybody has looked. */
static void carry(int fd, uint64_t *totals)
{
	const size_t n = cli_metric_slot(STAT_METRICS);
	uint64_t *slots = is_whole(fd) ? calloc(n, sizeof *slots) : NULL;
	if (slots && pread(fd, slots, n * sizeof *slots, sizeof(struct cli_stat_file)) == (ssize_t)(n * sizeof *slots))
		for (unsigned m = 0; m < STAT_METRICS; m++)
			for (size_t i = stats.slot_of[m]; cli_metrics[m].type != STAT_GAUGE && i < cli_metric_slot((enum cli_metric)(m + 1)); i++)
				totals[i] += slots[i];
	free(slots);
}

/* Removes what crashed processes of this program left: files that nobody holds locked. Their counters are added to
 * totals, unless that is NULL. */
static void sweep(int dir, const char *program, uint64_t *totals)
{
	const size_t n = strlen(program);
	const int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	if (!d && copy >= 0)
		close(copy);
	for (struct dirent *e; d && (e = readdir(d)); ) {
		if (strncmp(e->d_name, program, n) != 0 || e->d_name[n] != '.')
			continue;
		const int fd = openat(dir, e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
			if (totals)
				carry(fd, totals);
			unlinkat(dir, e->d_name, 0);
		}
		close(fd);
	}
	if (d)
		closedir(d);
}

/* Opens and locks the file in $RFB_STATDIR; -1 when there is none to be had. totals: see sweep. */
static int open_file(const char *program, uint64_t *totals)
{
	const char *dir = getenv("RFB_STATDIR");
	if (!dir || !*dir)
		return -1;
	stats.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (stats.dir < 0) {
		cli_log(CLI_WARN, "statistics are not published: %s: %s", dir, strerror(errno));
		return -1;
	}
	sweep(stats.dir, program, totals);
	snprintf(stats.name, sizeof stats.name, "%s.%ld", program, (long)getpid());
	unlinkat(stats.dir, stats.name, 0);
	const int fd = openat(stats.dir, stats.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && ftruncate(fd, (off_t)stats.size) == 0)
		return fd;
	cli_log(CLI_WARN, "statistics are not published: %s/%s: %s", dir, stats.name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static uint64_t unix_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

void cli_stats_open(const char *program, const char *role)
{
	for (unsigned m = 0; m < STAT_METRICS; m++)
		stats.slot_of[m] = cli_metric_slot((enum cli_metric)m);
	const size_t n = cli_metric_slot(STAT_METRICS);
	stats.size = sizeof *stats.file + n * sizeof(uint64_t);
	snprintf(stats.program, sizeof stats.program, "%s", program);
	uint64_t *totals = calloc(n, sizeof *totals);
	stats.fd = open_file(program, totals);
	const int how = stats.fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *at = mmap(NULL, stats.size, PROT_READ | PROT_WRITE, how, stats.fd, 0);
	if (at == MAP_FAILED)
		cli_die_errno("cannot map the statistics");
	struct cli_stat_file *f = at;
	for (size_t i = 0; totals && i < n; i++)
		f->slot[i] = totals[i];
	free(totals);
	f->pid = (uint32_t)getpid();
	f->n_slots = (uint32_t)n;
	f->start_us = unix_us();
	snprintf(f->program, sizeof f->program, "%s", program);
	snprintf(f->version, sizeof f->version, "%s", RFBKIT_VERSION);
	snprintf(f->role, sizeof f->role, "%s", role ? role : "");
	__atomic_store_n(&f->magic, STAT_MAGIC, __ATOMIC_RELEASE);
	stats.file = f;
}

static void detach_file(void)
{
	if (stats.file)
		munmap(stats.file, stats.size);
	if (stats.fd >= 0)
		close(stats.fd);
	stats.file = NULL;
	stats.fd = -1;
}

static void detach(void)
{
	detach_file();
	if (stats.dir >= 0)
		close(stats.dir);
	stats.dir = -1;
}

void cli_stats_close(void)
{
	if (stats.fd >= 0) {
		unlinkat(stats.dir, stats.name, 0);
		detach_file();
		sweep(stats.dir, stats.program, NULL);
	}
	detach();
}

int cli_stats_dir(void)
{
	return stats.fd >= 0 ? stats.dir : -1;
}

void cli_stats_reopen(const char *program, const char *role)
{
	detach();
	cli_stats_open(program, role);
}

static uint64_t *slot(enum cli_metric m, unsigned series)
{
	return stats.file ? &stats.file->slot[stats.slot_of[m] + (size_t)series * cli_metric_width(m)] : NULL;
}

void cli_stat_add(enum cli_metric m, unsigned series, uint64_t n)
{
	uint64_t *s = slot(m, series);
	if (s)
		__atomic_fetch_add(s, n, __ATOMIC_RELAXED);
}

void cli_stat_set(enum cli_metric m, unsigned series, uint64_t value)
{
	uint64_t *s = slot(m, series);
	if (s)
		__atomic_store_n(s, value, __ATOMIC_RELAXED);
}

uint64_t cli_stat_get(enum cli_metric m, unsigned series)
{
	const uint64_t *s = slot(m, series);
	return s ? __atomic_load_n(s, __ATOMIC_RELAXED) : 0;
}

void cli_stat_observe(enum cli_metric m, unsigned series, uint64_t us)
{
	uint64_t *s = slot(m, series);
	unsigned b = 0;
	if (!s)
		return;
	while (b < STAT_BUCKETS && us > cli_metric_bounds_us[b])
		b++;
	__atomic_fetch_add(&s[b], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s[STAT_BUCKETS + 1], us, __ATOMIC_RELAXED);
}

unsigned cli_stat_series2(enum cli_metric m, unsigned first, unsigned second)
{
	unsigned n = 0;
	while (cli_metrics[m].label[1].values[n])
		n++;
	return first * n + second;
}

struct cli_stat_viewer *cli_stat_viewer_new(uint32_t id, const char *address)
{
	for (unsigned i = 0; stats.file && i < STAT_VIEWERS; i++) {
		struct cli_stat_viewer *v = &stats.file->viewer[i];
		if (v->id)
			continue;
		memset(v, 0, sizeof *v);
		snprintf(v->address, sizeof v->address, "%s", address);
		v->connected_us = unix_us();
		__atomic_store_n(&v->id, id, __ATOMIC_RELEASE);
		return v;
	}
	return NULL;
}

void cli_stat_viewer_free(struct cli_stat_viewer *v)
{
	if (v)
		__atomic_store_n(&v->id, 0, __ATOMIC_RELEASE);
}
