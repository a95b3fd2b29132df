/* The connection to a VNC server, from connecting to ServerInit and on: bytes in, bytes out. */
#ifndef RFBREC_LINK_H
#define RFBREC_LINK_H

#include "auth/vncauth.h"
#include "loop.h"
#include "net/stream.h"
#include "net/tls.h"
#include "rfb/client.h"
#include "settings.h"
#include "wire/wire.h"

struct link {
	struct net_stream *stream;
	struct rfb_client *client;	/* until link_close; its info is valid once ready */
	struct wire_buf in, out;
	bool greeted, ready;
	bool refused;			/* by the server, or by us: trying again would not help */
	char why[256];
};

/* What a handshake may need of files; each is read before the program is locked in. */
struct link_means {
	struct auth_vnc_secrets vnc;
	struct net_tls *verified, *anonymous;
	char no_verified[200], no_anonymous[200];	/* why there is none */
};

/* Dies when the password file cannot be read. */
void link_prepare(struct link_means *m, const struct settings *s);
/* Connects and shakes hands. True: ready, bytes that follow are in `in`. False: why; or the loop was stopped. */
bool link_open(struct link *k, const struct settings *s, struct loop *l);
/* Waits until there is input or `deadline`, sending what is in `out` meanwhile; reads what came into `in`. False: the
 * connection is over (why). watch: a descriptor whose end is of interest (-1: none); *gone when it is broken. */
bool link_turn(struct link *k, struct loop *l, int64_t deadline, int watch, bool *gone);
void link_close(struct link *k);

#endif
