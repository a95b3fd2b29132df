/* What the worker holds to let people in: VncAuth passwords, certificates, the RSA key. They come
 * from the monitor, which opens the files; the RSA key is read before the worker is locked in. */
#ifndef RFBD_SECRETS_H
#define RFBD_SECRETS_H

#include "auth/rsa.h"
#include "auth/vncauth.h"
#include "config.h"
#include "net/tls.h"
#include "offer.h"

struct secrets {
	struct offer_means means;
	struct auth_vnc_secrets vnc;
	struct net_tls *tls, *anonymous;
	struct net_aside *aside;	/* does their handshakes */
	struct auth_rsa *rsa;
	struct pem { char *text; size_t len; } cert, key, ca;	/* as received, until they are put to use */
};

/* Loads the RSA key (making it if there is none) and the anonymous TLS settings. Dies when it cannot. */
void secrets_init(struct secrets *s, const struct config *c);
void secrets_fini(struct secrets *s);
/* The handshakes of all TLS settings, these and later ones, are done there. */
void secrets_use_aside(struct secrets *s, struct net_aside *aside);
/* The bytes of a struct auth_vnc_secrets. */
void secrets_set_vnc(struct secrets *s, const void *bytes, size_t n);
/* Takes a PEM file's text from fd (closes it). */
void secrets_take_pem(struct pem *p, int fd);
/* Puts the PEM texts received to use; the former certificate stays when they are no good. */
void secrets_use_certificate(struct secrets *s);

#endif
