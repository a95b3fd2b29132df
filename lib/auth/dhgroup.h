/* Diffie-Hellman for security type 30 (rfbproto "Diffie-Hellman Authentication"): what both sides share. Private to lib/auth. */
#ifndef RFBKIT_AUTH_DHGROUP_H
#define RFBKIT_AUTH_DHGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/bn.h>

enum { AUTH_DH_SIZE = 256, AUTH_DH_SIZE_MIN = 128, AUTH_DH_SIZE_MAX = 1024, AUTH_DH_TEXT = 128, AUTH_DH_FIELD = 64 };

/* A private number and its public value. p: the modulus. */
struct auth_dh { BIGNUM *p, *g, *x; };

/* Our own modulus (RFC 3526's of 2048 bits, generator 2). */
struct auth_dh *auth_dh_new_group(void);
/* A server's modulus and generator. */
struct auth_dh *auth_dh_new(const uint8_t *modulus, size_t size, unsigned generator);
void auth_dh_free(void *dh);
bool auth_dh_public(const struct auth_dh *dh, uint8_t *out, size_t size);
/* MD5 of the shared secret: the AES key. False for values that give it away (0, 1, p - 1, beyond p). */
bool auth_dh_key(const struct auth_dh *dh, uint8_t key[16], const uint8_t *theirs, size_t size);
/* AES-128-ECB over the 128 bytes of credentials. */
bool auth_dh_crypt(bool encrypt, uint8_t out[AUTH_DH_TEXT], const uint8_t in[AUTH_DH_TEXT], const uint8_t key[16]);

#endif
