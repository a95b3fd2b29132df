/* WebSocket as a layer: wslay parses and makes the frames, this file holds them to what a byte
 * stream over WebSocket allows. Incoming payload is handed on as it comes; a message's end means nothing. */
#include "net/websocket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#include "net/layer.h"

enum {
	CONTROL_MAX = 125,		/* RFC 6455, 5.5 */
	PIECE = 64 << 10,		/* most payload that goes into one outgoing frame */
	HELD_MAX = 128 << 10,		/* outgoing bytes held here: with more, nothing further is taken */
	GOING_AWAY = 1001, PROTOCOL_ERROR = 1002, UNSUPPORTED = 1003, TOO_BIG = 1009, NORMAL = 1000,
};

struct websocket {
	struct net_stream s;		/* first */
	wslay_frame_context_ptr frames;
	bool client;
	struct wire_buf out;		/* frames on their way down */
	size_t out_at;
	/* what is being received */
	const uint8_t *data;		/* payload at hand, in wslay's buffer until its next call */
	size_t data_len;
	uint64_t frame_got;		/* bytes of the frame that came so far */
	bool in_frame, in_message;
	uint8_t control[CONTROL_MAX];
	size_t control_len;
	bool drained;			/* the layer below has nothing more at the moment */
	bool ended, shut;		/* a close came; one was sent */
};

static struct websocket *of(const struct net_stream *s)
{
	return (struct websocket *)(uintptr_t)s;
}

/* --- wslay's callbacks ------------------------------------------------------------------------ */

static ssize_t on_recv(uint8_t *buf, size_t n, int flags, void *arg)
{
	struct websocket *w = arg;
	const ssize_t got = net_stream_read(w->s.below, buf, n);

	(void)flags;
	w->drained = got < 0;
	if (got == 0)
		errno = ECONNRESET;	/* wslay knows no end of file */
	return got > 0 ? got : -1;
}

static ssize_t on_send(const uint8_t *buf, size_t n, int flags, void *arg)
{
	struct websocket *w = arg;

	(void)flags;
	wire_put(&w->out, buf, n);
	return w->out.bad ? -1 : (ssize_t)n;
}

static int on_mask(uint8_t *buf, size_t n, void *arg)
{
	(void)arg;
	return getrandom(buf, n, 0) == (ssize_t)n ? 0 : -1;
}

/* --- sending ------------------------------------------------------------------------------------- */

static int put_frame(struct websocket *w, uint8_t opcode, const void *payload, size_t n)
{
	struct wslay_frame_iocb f = { .fin = 1, .opcode = opcode, .payload_length = n, .mask = w->client, .data = payload,
				      .data_length = n };

	return wslay_frame_send(w->frames, &f) == (ssize_t)n ? 0 : -1;
}

/* 1: everything went below; 0: not yet; -1. */
static int push(struct websocket *w)
{
	while (w->out_at < w->out.len) {
		const ssize_t n = net_stream_write(w->s.below, w->out.data + w->out_at, w->out.len - w->out_at);

		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		w->out_at += (size_t)n;
	}
	w->out_at = 0;
	wire_buf_reset(&w->out);
	return 1;
}

static ssize_t ws_writev(struct net_stream *s, const struct iovec *iov, int n)
{
	struct websocket *w = of(s);
	size_t taken = 0;

	if (w->shut || w->ended)
		return net_fail(s, EPIPE, "WebSocket: closed");
	for (int i = 0; i < n; i++)
		for (size_t at = 0, k; at < iov[i].iov_len; at += k, taken += k) {
			if (w->out.len - w->out_at >= HELD_MAX && push(w) < 0)
				return taken ? (ssize_t)taken : -1;
			if (w->out.len - w->out_at >= HELD_MAX)
				goto full;
			k = iov[i].iov_len - at < PIECE ? iov[i].iov_len - at : PIECE;
			if (put_frame(w, WSLAY_BINARY_FRAME, (const uint8_t *)iov[i].iov_base + at, k) < 0)
				return net_fail(s, ENOMEM, "WebSocket: out of memory");
		}
full:
	if (push(w) < 0 && !taken)
		return -1;
	if (!taken) {
		errno = EAGAIN;
		return -1;
	}
	return (ssize_t)taken;
}

static int ws_flush(struct net_stream *s)
{
	return push(of(s));
}

static size_t ws_held(const struct net_stream *s)
{
	return of(s)->out.len - of(s)->out_at;
}

void net_websocket_shut(struct net_stream *s, unsigned status, const char *reason)
{
	struct websocket *w = of(s);
	uint8_t payload[CONTROL_MAX] = { (uint8_t)(status >> 8), (uint8_t)status };
	size_t n = strlen(reason);

	if (w->shut)
		return;
	if (n > sizeof payload - 2)
		n = sizeof payload - 2;
	memcpy(payload + 2, reason, n);
	put_frame(w, WSLAY_CONNECTION_CLOSE, payload, n + 2);
	w->shut = true;
	push(w);
}

void net_websocket_ping(struct net_stream *s)
{
	struct websocket *w = of(s);

	if (!w->shut && w->out.len - w->out_at < HELD_MAX) {
		put_frame(w, WSLAY_PING, NULL, 0);
		push(w);
	}
}

/* --- receiving -------------------------------------------------------------------------------------- */

