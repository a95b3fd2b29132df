/* The monitor's listening sockets. */
#ifndef RFBD_LISTENING_H
#define RFBD_LISTENING_H

#include <ev.h>
#include <stdbool.h>

#include "net/listen.h"

#define LISTENERS_MAX 64u

struct config;
struct monitor;

struct listening {
	struct monitor *m;
	struct net_listener l;
	enum purpose { FOR_VIEWERS, FOR_BROWSERS, FOR_SOURCES, FOR_CONSOLES } purpose;
	ev_io io;
};

/* Opens and adopts what the command line asks for; dies of what cannot be. Nothing is accepted yet. */
void listening_open(struct monitor *m);
/* Once the worker is ready: accepts, and says so to whoever waits for it. */
void listening_begin(struct monitor *m);
void listening_accept(struct monitor *m, bool on);
/* In the worker's process: the monitor keeps its copies. */
void listening_forget(struct monitor *m);
void listening_close(struct monitor *m);

#endif
