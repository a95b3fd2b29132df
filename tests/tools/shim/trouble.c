/* libtrouble.so, for LD_PRELOAD: a machine's troubles at a test's command. The file $RFB_TROUBLE holds them, as long as the
 * process lives: eight bytes, by how many seconds the wall clock is set wrong (signed), and eight, nonzero while the disk is full. Only
 * CLOCK_REALTIME is ever set; a full disk fails writes to regular files with ENOSPC. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct trouble { int64_t seconds, full; };

static volatile struct trouble *trouble;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("RFB_TROUBLE");
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (at != MAP_FAILED)
		trouble = at;
}

static int64_t wrong_by(void)
{
	return trouble ? trouble->seconds : 0;
}

/* The real function behind one of ours. */
#define REAL(name) static __typeof__(name) *real; if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

/* --- the clock ------------------------------------------------------------------------------------------ */

int clock_gettime(clockid_t id, struct timespec *t)
{
	REAL(clock_gettime);
	const int r = real(id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += wrong_by();
	return r;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	REAL(gettimeofday);
	const int r = real(t, zone);

	if (r == 0)
		t->tv_sec += wrong_by();
	return r;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

/* --- the disk ------------------------------------------------------------------------------------------------ */

static int is_full(int fd)
{
	struct stat st;

	if (!trouble || !trouble->full || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	errno = ENOSPC;
	return 1;
}

ssize_t write(int fd, const void *p, size_t n)
{
	REAL(write);
	return is_full(fd) ? -1 : real(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	REAL(pwrite);
	return is_full(fd) ? -1 : real(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	REAL(pwrite64);
	return is_full(fd) ? -1 : real(fd, p, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	REAL(writev);
	return is_full(fd) ? -1 : real(fd, v, n);
}
