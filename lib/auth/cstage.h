/* Inside the client's security state machine; stage.h is the server's. Private to lib/auth. */
#ifndef RFBKIT_AUTH_CSTAGE_H
#define RFBKIT_AUTH_CSTAGE_H

#include "auth/client.h"

typedef size_t (*auth_cstage)(struct auth_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_client_event *event);

struct auth_client {
	const enum auth_type *types;
	unsigned n;
	auth_cstage stage, next;
	enum auth_type type;
	bool wants_user, answered;
	char user[AUTH_NAME_MAX + 1], password[AUTH_PASSWORD_MAX + 1];
	char fingerprint[24];
	uint8_t challenge[16];
	struct auth_aes_keys keys;
	void *extra;
	void (*extra_free)(void *);
	const char *reason;
};

#define AUTH_CSTAGE(name) size_t name(struct auth_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_client_event *event)

bool auth_client_takes(const struct auth_client *c, enum auth_type type);
/* Waits for an answer, then goes on with `next`. */
size_t auth_client_ask(struct auth_client *c, enum auth_client_event what, auth_cstage next, enum auth_client_event *event);
size_t auth_client_broken(struct auth_client *c, const char *reason, enum auth_client_event *event);
AUTH_CSTAGE(auth_cstage_done);
auth_cstage auth_cstage_proof(enum auth_proof proof);
AUTH_CSTAGE(auth_cstage_vencrypt);
AUTH_CSTAGE(auth_cstage_rsaaes);
AUTH_CSTAGE(auth_cstage_dh);

#endif
