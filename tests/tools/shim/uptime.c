/* libuptime.so, for LD_PRELOAD into an X server: its clock, of 32 bits of milliseconds, begins anew $RFB_UPTIME_LEFT milliseconds after
 * the first look at it, as it does after 50 days. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
	static __typeof__(clock_gettime) *real;
	static int64_t ahead_ms = -1;
	int r;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, t);
	if (r < 0 || (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE))
		return r;
	if (ahead_ms < 0) {
		const int64_t now_ms = t->tv_sec * 1000 + t->tv_nsec / 1000000;
		const char *left = getenv("RFB_UPTIME_LEFT");

		ahead_ms = ((now_ms >> 32) + 1) * ((int64_t)1 << 32) - now_ms - (left ? atoll(left) : 0);
	}
	t->tv_nsec += ahead_ms % 1000 * 1000000;
	t->tv_sec += ahead_ms / 1000 + t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
	return r;
}
