/* The process that owns the viewers: one event loop, one pool of encoding threads. After its start it
 * opens, connects and runs nothing: descriptors come from the monitor. */
#ifndef RFBD_WORKER_H
#define RFBD_WORKER_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/ratelimit.h"
#include "config.h"
#include "entry/habits.h"
#include "entry/newcomer.h"
#include "entry/secrets.h"
#include "input/clip.h"
#include "input/input.h"
#include "media.h"
#include "net/aside.h"
#include "rules.h"
#include "screen/scaler.h"
#include "screen/screen.h"
#include "screen/source.h"
#include "units/pool.h"
#include "units/unit.h"
#include "video/video.h"

struct arrival;
struct console;
struct control;
struct viewer;
struct webfiles;

struct worker {
	const struct config *config;
	struct ev_loop *loop;
	int monitor_fd;
	struct screen screen;		/* as viewers see it */
	struct scaler scaler;		/* makes it of the stream's */
	uint32_t epoch;			/* grows with every resize */
	uint32_t paint_serial;		/* grows whenever the cursor looks or lies otherwise */
	struct unit_cache cache;
	struct pool *pool;
	struct net_aside *aside;	/* public-key operations of those who come in */
	struct video video;
	struct source source;
	struct input input;
	struct clip clip;
	struct newcomer newcomers[NEWCOMERS_MAX];
	struct secrets secrets;
	struct rules rules, next_rules;	/* in force; being handed over by the monitor */
	struct auth_ratelimit *ratelimit;

	struct webfiles *web;		/* NULL: no page is served, no port takes HTTP */
	struct arrival *arrivals;	/* connections that have not shown what they speak */
	unsigned n_arrivals;
	struct habits habits;
	struct control *controls;
	struct console *consoles;
	struct media media;

	struct viewer *viewers, *viewers_end;	/* oldest first */
	unsigned n_viewers, n_handshakes;
	unsigned n_checks;		/* that the monitor has been asked for (entry/checks.c) */
	uint32_t last_viewer_id;
	bool any_doomed, interest_stale;
	bool had_viewer;		/* one came in: --once */

	bool ending;			/* no source will come any more: viewers get what is pending */
	int exit_code;
	ev_io monitor_io;
	ev_async pool_wake, aside_wake;
	ev_prepare tidy;
	ev_timer end_deadline;
	ev_timer interest;		/* when the next request is expected */
};

/* --- worker.c ------------------------------------------------------------------------ */

/* Runs until the monitor says stop, or the stream has ended and was delivered. Returns the exit code. */
int worker_run(const struct config *c, int monitor_fd);
/* The desktop's name as viewers are told. */
const char *worker_name(const struct worker *w);

/* --- setup.c ------------------------------------------------------------------------- */

/* Reads what is needed from outside, drops root, locks the process in. */
void worker_set_up(struct worker *w);

/* --- orders.c ------------------------------------------------------------------------ */

/* The monitor's messages came. */
void worker_on_monitor(struct ev_loop *loop, ev_io *io, int events);

/* --- commit.c ------------------------------------------------------------------------ */

/* The source completed a frame: shows it to the viewers. False: not now, encoders are still reading the
 * last one; source_resume is called when they are done. */
bool worker_commit(struct worker *w, bool compare);
/* For the pool, from its threads: units are finished. The loop's side of it. */
void worker_wake(void *worker);
void worker_on_pool(struct ev_loop *loop, ev_async *a, int events);

/* --- interest.c ---------------------------------------------------------------------- */

/* Sends every viewer the update that is due to it. */
void worker_consider_all(struct worker *w);
/* Viewers came, went, or asked: reads the source if somebody wants a frame. */
void worker_update_interest(struct worker *w);
void worker_on_interest(struct ev_loop *loop, ev_timer *t, int events);

/* --- ending.c ------------------------------------------------------------------------ */

/* The stream is over and no other will come: delivers what is pending, then ends with `code`. */
void worker_end(struct worker *w, int code);
/* The source is gone, another may come: viewers stay. */
void worker_source_lost(struct worker *w);
/* Ends now; viewers are told why. */
void worker_stop(struct worker *w, const char *why);
/* At the end of each turn of the loop: closes what is doomed; ends when everything is delivered. */
void worker_on_tidy(struct ev_loop *loop, ev_prepare *p, int events);
void worker_on_deadline(struct ev_loop *loop, ev_timer *t, int events);

#endif