/* Ends the connection: the peer broke a rule. */
static ssize_t refuse(struct websocket *w, unsigned status, const char *why)
{
	net_websocket_shut(&w->s, status, why);
	w->ended = true;
	return net_fail(&w->s, EPROTO, "WebSocket: %s", why);
}

/* Rules for a frame whose first part has come. 0, or the status to close with and *why. */
static unsigned check_frame(const struct websocket *w, const struct wslay_frame_iocb *f, const char **why)
{
	const bool control = wslay_is_ctrl_frame(f->opcode);

	*why = w->client ? "a masked frame from a server" : "an unmasked frame from a client";
	if (f->mask == w->client)
		return PROTOCOL_ERROR;
	*why = "reserved bits";
	if (f->rsv != WSLAY_RSV_NONE)
		return PROTOCOL_ERROR;
	*why = "a text frame: only binary ones carry RFB";
	if (f->opcode == WSLAY_TEXT_FRAME)
		return UNSUPPORTED;
	*why = "an unknown kind of frame";
	if (f->opcode > WSLAY_PONG || (f->opcode > WSLAY_BINARY_FRAME && !control))
		return PROTOCOL_ERROR;
	*why = "a frame that is too large";
	if (f->payload_length > NET_WS_FRAME_MAX)
		return TOO_BIG;
	*why = "a control frame in parts";
	if (control && (!f->fin || f->payload_length > CONTROL_MAX))
		return PROTOCOL_ERROR;
	*why = "a continuation of nothing, or a message within a message";
	if (!control && (f->opcode == WSLAY_CONTINUATION_FRAME) != w->in_message)
		return PROTOCOL_ERROR;
	return 0;
}

static void act_on_control(struct websocket *w, uint8_t opcode)
{
	if (opcode == WSLAY_PING && !w->shut && w->out.len - w->out_at < HELD_MAX)
		put_frame(w, WSLAY_PONG, w->control, w->control_len);
	if (opcode == WSLAY_CONNECTION_CLOSE) {
		const unsigned status = w->control_len >= 2 ? (unsigned)(w->control[0] << 8 | w->control[1]) : NORMAL;

		net_websocket_shut(&w->s, status, "");
		w->ended = true;
	}
	push(w);
	w->control_len = 0;
}

/* Takes one part of a frame from wslay. 1 something came, 0 at the end, -1 and errno. */
static int receive(struct websocket *w)
{
	struct wslay_frame_iocb f;
	const char *why;

	memset(&f, 0, sizeof f);
	errno = 0;
	const ssize_t n = wslay_frame_recv(w->frames, &f);
	if (n == WSLAY_ERR_WANT_READ && (errno == EAGAIN || errno == 0)) {
		errno = EAGAIN;
		return -1;
	}
	if (n == WSLAY_ERR_PROTO)
		return (int)refuse(w, PROTOCOL_ERROR, "a malformed frame");
	if (n < 0)
		return errno == ECONNRESET ? 0 : -1;
	if (!w->in_frame) {
		const unsigned status = check_frame(w, &f, &why);

		if (status)
			return (int)refuse(w, status, why);
		w->in_frame = true;
		w->frame_got = 0;
	}
	const bool control = wslay_is_ctrl_frame(f.opcode);
	if (control && f.data_length) {
		memcpy(w->control + w->control_len, f.data, f.data_length);
		w->control_len += f.data_length;
	} else if (!control) {
		w->data = f.data;
		w->data_len = f.data_length;
	}
	w->frame_got += f.data_length;
	if (w->frame_got == f.payload_length) {
		w->in_frame = false;
		if (control)
			act_on_control(w, f.opcode);
		else
			w->in_message = !f.fin;
	}
	return 1;
}

static ssize_t ws_read(struct net_stream *s, void *buf, size_t n)
{
	struct websocket *w = of(s);

	while (!w->data_len) {
		if (w->ended) {
			errno = EPROTO;
			return s->error[0] ? -1 : 0;
		}
		const int got = receive(w);
		if (got <= 0)
			return got;
	}
	if (n > w->data_len)
		n = w->data_len;
	memcpy(buf, w->data, n);
	w->data += n;
	w->data_len -= n;
	return (ssize_t)n;
}

static bool ws_pending(const struct net_stream *s)
{
	return of(s)->data_len || !of(s)->drained;
}

/* --- beginning and end ------------------------------------------------------------------------------- */

static void ws_close(struct net_stream *s)
{
	struct websocket *w = of(s);

	net_websocket_shut(s, GOING_AWAY, "");
	wslay_frame_context_free(w->frames);
	wire_buf_fini(&w->out);
}

static const struct net_ops ws_ops = {
	.name = "ws", .read = ws_read, .writev = ws_writev, .flush = ws_flush, .pending = ws_pending, .held = ws_held,
	.close = ws_close,
};

static struct net_stream *websocket(struct net_stream *below, bool client)
{
	const struct wslay_frame_callbacks callbacks = { on_send, on_recv, on_mask };
	struct websocket *w = calloc(1, sizeof *w);

	if (!w || wslay_frame_context_init(&w->frames, &callbacks, w) != 0) {
		free(w);
		return NULL;
	}
	w->s.ops = &ws_ops;
	w->s.below = below;
	w->s.unread.max = 64 << 10;
	w->client = client;
	return &w->s;
}

struct net_stream *net_websocket_server(struct net_stream *below) { return websocket(below, false); }
struct net_stream *net_websocket_client(struct net_stream *below) { return websocket(below, true); }
