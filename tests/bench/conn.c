/* The connection: handshake, requests, and the walk over what the server sends. */
#include "conn.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rfb/put.h"
#include "span.h"
#include "wire/wire.h"

enum { CHUNK = 1 << 18, BUFFER_MAX = 64 << 20 };

static void send_all(struct conn *c, struct wire_buf *b)
{
	for (size_t at = 0; c->fd >= 0 && at < b->len;) {
		ssize_t n = write(c->fd, b->data + at, b->len - at);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = c->fd, .events = POLLOUT }, 1, 1000);
		else if (n < 0)
			break;		/* the reader will notice */
		else
			at += (size_t)n;
	}
	wire_buf_fini(b);
}

static void request(struct conn *c, bool incremental)
{
	struct wire_buf b = { 0 };

	rfb_put_request(&b, incremental, 0, 0, c->frame.w, c->frame.h);
	send_all(c, &b);
}

/* --- the handshake ------------------------------------------------------------------------------- */

static void receive(struct conn *c, void *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(c->fd, (uint8_t *)to + at, n - at);

		if (got <= 0)
			errx(111, "the server hung up in the handshake");
		at += (size_t)got;
	}
}

static int dial(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *a;
	int fd, one = 1;

	if (getaddrinfo(host, port, &hints, &a))
		errx(111, "cannot resolve %s", host);
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen))
		err(111, "cannot connect to %s port %s", host, port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	freeaddrinfo(a);
	return fd;
}

static void shake_hands(struct conn *c)
{
	uint8_t b[24], *name;

	receive(c, b, 12);
	if (write(c->fd, "RFB 003.008\n", 12) != 12)
		err(111, "handshake");
	receive(c, b, 1);
	if (b[0] == 0)
		errx(111, "the server refuses");
	for (unsigned n = b[0], i = 0, seen = 0; i < n; i++) {
		receive(c, b, 1);
		seen |= b[0] == 1;
		if (i + 1 == n && !seen)
			errx(111, "the server wants a password");
	}
	if (write(c->fd, "\1", 1) != 1)
		err(111, "handshake");
	receive(c, b, 4);
	if (wire_ld32be(b) != 0 || write(c->fd, "\1", 1) != 1)
		errx(111, "the server refuses");
	receive(c, b, 24);
	c->frame.w = wire_ld16be(b);
	c->frame.h = wire_ld16be(b + 2);
	if (!(name = malloc(wire_ld32be(b + 20) + 1)))
		err(111, NULL);
	receive(c, name, wire_ld32be(b + 20));
	free(name);
}

static void choose(struct conn *c)
{
	int32_t list[16];
	uint16_t n = 0;
	struct wire_buf b = { 0 };

	list[n++] = c->o->encoding;
	if (c->o->encoding == CODEC_H264)
		list[n++] = CODEC_TIGHT;
	list[n++] = CODEC_COPYRECT;
	list[n++] = RFB_PSEUDO_LAST_RECT;
	if (!c->o->painted)
		list[n++] = RFB_PSEUDO_CURSOR;
	list[n++] = RFB_PSEUDO_DESKTOP_SIZE;
	if (c->o->quality >= 0)
		list[n++] = RFB_PSEUDO_QUALITY_0 + c->o->quality;
	if (c->o->continuous) {
		list[n++] = RFB_PSEUDO_FENCE;
		list[n++] = RFB_PSEUDO_CONTINUOUS;
	}
	rfb_put_set_format(&b, &c->parser.format);
	rfb_put_set_encodings(&b, list, n);
	send_all(c, &b);
}

static void set_up(struct conn *c)
{
	c->frame.stride = c->frame.w;
	c->video = h264dec_new();
	if (!(c->decoder = codec_decoder_new()) || !(c->frame.px = calloc((size_t)c->frame.w * c->frame.h, sizeof *c->frame.px)))
		err(111, NULL);
}

void conn_open(struct conn *c, const struct conn_options *o, bool decode)
{
	*c = (struct conn){ .o = o, .parser.format = o->format ? *o->format : pixel_format_native };
	c->fd = dial(o->host, o->port);
	shake_hands(c);
	if (decode)
		set_up(c);
	choose(c);
	request(c, false);
}

void conn_close(struct conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	codec_decoder_free(c->decoder);
	h264dec_free(c->video);
	free(c->frame.px);
	free(c->buf);
}

/* --- what the server sends ------------------------------------------------------------------------- */

static void answer_fence(struct conn *c, const struct rfb_msg_fence *f)
{
	struct wire_buf b = { 0 };

	if (!(f->flags & RFB_FENCE_REQUEST))
		return;
	rfb_put_client_fence(&b, f->flags & RFB_FENCE_KNOWN, f->payload, f->len);
	send_all(c, &b);
}

static void go_continuous(struct conn *c)
{
	struct wire_buf b = { 0 };

	if (!c->o->continuous || c->is_continuous)
		return;
	c->is_continuous = true;
	rfb_put_continuous(&b, true, 0, 0, c->frame.w, c->frame.h);
	send_all(c, &b);
}

