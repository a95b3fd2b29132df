/* The client's side of the security types, as a state machine like the server's (auth/server.h): for rfbrec -c, tests
 * and benchmarks. */
#ifndef RFBKIT_AUTH_CLIENT_H
#define RFBKIT_AUTH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/server.h"
#include "auth/types.h"
#include "wire/wire.h"

enum auth_client_event {
	AUTH_CLIENT_MORE,
	AUTH_CLIENT_CREDENTIALS,	/* auth_client_wants_user says which; answer by auth_client_answer */
	AUTH_CLIENT_TRUST,		/* RSA-AES: is auth_client_fingerprint the server's? answer by auth_client_trust */
	AUTH_CLIENT_TLS,		/* start TLS (anonymous or with certificates: auth_client_type), then auth_client_upgraded */
	AUTH_CLIENT_AES,		/* start the record layer with auth_client_aes, then auth_client_upgraded */
	AUTH_CLIENT_DONE,		/* our part is done: SecurityResult follows (where there is one) */
	AUTH_CLIENT_BROKEN,		/* auth_client_reason */
};

struct auth_client;
/* The types that we accept, best first; borrowed. NULL: no memory. */
struct auth_client *auth_client_new(const enum auth_type *types, unsigned n);
void auth_client_free(struct auth_client *c);	/* wipes */
/* Of the numbers that a server offers, the one for our best type; 0 for none. */
uint8_t auth_client_choose(const struct auth_client *c, const uint8_t *numbers, unsigned n);
/* Begins the security type with that number. False: it is none of ours. */
bool auth_client_begin(struct auth_client *c, uint8_t number);
size_t auth_client_step(struct auth_client *c, const uint8_t *bytes, size_t n, struct wire_buf *out, enum auth_client_event *event);
bool auth_client_wants_user(const struct auth_client *c);
/* Each at most AUTH_NAME_MAX bytes (longer ones are cut). user may be NULL. */
void auth_client_answer(struct auth_client *c, const char *user, const char *password);
const char *auth_client_fingerprint(const struct auth_client *c);
void auth_client_trust(struct auth_client *c, bool yes);
const struct auth_aes_keys *auth_client_aes(const struct auth_client *c);
void auth_client_upgraded(struct auth_client *c);
enum auth_type auth_client_type(const struct auth_client *c);
const char *auth_client_reason(const struct auth_client *c);

#endif
