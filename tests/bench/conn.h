/* One viewer of the benchmark: connects without authentication, asks for one encoding, keeps one request
 * under way (the next is sent as an update begins, as TigerVNC's viewer does) or uses ContinuousUpdates.
 *
 * It either decodes what comes (lib/codec) or only follows the boundaries of updates (span.c). */
#ifndef RFBKIT_BENCH_CONN_H
#define RFBKIT_BENCH_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "h264dec.h"
#include "rfb/smsg.h"

struct conn_options {
	const char *host, *port;
	int32_t encoding;		/* CODEC_H264: and Tight for what is no video */
	int quality;			/* 0–9; -1: lossless */
	const struct pixel_format *format;	/* NULL: the native one */
	bool painted;			/* lists no cursor: it is painted into the picture */
	bool continuous;		/* list ContinuousUpdates and Fence, and use them when the server does */
};

struct conn {
	int fd;
	const struct conn_options *o;
	struct rfb_sparser parser;
	struct codec_decoder *decoder;	/* NULL: follows only */
	struct h264dec *video;
	struct codec_frame frame;
	uint8_t *buf;
	size_t start, len, cap;
	uint64_t skip;			/* bytes of pixel data to pass over */
	uint64_t received;		/* bytes, ever */
	unsigned long updates, rects, copies;
	bool is_continuous, updated;	/* updated: an update ended since it was last cleared */
	struct wire_buf *tape;		/* keeps every byte that follows ServerInit, when not NULL */
};

/* Connects and finishes the handshake, blocking; dies with 111. */
void conn_open(struct conn *c, const struct conn_options *o, bool decode);
void conn_close(struct conn *c);
/* Takes what the socket has (call when it is readable). False: the server is gone or sent what is not RFB. */
bool conn_read(struct conn *c);
/* Takes bytes from elsewhere: a tape. */
bool conn_feed(struct conn *c, const uint8_t *bytes, size_t n);
/* A follower becomes a decoder of the same session from its start: give it the tape. */
void conn_replay(struct conn *c, const struct conn *recorded);
void conn_key(struct conn *c, uint32_t keysym);

#endif
