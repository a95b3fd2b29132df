/* The client's side of the handshake, from ProtocolVersion to ServerInit, as a pure state machine; driven like
 * rfb/server.h's. The client says nothing until the server has spoken. */
#ifndef RFBKIT_RFB_CLIENT_H
#define RFBKIT_RFB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/client.h"
#include "pixel/format.h"
#include "rfb/error.h"
#include "wire/wire.h"

#define RFB_NAME_MAX 4096u	/* of a desktop's name that is kept */

enum rfb_client_event {
	RFB_CLIENT_MORE,
	RFB_CLIENT_CREDENTIALS,	/* auth_client_wants_user(rfb_client_auth(c)); answer by auth_client_answer */
	RFB_CLIENT_TRUST,	/* auth_client_fingerprint, auth_client_trust */
	RFB_CLIENT_TLS,		/* after `out` is sent: start TLS (bytes not consumed belong to it), then auth_client_upgraded */
	RFB_CLIENT_AES,		/* the same with auth_client_aes */
	RFB_CLIENT_READY,	/* ServerInit is here: rfb_client_info; bytes not consumed are messages */
	RFB_CLIENT_FAILED,	/* rfb_client_reason */
};

struct rfb_client_info {
	unsigned minor;		/* 3, 7, 8 */
	uint16_t w, h;
	struct pixel_format format;	/* as the server said; may be one that lib/pixel cannot serve: check before use */
	char name[RFB_NAME_MAX + 1];
	size_t name_len;
};

struct rfb_client;
/* types: those that we accept, best first; borrowed. NULL: no memory. */
struct rfb_client *rfb_client_new(const enum auth_type *types, unsigned n, bool shared);
void rfb_client_free(struct rfb_client *c);
/* Speaks at most this minor version (3, 7, 8): for tests. */
void rfb_client_limit(struct rfb_client *c, unsigned minor);
size_t rfb_client_step(struct rfb_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_client_event *event);
/* The security state machine, which takes the answers. */
struct auth_client *rfb_client_auth(struct rfb_client *c);
const struct rfb_client_info *rfb_client_info(const struct rfb_client *c);
/* One line: why it FAILED; the server's own reason where it gave one. */
const char *rfb_client_reason(const struct rfb_client *c);

#endif
