/* Changing what carries a connection in the middle of its handshake: TLS, the RSA-AES record layer. */
#ifndef RFBD_UPGRADE_H
#define RFBD_UPGRADE_H

#include "rfb/server.h"

struct viewer;

/* The handshake asked for it (RFB_SERVER_TLS or RFB_SERVER_AES): happens once everything queued has been sent. */
void upgrade_ask(struct viewer *v, enum rfb_server_event what);
/* Everything queued has been sent: does what was asked for, and goes on with the handshake. */
void upgrade_now(struct viewer *v);

#endif
