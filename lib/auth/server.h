/* The server's side of every security type, as one state machine: bytes in, bytes out, no I/O. It never sees a
 * stored secret: what has to be verified comes out as an event, and the verdict comes back. */
#ifndef RFBKIT_AUTH_SERVER_H
#define RFBKIT_AUTH_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/types.h"
#include "wire/wire.h"

#define AUTH_NAME_MAX 255u		/* bytes of a user name */
#define AUTH_PASSWORD_MAX 255u

struct auth_rsa;			/* auth/rsa.h: a server's RSA key */

struct auth_offer {
	const enum auth_type *types;	/* best first; borrowed */
	unsigned n;
	bool tight;			/* offer the Tight security type (16) as well, around VncAuth and None */
	const struct auth_rsa *rsa;	/* needed by the RA2 family; borrowed */
	bool password_only;		/* the RA2 family asks for a password without a user name (check's user is "") */
	bool check_all;			/* types that prove nothing come to a CHECK as well */
	const char *refusal;		/* reason given when n is 0 */
};

/* Something to verify. */
struct auth_check {
	enum auth_type type;
	enum auth_proof proof;
	/* AUTH_PROVES_VNC: auth_vnc_check takes these */
	uint8_t challenge[16], response[16];
	/* AUTH_PROVES_PLAIN; NUL-terminated, without other NULs */
	char user[AUTH_NAME_MAX + 1], password[AUTH_PASSWORD_MAX + 1];
};

/* Keys of the RSA-AES record layer (auth/eax.h), and the next message numbers of each direction. */
struct auth_aes_keys {
	unsigned key_len;		/* 16 or 32 */
	uint8_t send_key[32], recv_key[32];
	uint64_t send_count, recv_count;
};

enum auth_event {
	AUTH_MORE, AUTH_CHECK, AUTH_TLS, AUTH_AES,
	AUTH_DONE,			/* the viewer is in: send SecurityResult (where the version has one) */
	AUTH_FAILED,			/* credentials were refused: send SecurityResult with the reason */
	AUTH_BROKEN,			/* the viewer broke the protocol: close */
};

struct auth_server;
/* NULL: no memory. */
struct auth_server *auth_server_new(const struct auth_offer *offer);
void auth_server_free(struct auth_server *a);	/* wipes */
/* The top-level security type numbers of the offer, best first, each once. Returns how many; at most 16. */
unsigned auth_server_numbers(const struct auth_offer *offer, uint8_t numbers[16]);
/* Begins the security type that the viewer chose. False when it was not offered. */
bool auth_server_begin(struct auth_server *a, uint8_t number, struct wire_buf *out);
/* As rfb_server_step. */
size_t auth_server_step(struct auth_server *a, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_event *event);
/* True when a step may take milliseconds (public-key operations): of the type in use now; of a top-level number. */
bool auth_server_is_costly(const struct auth_server *a);
bool auth_number_is_costly(uint8_t number);
const struct auth_check *auth_server_check(const struct auth_server *a);
void auth_server_checked(struct auth_server *a, bool ok);
const struct auth_aes_keys *auth_server_aes(const struct auth_server *a);
void auth_server_upgraded(struct auth_server *a);
/* The type in use, once known (AUTH_TYPES before); whether it was reached through the Tight security type. */
enum auth_type auth_server_type(const struct auth_server *a, bool *tight);
/* User name given ("" for none), and why it is BROKEN. */
const char *auth_server_user(const struct auth_server *a);
const char *auth_server_reason(const struct auth_server *a);

#endif
