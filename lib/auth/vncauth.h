/* VNC Authentication (RFC 6143 7.2.2) and the files that vncpasswd writes. The DES key is the password's first
 * 8 bytes with the bits of each mirrored. */
#ifndef RFBKIT_AUTH_VNCAUTH_H
#define RFBKIT_AUTH_VNCAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/server.h"
#include "auth/types.h"

#define AUTH_VNC_PASSWORD 8u		/* bytes that count */

/* The response to a challenge. password: 8 bytes, NUL padded. 0, or -1 when the crypto library fails. */
int auth_vnc_respond(uint8_t response[16], const uint8_t challenge[16], const uint8_t password[8]);

/* Secrets of VncAuth: a full and a view-only password, each possibly absent. */
struct auth_vnc_secrets {
	bool has_full, has_view;
	uint8_t full[8], view[8];	/* NUL padded */
};
/* Verifies a response against both passwords, in constant time. True and *rights when one fits. */
bool auth_vnc_check(const struct auth_vnc_secrets *s, const struct auth_check *c, enum auth_rights *rights);
/* The same for a password that came in the clear through an encrypted channel (RA2 without a user name); its
 * first 8 bytes count, as in VncAuth. */
bool auth_vnc_check_password(const struct auth_vnc_secrets *s, const char *password, enum auth_rights *rights);
void auth_vnc_wipe(struct auth_vnc_secrets *s);

/* vncpasswd's file: 8 bytes, or 16 with the view-only password. 0; -1 when n is neither. */
int auth_vncpasswd_parse(struct auth_vnc_secrets *out, const uint8_t *bytes, size_t n);
/* Reads it. 0; -1 and errno (EINVAL: neither 8 nor 16 bytes). */
int auth_vncpasswd_load(struct auth_vnc_secrets *out, const char *path);
/* 8 obfuscated bytes of a password, as vncpasswd writes them. 0 or -1. */
int auth_vncpasswd_obfuscate(uint8_t out[8], const uint8_t password[8]);
int auth_vncpasswd_reveal(uint8_t out[8], const uint8_t obfuscated[8]);

#endif
