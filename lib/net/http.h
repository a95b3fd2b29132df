/* HTTP/1.1 requests, as much of them as a WebSocket upgrade and a few static files need. Parsing only; strict where
 * leniency would let two parsers disagree (bare CR or LF, folded lines, two lengths, control characters). */
#ifndef RFBKIT_NET_HTTP_H
#define RFBKIT_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

#define NET_HTTP_MAX 8192u		/* bytes of request line and header together */
#define NET_HTTP_PATH_MAX 1024u

struct net_http_view { const char *at; size_t len; };	/* borrowed */

struct net_http {
	struct net_http_view method, target;	/* target as sent: path and query */
	char path[NET_HTTP_PATH_MAX];		/* percent-decoded, without the query; no "..", no NUL, begins with '/' */
	struct net_http_view host, origin, if_none_match, user_agent, cookie, authorization, forwarded_for;
	bool keep_alive;
	bool upgrade;				/* a well-formed WebSocket request (RFC 6455 4.2.1) */
	struct net_http_view ws_key, ws_protocols;
	int minor;				/* 0 or 1 */
};
/* Returns the bytes of the whole request (its head; a request with a body is refused); 0: more are needed; negative: minus
 * the HTTP status to answer with (-400, -405, -413, -414, -426, -431, -501, -505). */
long net_http_parse(struct net_http *out, const char *bytes, size_t n);
/* True when the comma-separated list holds the token, letter case ignored. */
bool net_http_has_token(struct net_http_view list, const char *token);
/* "Bad Request". */
const char *net_http_reason(int status);
/* A whole response without or with a small body: status line, Content-Length, Connection: close, security headers. */
void net_http_put_error(struct wire_buf *out, int status, const char *text);
/* 101 Switching Protocols for a request with upgrade; picks "binary" if listed. */
void net_http_put_upgrade(struct wire_buf *out, const struct net_http *request);
/* Origin check for WebSocket requests: no Origin header (not a browser), the request's own host, or one of `allowed`
 * ("https://example.org", "*"); n may be 0. */
bool net_http_origin_ok(const struct net_http *request, const char *const *allowed, unsigned n);

/* True when the Host header is "localhost" or a numeric address: a name could have been pointed at this machine by
 * whoever owns it (DNS rebinding), and its pages would then count as ours. */
bool net_http_host_is_number(const struct net_http *request);

#endif
