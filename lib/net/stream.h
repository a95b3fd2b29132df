/* A connection's bytes, whatever carries them: plain socket, TLS, WebSocket, RSA-AES, one on top of
 * another. All non-blocking; the event loop is the caller's.
 *
 * A layer takes over the stream below it and owns it. Bytes that were read before the layer was put on go back
 * with net_stream_unread first. */
#ifndef RFBKIT_NET_STREAM_H
#define RFBKIT_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct net_stream;

/* A plain socket, which the stream then owns. NULL: no memory (fd stays the caller's). */
struct net_stream *net_stream_plain(int fd);
/* Two descriptors (--inetd's stdin and stdout). */
struct net_stream *net_stream_pair(int in, int out);

/* Up to n (> 0) bytes. Returns them; 0 at the end; -1 and errno (EAGAIN: wait for net_stream_events). */
ssize_t net_stream_read(struct net_stream *s, void *buf, size_t n);
/* Takes as much as it can. Returns the bytes taken (the caller drops exactly these); -1 and errno (EAGAIN). Taken bytes
 * may wait inside the layers: net_stream_flush. Never raises SIGPIPE on sockets. */
ssize_t net_stream_writev(struct net_stream *s, const struct iovec *iov, int n);
ssize_t net_stream_write(struct net_stream *s, const void *buf, size_t n);
/* Pushes what the layers hold. 1: nothing is left; 0: wait for POLLOUT; -1 and errno. */
int net_stream_flush(struct net_stream *s);
/* True when a read would give something without the socket becoming readable: poll must not be waited for. */
bool net_stream_pending(const struct net_stream *s);
/* Poll events (POLLIN, POLLOUT) to wait for when the caller wants to read and/or write; includes what layers need
 * for themselves (a TLS handshake, held output). */
short net_stream_events(const struct net_stream *s, bool read, bool write);
/* Puts bytes back, to be read first. 0; -1 ENOMEM, EMSGSIZE (more than 64 KiB). */
int net_stream_unread(struct net_stream *s, const void *bytes, size_t n);
/* Bytes the layers hold that are not yet handed to the kernel. */
size_t net_stream_held(const struct net_stream *s);
int net_stream_fd(const struct net_stream *s);		/* of the socket below (input) */
/* One line about the last failure: "TLS: no shared cipher"; never NULL. */
const char *net_stream_error(const struct net_stream *s);
/* "tcp", "tls", "ws", "wss", "unix": for logs and metrics. */
const char *net_stream_transport(const struct net_stream *s);
/* True when nothing lies on the socket: no TLS, no WebSocket. */
bool net_stream_is_plain(const struct net_stream *s);
/* True when everybody on the way sees only ciphertext (TLS, RSA-AES), or it is a Unix socket. */
bool net_stream_private(const struct net_stream *s);
/* Says goodbye as far as that works without waiting (TLS close-notify, WebSocket close), closes, frees. */
void net_stream_close(struct net_stream *s);

#endif
