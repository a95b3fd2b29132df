/* What the worker's packets of several texts hold: each text ends in NUL, in an order that is fixed. A worker that was taken over could
 * send anything. */
#ifndef RFBD_PACKET_H
#define RFBD_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/server.h"
#include "msgpass.h"

/* MSG_CHECK: at most AUTH_NAME_MAX bytes of name, AUTH_PASSWORD_MAX of password. */
struct packet_check {
	const char *user;		/* borrowed from the packet */
	char password[AUTH_PASSWORD_MAX + 1];	/* a copy, for the caller to wipe */
};

enum { PACKET_CHECK_MAX = AUTH_NAME_MAX + AUTH_PASSWORD_MAX + 2, PACKET_FACT_MAX = 512 };

/* False, and nothing of the password is left in *out: not what MSG_CHECK looks like. */
bool packet_check_parse(struct packet_check *out, const char *text, size_t len);
/* Returns how many bytes it is. Both texts are within their limits. */
size_t packet_check_put(char out[PACKET_CHECK_MAX], const char *user, const char *password);

/* MSG_ASK. Facts come from strangers: control characters, which would write more lines into a log or a window than there are, become `?'.
 * False: not what MSG_ASK looks like. */
bool packet_facts_parse(char out[FACTS][PACKET_FACT_MAX + 1], const char *text, size_t len);
/* Returns how many bytes it is. Each fact is cut at PACKET_FACT_MAX. */
size_t packet_facts_put(char out[MSG_TEXT_MAX], const char *const fact[FACTS]);

#endif
