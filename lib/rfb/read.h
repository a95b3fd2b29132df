/* What stands in messages of both directions, read. put.h writes it. */
#ifndef RFBKIT_RFB_READ_H
#define RFBKIT_RFB_READ_H

#include "pixel/format.h"
#include "rfb/msg.h"
#include "wire/wire.h"

/* PIXEL_FORMAT, 16 bytes with its padding (RFC 6143 7.4); as it was sent: it may be one that nobody can serve. */
struct pixel_format rfb_read_format(struct wire_in *in);

/* A fence's message (rfbproto "Fence") of which `n` bytes from its type on are there: its length, 0 when it is not whole yet.
 * A payload beyond the limit goes to *skip, with its fence, as TigerVNC does; then *whole is false. The payload is borrowed. */
long rfb_read_fence(struct wire_in in, size_t n, struct rfb_msg_fence *out, uint64_t *skip, bool *whole);

#endif
