/* A bucket of lines for each kind of event: a burst is written whole, a flood in part, and
 * how much was left out is told. Kinds are our own words, so there are few. */
#include "cli/loglimit.h"

#include <pthread.h>
#include <string.h>

static struct bucket {
	const char *event;
	int64_t since_us;	/* lines are given back for the time since */
	unsigned used, left_out;
} buckets[LOGLIMIT_EVENTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The event's bucket; the last one is shared by what has none of its own. */
static struct bucket *bucket_of(const char *event)
{
	struct bucket *b = buckets;

	while (b < buckets + LOGLIMIT_EVENTS - 1 && b->event && strcmp(b->event, event) != 0)
		b++;
	if (!b->event)
		b->event = event;
	return b;
}

static bool take(struct bucket *b, int64_t now_us, unsigned *left_out)
{
	const int64_t each_us = 1000000 / LOGLIMIT_PER_SECOND, back = (now_us - b->since_us) / each_us;

	if (!b->used || back < 0 || back >= b->used) {
		b->used = 0;
		b->since_us = now_us;
	} else {
		b->used -= (unsigned)back;
		b->since_us += back * each_us;
	}
	if (b->used >= LOGLIMIT_BURST) {
		b->left_out++;
		return false;
	}
	b->used++;
	*left_out = b->left_out;
	b->left_out = 0;
	return true;
}

bool cli_loglimit(const char *event, int64_t now_us, unsigned *left_out)
{
	*left_out = 0;
	pthread_mutex_lock(&lock);
	const bool may = take(bucket_of(event), now_us, left_out);
	pthread_mutex_unlock(&lock);
	return may;
}
