/* A mean over about the last third of a second of waiting. Kernels ask for more in lumps, of 32 kB as a rule; so what is left is reckoned from
 * the last lump on, not from now. */
#include "drain.h"

static const double memory_us = 300000, sooner = 7.0 / 8;	/* a link may become faster */
enum {
	LONG_US = 50000,		/* shorter waits may be a pause of the viewer's */
	LATELY_US = 8000000,
};

void drain_note(struct drain *d, size_t taken, size_t left, int64_t now)
{
	if (taken > 0 && d->since_us) {
		const double us = (double)(now - d->since_us), keep = memory_us / (memory_us + us);
		d->bytes = d->bytes * keep + (double)taken;
		d->us = d->us * keep + us;
		if (now - d->begun_us >= LONG_US) {
			d->slow = d->bytes / d->us;
			d->slow_us = now;
		}
	}
	if (left > 0 && !d->since_us)
		d->begun_us = now;
	if (left == 0)
		d->since_us = 0;
	else if (taken > 0 || !d->since_us)
		d->since_us = now;
}

int64_t drain_due(const struct drain *d, size_t left, int64_t now)
{
	if (!d->since_us || d->bytes <= 0)
		return now;
	const double us = (double)left * d->us / d->bytes * sooner;
	return us < 60e6 ? d->since_us + (int64_t)us : d->since_us + 60000000;
}

uint64_t drain_carries(const struct drain *d, int64_t us, int64_t now)
{
	return d->slow_us && now - d->slow_us < LATELY_US ? (uint64_t)(d->slow * (double)us) : 0;
}
