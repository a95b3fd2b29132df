/* The RSA key of a server that offers RSA-AES (RA2 and relatives): loaded, or made at first start. */
#ifndef RFBKIT_AUTH_RSA_H
#define RFBKIT_AUTH_RSA_H

#include <stddef.h>
#include <stdint.h>

struct auth_rsa;
/* A PEM key file. NULL and errno (EINVAL: not an RSA key of 1024 to 8192 bits; EPERM: readable by others). */
struct auth_rsa *auth_rsa_load(const char *path);
/* Makes a key of `bits`. NULL: the crypto library failed. */
struct auth_rsa *auth_rsa_make(unsigned bits);
/* Writes the private key as PEM, mode 0600, exclusively (EEXIST). 0 or -1 and errno. */
int auth_rsa_save(const struct auth_rsa *k, const char *path);
void auth_rsa_free(struct auth_rsa *k);
/* What viewers show: the first 8 bytes of SHA-1 over length, modulus and exponent, "xx-xx-…" (24 bytes with NUL). */
void auth_rsa_fingerprint(const struct auth_rsa *k, char text[24]);
/* What the browser page shows: all of SHA-256 over the same, "xx:xx:…" (96 bytes with NUL). */
void auth_rsa_sha256(const struct auth_rsa *k, char text[96]);

#endif
