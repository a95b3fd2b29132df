/* One queue in, one list out, one lock. */
#include "net/aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { NICE = 5 };

struct net_aside {
	void (*wake)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct net_job *todo, **todo_end;	/* first submitted first */
	struct net_job *done;
	bool quit;
	unsigned n;
	pthread_t threads[];
};

/* The next job, or NULL at the end; called and returns with the lock held. */
static struct net_job *take(struct net_aside *a)
{
	while (!a->todo && !a->quit)
		pthread_cond_wait(&a->work, &a->lock);
	struct net_job *j = a->quit ? NULL : a->todo;
	if (j && !(a->todo = j->next))
		a->todo_end = &a->todo;
	return j;
}

static void *run(void *arg)
{
	struct net_aside *a = arg;
	struct net_job *j;
	setpriority(PRIO_PROCESS, 0, NICE);	/* of this thread */
	pthread_mutex_lock(&a->lock);
	while ((j = take(a))) {
		pthread_mutex_unlock(&a->lock);
		j->run(j);
		pthread_mutex_lock(&a->lock);
		const bool first = !a->done;
		j->next = a->done;
		a->done = j;
		if (first)
			a->wake(a->arg);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct net_aside *net_aside_new(unsigned threads, void (*wake)(void *arg), void *arg)
{
	struct net_aside *a = calloc(1, sizeof *a + threads * sizeof a->threads[0]);
	sigset_t all, old;
	if (!a)
		return NULL;
	a->wake = wake;
	a->arg = arg;
	a->todo_end = &a->todo;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are the event loop's */
	while (a->n < threads && pthread_create(&a->threads[a->n], NULL, run, a) == 0)
		a->n++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (a->n == 0) {
		net_aside_free(a);
		return NULL;
	}
	return a;
}

static void end_all(struct net_job *list)
{
	for (struct net_job *j = list, *next; j; j = next) {
		next = j->next;
		j->over(j);
	}
}

void net_aside_free(struct net_aside *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->quit = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->n; i++)
		pthread_join(a->threads[i], NULL);
	end_all(a->done);
	end_all(a->todo);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void net_aside_submit(struct net_aside *a, struct net_job *j)
{
	j->next = NULL;
	pthread_mutex_lock(&a->lock);
	*a->todo_end = j;
	a->todo_end = &j->next;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
}

bool net_aside_cancel(struct net_aside *a, struct net_job *j)
{
	pthread_mutex_lock(&a->lock);
	struct net_job **at = &a->todo;
	while (*at && *at != j)
		at = &(*at)->next;
	const bool found = *at;
	if (found && !(*at = j->next))
		a->todo_end = at;
	pthread_mutex_unlock(&a->lock);
	return found;
}

void net_aside_collect(struct net_aside *a)
{
	pthread_mutex_lock(&a->lock);
	struct net_job *list = a->done;
	a->done = NULL;
	pthread_mutex_unlock(&a->lock);
	end_all(list);
}
