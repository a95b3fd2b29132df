/* WebSocket (RFC 6455, by wslay) as a stream layer: binary frames either way are the bytes. Text frames, unmasked
 * frames from clients, and messages beyond the limit end the connection with the right status. */
#ifndef RFBKIT_NET_WEBSOCKET_H
#define RFBKIT_NET_WEBSOCKET_H

#include "net/stream.h"

#define NET_WS_FRAME_MAX (1u << 20)	/* payload of one incoming frame */

/* Puts the server's side of WebSocket on a stream whose upgrade has been answered (net_http_put_upgrade). NULL: no memory; below
 * stays the caller's. */
struct net_stream *net_websocket_server(struct net_stream *below);
/* The client's side, after the 101 (tests, rfbrec): masks what it sends. */
struct net_stream *net_websocket_client(struct net_stream *below);
/* Closes with a status (1000 normal, 1001 going away, 1008 policy, …) and reason at the next flush. */
void net_websocket_shut(struct net_stream *s, unsigned status, const char *reason);
/* Sends a ping (keepalive); pongs are handled inside. */
void net_websocket_ping(struct net_stream *s);

#endif
