/* The server's side of the handshake, from ProtocolVersion to ClientInit, as a pure state machine: bytes in,
 * bytes out, no I/O, no clock (RFC 6143 7.1–7.3.1; rfbproto "Handshaking Messages").
 *
 *	rfb_server_start(s, out);
 *	each time bytes came, and after each answer to an event:
 *		do { n = rfb_server_step(s, bytes, len, out, &event); drop n bytes; } while (n > 0 && event == RFB_SERVER_MORE);
 *		send what is in out; act on the event.
 *
 * Events that ask something stop the machine until they are answered (it consumes nothing meanwhile). */
#ifndef RFBKIT_RFB_SERVER_H
#define RFBKIT_RFB_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/server.h"
#include "auth/types.h"
#include "wire/wire.h"

enum rfb_server_event {
	RFB_SERVER_MORE,	/* waits for bytes */
	RFB_SERVER_CHECK,	/* somebody's credentials: rfb_server_check, then rfb_server_checked */
	RFB_SERVER_TLS,		/* after `out` is sent: start TLS, with certificates or anonymous by info's type (bytes not consumed belong to it), then rfb_server_upgraded */
	RFB_SERVER_AES,		/* the same with the RSA-AES record layer: keys from rfb_server_aes */
	RFB_SERVER_READY,	/* ClientInit is here: send ServerInit; bytes not consumed are messages */
	RFB_SERVER_FAILED,	/* send `out`, then close; rfb_server_reason for the log */
};

struct rfb_server_info {	/* valid at READY; minor and apple from the viewer's version on, type from TLS, AES or CHECK on */
	unsigned minor;		/* 3, 7 or 8 */
	bool apple;		/* announced itself as 003.889 */
	bool shared;		/* the viewer's shared flag */
	bool tight;		/* Tight security: rfb_put_tight_capabilities behind ServerInit */
	enum auth_type type;	/* how it came in */
	enum auth_rights rights;	/* as rfb_server_checked said; full for types without credentials that are not checked */
	const char *user;	/* "" when the type has no user names */
};

struct rfb_server;
/* offer is borrowed for the server's life: which security types, and what they need (auth/server.h). An empty
 * list refuses every viewer with offer->refusal as the reason. NULL: no memory. */
struct rfb_server *rfb_server_new(const struct auth_offer *offer);
void rfb_server_free(struct rfb_server *s);	/* wipes */

/* Puts ProtocolVersion. */
void rfb_server_start(struct rfb_server *s, struct wire_buf *out);
/* Consumes bytes, appends answers, says what happened. Returns the bytes consumed (0 with MORE: more are needed). Never
 * needs more than RFB_SERVER_BUFFER bytes of buffer. */
size_t rfb_server_step(struct rfb_server *s, const uint8_t *bytes, size_t n, struct wire_buf *out, enum rfb_server_event *event);
#define RFB_SERVER_BUFFER 4096u
/* True when the next step on these bytes may take milliseconds (RSA, Diffie-Hellman): no work for an event loop. */
bool rfb_server_is_costly(const struct rfb_server *s, const uint8_t *bytes, size_t n);

/* At CHECK: what to verify; borrowed until rfb_server_checked. */
const struct auth_check *rfb_server_check(const struct rfb_server *s);
/* The answer, now or later; then step again (with n 0 if nothing came). reason is sent to the viewer when ok is false
 * (one line; NULL: "authentication failed"). */
void rfb_server_checked(struct rfb_server *s, bool ok, enum auth_rights rights, const char *reason);
/* At AES: the keys of the record layer; copied by the caller. */
const struct auth_aes_keys *rfb_server_aes(const struct rfb_server *s);
/* TLS or AES is in place (TLS's own handshake may still go on); then step again. */
void rfb_server_upgraded(struct rfb_server *s);
/* Refuses at any moment before READY (too many viewers, blocked address): the reason goes out in the form that the
 * protocol's state allows, and the next step says FAILED. */
void rfb_server_refuse(struct rfb_server *s, struct wire_buf *out, const char *reason);
const struct rfb_server_info *rfb_server_info(const struct rfb_server *s);
/* One line for the log: why it FAILED; "" otherwise. */
const char *rfb_server_reason(const struct rfb_server *s);

#endif
