/* Which security types a connection may choose from: by what is configured, what the given files
 * allow, and who asks. Pure. */
#ifndef RFBD_OFFER_H
#define RFBD_OFFER_H

#include <stdbool.h>

#include "auth/types.h"
#include "config.h"

/* What there is to authenticate with. */
struct offer_means {
	bool vnc;		/* VncAuth passwords */
	bool users;		/* user names and passwords: a users file or PAM */
	bool certificate, client_ca, rsa;
};

/* Who asks, and over what. */
struct offer_peer {
	bool ours;		/* our own user or root, on this machine */
	bool trusted;		/* the same on a Unix socket: needs no password in any case */
	bool secret;		/* nobody on the way can read: TLS, a Unix socket */
	bool tls;		/* it speaks TLS already (https), or could not (a browser) */
};

/* Fills types, best first. Returns how many; 0: nobody like that may come in. */
unsigned offer_types(enum auth_type types[AUTH_TYPES], const struct config *c, const struct offer_means *m,
		     const struct offer_peer *p);
/* Why -s cannot be kept with these means (a line for the user), or NULL. buf: where it is written. */
const char *offer_check(const struct config *c, const struct offer_means *m, char *buf, unsigned n);
/* True when nobody from another machine gets in without proving something. */
bool offer_authenticates(const struct config *c, const struct offer_means *m);

#endif
