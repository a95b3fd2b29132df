/* The server's half of an RFB handshake as recordings hold it: version, security, ServerInit. */
#ifndef RFBKIT_REC_HANDSHAKE_H
#define RFBKIT_REC_HANDSHAKE_H

#include "pixel/format.h"
#include "wire/wire.h"

struct rec_handshake {
	unsigned minor;			/* 3, 7 or 8 */
	uint16_t w, h;
	struct pixel_format format;
	const uint8_t *name;		/* borrowed */
	uint32_t name_len;
};

/* Parses all of it. type: the security type that the client chose (0: not known; then VncAuth is assumed when it is the
 * only one offered, else None). Bytes consumed; 0: more are needed; -1: it is none. */
long rec_handshake_parse(struct rec_handshake *out, unsigned type, const uint8_t *bytes, size_t n);

#endif
