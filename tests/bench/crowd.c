/* Many followers on one epoll. */
#include "crowd.h"

#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "wire/wire.h"

struct crowd {
	unsigned n, chosen;
	struct conn *conns;
	struct conn replayed;
	struct wire_buf tape;
	unsigned long *marks, *counts;
	_Atomic unsigned lost;
	_Atomic bool stop, mark;
	int epoll;
	pthread_t thread;
};

static void take_marks(struct crowd *c)
{
	for (unsigned i = 0; i < c->n; i++)
		c->marks[i] = c->conns[i].updates;
	c->mark = false;
}

static void *run(void *arg)
{
	struct crowd *c = arg;
	struct epoll_event ready[64];

	while (!c->stop) {
		int n = epoll_wait(c->epoll, ready, 64, 50);

		for (int i = 0; i < n; i++) {
			struct conn *one = ready[i].data.ptr;

			if (conn_read(one))
				continue;
			epoll_ctl(c->epoll, EPOLL_CTL_DEL, one->fd, NULL);
			c->lost++;
		}
		if (c->mark)
			take_marks(c);
	}
	return NULL;
}

struct crowd *crowd_start(const struct conn_options *o, unsigned n)
{
	struct crowd *c = calloc(1, sizeof *c);
	struct timespec now;

	if (!c || !(c->conns = calloc(n, sizeof *c->conns)) || !(c->marks = calloc(n, sizeof *c->marks)) ||
	    !(c->counts = calloc(n, sizeof *c->counts)) || (c->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		err(111, NULL);
	clock_gettime(CLOCK_REALTIME, &now);
	srand((unsigned)now.tv_nsec);
	c->n = n;
	c->chosen = (unsigned)rand() % n;
	for (unsigned i = 0; i < n; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &c->conns[i] };

		conn_open(&c->conns[i], o, false);
		if (i == c->chosen)
			c->conns[i].tape = &c->tape;
		epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->conns[i].fd, &e);
	}
	if (pthread_create(&c->thread, NULL, run, c))
		err(111, "no thread");
	return c;
}

void crowd_mark(struct crowd *c)
{
	c->mark = true;
	while (c->mark)
		usleep(1000);
}

static int by_size(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

const unsigned long *crowd_counts(struct crowd *c)
{
	for (unsigned i = 0; i < c->n; i++)
		c->counts[i] = c->conns[i].updates - c->marks[i];
	qsort(c->counts, c->n, sizeof *c->counts, by_size);
	return c->counts;
}

unsigned crowd_lost(struct crowd *c)
{
	return c->lost;
}

const struct conn *crowd_finish(struct crowd *c)
{
	c->stop = true;
	pthread_join(c->thread, NULL);
	conn_replay(&c->replayed, &c->conns[c->chosen]);
	for (unsigned i = 0; i < c->n; i++)
		conn_close(&c->conns[i]);
	return &c->replayed;
}
