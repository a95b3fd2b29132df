/* RSA-AES records as a stream layer: whole records are opened as they arrive, and one is sealed at a time, when the last
 * one has left. */
#include "net/aes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "auth/eax.h"
#include "auth/random.h"
#include "net/layer.h"

enum { CHUNK = 16384, BUFFER_MAX = AUTH_RECORD_READ_MAX + AUTH_RECORD_EXTRA + CHUNK };

struct aes_stream {
	struct net_stream s;
	struct auth_eax *seal, *open;
	struct wire_buf in;		/* records; opened in place */
	size_t in_at;			/* the next sealed one */
	size_t plain_at, plain_end;	/* of the one that is open, not yet read */
	uint8_t out[AUTH_RECORD_MAX + AUTH_RECORD_EXTRA];
	size_t out_len, out_at;
};

static struct aes_stream *of(struct net_stream *s)
{
	return (struct aes_stream *)s;
}

static size_t aes_held(const struct net_stream *s)
{
	const struct aes_stream *a = (const struct aes_stream *)s;

	return a->out_len - a->out_at;
}

static int aes_flush(struct net_stream *s)
{
	struct aes_stream *a = of(s);

	while (a->out_at < a->out_len) {
		ssize_t put = net_stream_write(s->below, a->out + a->out_at, a->out_len - a->out_at);

		if (put < 0)
			return errno == EAGAIN ? 0 : -1;
		a->out_at += (size_t)put;
	}
	a->out_at = a->out_len = 0;
	return 1;
}

static size_t sealed_left(const struct aes_stream *a)
{
	return a->in.len - a->in_at;
}

/* Opens a record if a whole one is there. 1, 0, or -1 and errno. */
static int open_record(struct aes_stream *a)
{
	uint8_t *record = sealed_left(a) >= 2 ? a->in.data + a->in_at : NULL;
	size_t len;
	long used = record ? auth_eax_open(a->open, record + 2, &len, record, sealed_left(a)) : 0;

	if (used < 0)
		return net_fail(&a->s, EPROTO, "RSA-AES: forged or damaged record");
	if (used == 0)
		return 0;
	a->plain_at = a->in_at + 2;
	a->plain_end = a->plain_at + len;
	a->in_at += (size_t)used;
	return 1;
}

/* Reads more of the record that is not whole. As read. */
static ssize_t fill(struct aes_stream *a)
{
	uint8_t *room;
	ssize_t got;

	wire_buf_drop(&a->in, a->in_at);
	a->in_at = a->plain_at = a->plain_end = 0;
	room = wire_buf_room(&a->in, CHUNK);
	if (!room)
		return net_fail(&a->s, ENOMEM, "RSA-AES: out of memory");
	got = net_stream_read(a->s.below, room, CHUNK);
	if (got > 0)
		a->in.len += (size_t)got;
	return got;
}

static ssize_t aes_read(struct net_stream *s, void *buf, size_t n)
{
	struct aes_stream *a = of(s);

	while (a->plain_at == a->plain_end) {
		int opened = s->error[0] ? net_fail(s, EPROTO, "RSA-AES") : open_record(a);
		ssize_t got;

		if (opened < 0)
			return -1;
		if (opened > 0)
			continue;
		got = fill(a);
		if (got <= 0)
			return got;
	}
	if (n > a->plain_end - a->plain_at)
		n = a->plain_end - a->plain_at;
	memcpy(buf, a->in.data + a->plain_at, n);
	a->plain_at += n;
	return (ssize_t)n;
}

static ssize_t aes_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	struct aes_stream *a = of(s);
	uint8_t record[AUTH_RECORD_MAX];
	size_t taken = 0, len;

	for (;;) {
		int flushed = aes_flush(s);

		if (flushed < 0 && !taken)
			return -1;
		if (flushed <= 0)
			break;
		len = net_gather(record, sizeof record, iov, n, taken);
		if (len == 0)
			return (ssize_t)taken;
		if (auth_eax_seal(a->seal, a->out, record, len))
			return net_fail(s, EIO, "RSA-AES: encryption failed");
		a->out_len = len + AUTH_RECORD_EXTRA;
		taken += len;
	}
	if (taken)
		return (ssize_t)taken;
	errno = EAGAIN;
	return -1;
}

/* Decoded bytes, or a whole record that is still sealed. */
static bool aes_pending(const struct net_stream *s)
{
	const struct aes_stream *a = (const struct aes_stream *)s;
	size_t left = sealed_left(a);

	return a->plain_at < a->plain_end || (left >= 2 && left >= wire_ld16be(a->in.data + a->in_at) + (size_t)AUTH_RECORD_EXTRA);
}

static void aes_close(struct net_stream *s)
{
	struct aes_stream *a = of(s);

	aes_flush(s);
	auth_eax_free(a->seal);
	auth_eax_free(a->open);
	if (a->in.data)
		auth_wipe(a->in.data, a->in.cap);
	wire_buf_fini(&a->in);
}

static const struct net_ops aes_ops = {
	.name = "aes", .read = aes_read, .writev = aes_writev, .flush = aes_flush, .pending = aes_pending, .held = aes_held,
	.close = aes_close,
};

struct net_stream *net_aes_stream(const struct auth_aes_keys *keys, struct net_stream *below)
{
	struct aes_stream *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->seal = auth_eax_new(keys->send_key, keys->key_len, keys->send_count);
	a->open = auth_eax_new(keys->recv_key, keys->key_len, keys->recv_count);
	if (!a->seal || !a->open) {
		auth_eax_free(a->seal);
		auth_eax_free(a->open);
		free(a);
		return NULL;
	}
	a->in.max = BUFFER_MAX;
	a->s = (struct net_stream){ .ops = &aes_ops, .below = below, .in = -1, .out = -1, .secret = true, .unread.max = 65536 };
	return &a->s;
}
