/* The two clocks in microseconds: one that only moves forward, one that people read. */
#include "io/io.h"

#include <time.h>

static int64_t microseconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t io_now(void)
{
	return microseconds(CLOCK_MONOTONIC);
}

int64_t io_wallclock(void)
{
	return microseconds(CLOCK_REALTIME);
}
