/* The connection to a VNC server, from connecting to ServerInit and on: bytes in, bytes out. */
#ifndef RFBREC_LINK_H
#define RFBREC_LINK_H

#include "loop.h"
#include "net/stream.h"
#include "rfb/client.h"
#include "settings.h"
#include "wire/wire.h"

struct link {
	struct net_stream *stream;
	struct rfb_client *client;	/* until link_close; its info is valid once ready */
	struct wire_buf in, out;
	bool ready;
	bool refused;			/* by the server, or by us: trying again would not help */
	char why[256];
};

/* Connects and shakes hands. True: ready, bytes that follow are in `in`. False: why; or the loop was stopped. */
bool link_open(struct link *k, const struct settings *s, struct loop *l);
/* Waits until there is input or `deadline`, sending what is in `out` meanwhile; reads what came into `in`. False: the
 * connection is over (why). watch: a descriptor whose end is of interest (-1: none); *gone when it is broken. */
bool link_turn(struct link *k, struct loop *l, int64_t deadline, int watch, bool *gone);
void link_close(struct link *k);

#endif
