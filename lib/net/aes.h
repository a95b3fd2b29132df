/* The RSA-AES record layer (rfbproto "RSA-AES Security Type") as a stream layer. */
#ifndef RFBKIT_NET_AES_H
#define RFBKIT_NET_AES_H

#include "auth/server.h"
#include "net/stream.h"

/* Puts the record layer on a stream; the keys are copied. NULL: no memory; below stays the caller's. */
struct net_stream *net_aes_stream(const struct auth_aes_keys *keys, struct net_stream *below);

#endif
