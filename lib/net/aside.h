/* Threads beside an event loop for what takes milliseconds: a public-key operation must not hold up anybody's picture. A
 * job is done by one thread, in the order of asking; its owner does not touch what the job uses until it is over. */
#ifndef RFBKIT_NET_ASIDE_H
#define RFBKIT_NET_ASIDE_H

#include <stdbool.h>

struct net_aside;

/* Belongs to whoever submits it, and stays in place until `over` was called. */
struct net_job {
	void (*run)(struct net_job *j);		/* in a thread */
	void (*over)(struct net_job *j);	/* by net_aside_collect, in the loop; the job may be freed there */
	struct net_job *next;
};

/* `threads` of them, at a lower priority than the loop. wake(arg) is called from a thread when a job is over and none waited to
 * be collected. NULL: no memory, no threads. */
struct net_aside *net_aside_new(unsigned threads, void (*wake)(void *arg), void *arg);
/* Waits for the jobs that run, drops those that wait, calls `over` for all. */
void net_aside_free(struct net_aside *a);
void net_aside_submit(struct net_aside *a, struct net_job *j);
/* Takes back a job that no thread has begun. False: it runs or has run, and `over` will be called. */
bool net_aside_cancel(struct net_aside *a, struct net_job *j);
/* Calls `over` for the jobs that are. */
void net_aside_collect(struct net_aside *a);

#endif
