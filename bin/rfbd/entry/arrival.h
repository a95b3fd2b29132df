/* A connection that has not shown yet what it speaks: RFB, HTTP, a WebSocket, any of them inside
 * TLS. Plain RFB viewers wait for the server, the others speak at once: an ordinary port waits for
 * that only for a moment, the web port (-W) until the handshake's deadline. */
#ifndef RFBD_ARRIVAL_H
#define RFBD_ARRIVAL_H

#include <stdint.h>

#include "net/stream.h"

struct worker;

#define SESSION_MAX 64	/* a browser session's name, as its two connections give it, with the NUL */

/* Takes over fd, a connection from the monitor. */
void arrival_open(struct worker *w, int fd, uint32_t peer, const char *address);
/* Closes all that are still arriving. */
void arrivals_close(struct worker *w);

#endif
