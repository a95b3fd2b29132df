/* Security types: our numbers for them, TigerVNC's names, and what each of them is made of. */
#ifndef RFBKIT_AUTH_TYPES_H
#define RFBKIT_AUTH_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* Strongest first: the order in which they are offered unless -s says otherwise. */
enum auth_type {
	AUTH_X509PLAIN, AUTH_X509VNC, AUTH_X509NONE,
	AUTH_RA2_256, AUTH_RA2,
	AUTH_TLSPLAIN, AUTH_TLSVNC, AUTH_TLSNONE,
	AUTH_RA2NE_256, AUTH_RA2NE,
	AUTH_DH, AUTH_PLAIN, AUTH_VNC, AUTH_NONE,
	AUTH_TYPES,		/* how many */
};

enum auth_rights { AUTH_VIEW, AUTH_FULL };

/* What a viewer proves, once the channel is there. */
enum auth_proof { AUTH_PROVES_NOTHING, AUTH_PROVES_VNC, AUTH_PROVES_PLAIN };
enum auth_channel { AUTH_CLEAR, AUTH_TLS_ANON, AUTH_TLS_X509, AUTH_RSA_AES };

struct auth_type_info {
	const char *name;	/* TigerVNC's: "X509Plain" */
	uint32_t number;	/* security type, or VeNCrypt sub-type when vencrypt */
	bool vencrypt;
	enum auth_proof proof;
	enum auth_channel channel;
	bool authenticates;	/* false: anybody gets in */
	bool encrypts;		/* everything that follows, not only the handshake */
};
/* type < AUTH_TYPES. */
const struct auth_type_info *auth_type_info(enum auth_type type);
/* By name, letter case ignored; AUTH_TYPES when unknown. */
enum auth_type auth_type_by_name(const char *name);
/* "None,VncAuth" to types, in the given order, each once. Returns how many; -1 for an unknown name, of
 * which *bad (may be NULL) tells the beginning and *bad_len the length. */
int auth_types_parse(enum auth_type types[AUTH_TYPES], const char *names, const char **bad, int *bad_len);

/* Top-level security type numbers that are not in the table. */
enum { AUTH_NUMBER_INVALID = 0, AUTH_NUMBER_TIGHT = 16, AUTH_NUMBER_VENCRYPT = 19 };

#endif
