/* The process that may open, connect, run and look up, and that parses no byte of a viewer. */
#ifndef RFBD_MONITOR_H
#define RFBD_MONITOR_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

#include "calls.h"
#include "children.h"
#include "config.h"
#include "fbs/fbs.h"
#include "listening.h"

struct net_peer;
struct question;

struct monitor {
	const struct config *config;
	struct listening listeners[LISTENERS_MAX];
	unsigned n_listeners;
	int worker_fd;
	pid_t worker_pid;
	int worker_status;
	bool stopping, accepting;
	int failed;			/* -e's source was given up: the exit code; 0 */
	ev_io worker_io;
	ev_child worker_child;
	ev_signal term, intr, hup;
	ev_timer patience, retry_accept;
	double may_accept;		/* a bucket of accepts */
	int64_t counted_us;		/* when it was filled, io_now's clock */
	struct child input, source;
	struct calls calls;
	struct question *questions;	/* --accept's commands that run (consent.c) */
	char display[FBS_TEXT_MAX + 1];	/* that the input consumer serves */
	bool authenticates;		/* a stranger has to prove something */
};

/* Opens everything, starts the worker, serves it until it ends. Returns the exit code. */
int monitor_run(const struct config *c);
/* Ends in order: the worker says goodbye to its viewers. */
void monitor_stop(struct monitor *m);

/* Reads secrets and rules again; what is no good changes nothing, and is false. */
bool monitor_reload(struct monitor *m);

/* --- callers.c: connections that no listener takes -------------------------------------- */

/* MSG_PEER_* for the other end of a connection, with `more`. */
uint32_t monitor_peer_flags(const struct net_peer *peer, uint32_t more);
/* --inetd: whoever called is on stdin. */
void monitor_pass_stdin(struct monitor *m);
/* Hands a viewer's connection to the worker; MSG_PEER_* beyond what can be looked up in `more`. Dies if it cannot. */
void monitor_send_viewer(struct monitor *m, int fd, uint32_t more);

/* --- programs.c ------------------------------------------------------------------------------- */

/* A child's start: the input consumer, -e's source. */
void monitor_start_input(struct child *c);
void monitor_start_source(struct child *c);

#endif
