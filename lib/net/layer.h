/* What a stream is made of. Private to lib/net. */
#ifndef RFBKIT_NET_LAYER_H
#define RFBKIT_NET_LAYER_H

#include "net/stream.h"
#include "wire/wire.h"

/* One layer's operations; `s->below` is the stream underneath (NULL for sockets). read and write as in stream.h. */
struct net_ops {
	const char *name;
	ssize_t (*read)(struct net_stream *s, void *buf, size_t n);
	ssize_t (*writev)(struct net_stream *s, const struct iovec *iov, int n);
	int (*flush)(struct net_stream *s);		/* this layer's own, into the one below */
	bool (*pending)(const struct net_stream *s);	/* decoded bytes at hand, this layer only */
	size_t (*held)(const struct net_stream *s);	/* bytes taken and not passed below */
	short (*needs)(const struct net_stream *s, bool reading, bool writing);	/* poll events in place of the plain ones */
	void (*close)(struct net_stream *s);		/* the layer's state; not the stream below */
};

/* Every layer's struct begins with this. */
struct net_stream {
	const struct net_ops *ops;
	struct net_stream *below;
	int in, out;			/* sockets only */
	bool secret;			/* ciphertext for everybody on the way */
	struct wire_buf unread;		/* bytes to be read first */
	size_t unread_at;
	char error[128];
};

/* Sets the error line (the first failure is the cause, and stays), and errno. Returns -1. */
int net_fail(struct net_stream *s, int error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Copies what follows the first `skip` bytes of the vectors, at most `room` bytes. Returns how many. */
size_t net_gather(uint8_t *to, size_t room, const struct iovec *iov, int n, size_t skip);

#endif
