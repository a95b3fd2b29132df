/* /metrics, /healthz and /readyz over HTTP, by libmicrohttpd. */
#ifndef RFBSTAT_HTTP_H
#define RFBSTAT_HTTP_H

/* Listens on "[ADDR:]PORT" and serves what stands under the directory fd until SIGTERM or
 * SIGINT; calls `ready` once it answers. Returns the exit code. */
int http_listen_and_serve(const char *address, int dir, void (*ready)(void));

#endif
