/* The rules of offer.h, one question after the other for each type. */
#include "offer.h"

#include <stdio.h>

/* NULL when the means suffice for the type, else what is missing. */
static const char *missing(const struct auth_type_info *t, const struct offer_means *m)
{
	if (t->channel == AUTH_TLS_X509 && !m->certificate)
		return "a certificate (-C)";
	if (t->channel == AUTH_RSA_AES && !m->rsa)
		return "an RSA key (--rsa-key)";
	if (t->channel == AUTH_RSA_AES && !m->users && !m->vnc)
		return "a password (-p, -u or --pam)";
	if (t->channel == AUTH_RSA_AES)
		return NULL;
	if (t->proof == AUTH_PROVES_VNC && !m->vnc)
		return "a VncAuth password (-p, or -u with a `vnc' line)";
	if (t->proof == AUTH_PROVES_PLAIN && !m->users)
		return "users (-u or --pam)";
	return NULL;
}

static bool has_passwords(const struct offer_means *m)
{
	return m->vnc || m->users;
}

/* True when the type lets in only who has shown something. */
static bool proves(enum auth_type type, const struct offer_means *m)
{
	const struct auth_type_info *t = auth_type_info(type);
	return t->authenticates || (t->channel == AUTH_TLS_X509 && m->client_ca);
}

static bool is_fit(enum auth_type type, const struct config *c, const struct offer_means *m, const struct offer_peer *p)
{
	const struct auth_type_info *t = auth_type_info(type);
	if (missing(t, m))
		return false;
	if (p->tls && (t->channel == AUTH_TLS_ANON || t->channel == AUTH_TLS_X509))
		return false;	/* TLS within TLS, or from a script in a page */
	if (t->channel == AUTH_CLEAR && t->proof == AUTH_PROVES_PLAIN && type != AUTH_DH && !p->secret)
		return false;
	if (!proves(type, m) && !p->ours && !c->insecure)
		return false;
	if (c->n_types)
		return true;
	/* what nobody asked for in so many words */
	if (type == AUTH_DH || (p->tls && p->secret && t->channel != AUTH_CLEAR))
		return false;
	if (!proves(type, m))	/* within one machine and one user, TLS protects from nobody */
		return (p->trusted || !has_passwords(m)) && (!p->ours || t->channel == AUTH_CLEAR);
	return !m->certificate || t->encrypts || p->secret;
}

unsigned offer_types(enum auth_type types[AUTH_TYPES], const struct config *c, const struct offer_means *m,
		     const struct offer_peer *p)
{
	const unsigned all = c->n_types ? c->n_types : AUTH_TYPES;
	unsigned n = 0;
	for (unsigned i = 0; i < all; i++) {
		const enum auth_type t = c->n_types ? c->types[i] : (enum auth_type)i;
		if (is_fit(t, c, m, p))
			types[n++] = t;
	}
	return n;
}

const char *offer_check(const struct config *c, const struct offer_means *m, char *buf, unsigned n)
{
	for (unsigned i = 0; i < c->n_types; i++) {
		const struct auth_type_info *t = auth_type_info(c->types[i]);
		if (missing(t, m)) {
			snprintf(buf, n, "-s: %s needs %s", t->name, missing(t, m));
			return buf;
		}
	}
	return NULL;
}

bool offer_authenticates(const struct config *c, const struct offer_means *m)
{
	enum auth_type types[AUTH_TYPES];
	const struct offer_peer stranger = { 0 };
	struct config strict = *c;
	strict.insecure = false;	/* then only what proves something is left */
	return offer_types(types, &strict, m, &stranger) > 0;
}