/* Pixel data of the rectangle at hand: bytes consumed, 0 for more, negative for what is wrong. */
static long long take_pixels(struct conn *c, const struct rfb_rect *r, const uint8_t *bytes, size_t n)
{
	long long len;

	if (c->decoder && r->encoding == CODEC_H264)
		return h264dec_rect(c->video, &c->frame, r->x, r->y, r->w, r->h, bytes, n);
	if (c->decoder)
		return codec_decode(c->decoder, &c->parser.format, r->encoding, &c->frame, r->x, r->y, r->w, r->h, bytes, n);
	len = span_of(r, bytes, n);
	if (len > 0 && (size_t)len > n) {
		c->skip = (uint64_t)len - n;
		len = (long long)n;
	}
	return len;
}

/* Another size: all of it is asked for anew. */
static void resize(struct conn *c, uint16_t w, uint16_t h)
{
	if (!c->decoder || (w == c->frame.w && h == c->frame.h))
		return;
	free(c->frame.px);
	c->frame = (struct codec_frame){ calloc((size_t)w * h, sizeof *c->frame.px), w, w, h };
	if (!c->frame.px)
		err(111, NULL);
	request(c, false);
}

static void heed(struct conn *c, const struct rfb_smsg *m)
{
	if (m->kind == RFB_SMSG_DESKTOP_SIZE)
		resize(c, m->rect.w, m->rect.h);

	if (m->kind == RFB_SMSG_UPDATE && !c->is_continuous)
		request(c, true);
	else if (m->kind == RFB_SMSG_FENCE)
		answer_fence(c, &m->fence);
	else if (m->kind == RFB_SMSG_END_OF_CONTINUOUS)
		go_continuous(c);
	if (m->last && m->kind != RFB_SMSG_RECT) {
		c->updates++;
		c->updated = true;
	}
}

/* One message, or a rectangle with its pixels, whole. Bytes consumed, 0 for more, -1 for nonsense. */
static long parse_some(struct conn *c, const uint8_t *bytes, size_t n)
{
	struct rfb_sparser before = c->parser;
	struct rfb_smsg m;
	long head = rfb_smsg_parse(&c->parser, &m, bytes, n);
	long long body;

	if (head <= 0)
		return head;
	if (m.kind != RFB_SMSG_RECT) {
		heed(c, &m);
		return head;
	}
	body = take_pixels(c, &m.rect, bytes + head, n - (size_t)head);
	if (body == 0 && m.rect.w && m.rect.h && !c->skip) {
		c->parser = before;
		return 0;
	}
	if (body < 0)
		return -1;
	rfb_sparser_decoded(&c->parser);
	c->rects++;
	c->copies += m.rect.encoding == CODEC_COPYRECT;
	if (m.last) {
		c->updates++;
		c->updated = true;
	}
	return (long)(head + body);
}

/* Takes as much as is whole. */
static bool parse_all(struct conn *c)
{
	while (c->len > 0) {
		long n;

		if (c->skip) {
			n = (long)(c->skip < c->len ? c->skip : c->len);
			c->skip -= (uint64_t)n;
		} else {
			n = parse_some(c, c->buf + c->start, c->len);
		}
		if (n < 0)
			return false;
		if (n == 0)
			break;
		c->start += (size_t)n;
		c->len -= (size_t)n;
	}
	if (c->len == 0)
		c->start = 0;
	return true;
}

static uint8_t *room(struct conn *c)
{
	if (c->start + c->len + CHUNK <= c->cap)
		return c->buf + c->start + c->len;
	if (c->start) {
		memmove(c->buf, c->buf + c->start, c->len);
		c->start = 0;
	}
	if (c->len + CHUNK > c->cap) {
		c->cap = 2 * c->cap + CHUNK;
		if (c->cap > BUFFER_MAX || !(c->buf = realloc(c->buf, c->cap)))
			errx(111, "no memory");
	}
	return c->buf + c->len;
}

bool conn_read(struct conn *c)
{
	uint8_t *to = room(c);
	ssize_t n = recv(c->fd, to, CHUNK, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	if (c->tape)
		wire_put(c->tape, to, (size_t)n);
	c->received += (uint64_t)n;
	c->len += (size_t)n;
	return parse_all(c);
}

bool conn_feed(struct conn *c, const uint8_t *bytes, size_t n)
{
	for (size_t at = 0; at < n;) {
		size_t part = n - at < CHUNK ? n - at : CHUNK;

		memcpy(room(c), bytes + at, part);
		c->len += part;
		at += part;
		if (!parse_all(c))
			return false;
	}
	return true;
}

void conn_replay(struct conn *c, const struct conn *recorded)
{
	*c = (struct conn){ .fd = -1, .o = recorded->o, .parser.format = recorded->parser.format, .frame = { .w = recorded->frame.w, .h = recorded->frame.h } };
	set_up(c);
	if (!conn_feed(c, recorded->tape->data, recorded->tape->len))
		errx(1, "what a follower was sent cannot be decoded");
}

void conn_key(struct conn *c, uint32_t keysym)
{
	struct wire_buf b = { 0 };

	rfb_put_key(&b, keysym, true);
	rfb_put_key(&b, keysym, false);
	send_all(c, &b);
}
