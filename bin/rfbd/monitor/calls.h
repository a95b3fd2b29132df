/* Viewers that we call: those that listen (--connect), and those that come by way of an UltraVNC repeater, which pairs
 * a server and a viewer that give it the same ID (its mode II). */
#ifndef RFBD_CALLS_H
#define RFBD_CALLS_H

#include <stdint.h>

#include "children.h"
#include "config.h"

struct monitor;

struct caller {
	struct child child;
	struct monitor *m;
	unsigned i;		/* its place in the config's calls */
};

struct calls {
	struct caller caller[CONFIG_CALLS_MAX];
};

/* Dies of what cannot be: whoever knows a repeater's ID is a stranger, who has to prove something. */
void calls_check(const struct monitor *m);
/* Calls all of them. */
void calls_begin(struct monitor *m);
/* A connection to a repeater is over: the next viewer needs another. */
void calls_again(struct monitor *m, uint32_t i);
void calls_end(struct monitor *m);

#endif
