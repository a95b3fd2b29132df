/* RSA-AES (rfbproto "RSA-AES Security Type"), the part that both sides share: public keys, randoms, session keys, hashes,
 * records. Private to lib/auth. */
#ifndef RFBKIT_AUTH_RA2_H
#define RFBKIT_AUTH_RA2_H

#include <openssl/evp.h>

#include "auth/eax.h"
#include "auth/rsa.h"
#include "auth/server.h"
#include "wire/wire.h"

enum { AUTH_RA2_BITS_MIN = 1024, AUTH_RA2_BITS_MAX = 8192, AUTH_RA2_KEY_MAX = 4 + 2 * AUTH_RA2_BITS_MAX / 8, AUTH_RA2_RECORD_MAX = 1024 };

struct auth_rsa {
	EVP_PKEY *key;
};

struct auth_ra2 {
	bool server, is_256;
	const struct auth_rsa *own;
	EVP_PKEY *other;
	uint8_t own_public[AUTH_RA2_KEY_MAX], other_public[AUTH_RA2_KEY_MAX];	/* length, modulus, exponent, as on the wire */
	size_t own_len, other_len;
	uint8_t own_random[32], other_random[32];
	struct auth_eax *seal, *open;
	struct auth_aes_keys keys;
};

/* Takes the number's variant (129, 130: 256 bits). NULL: no memory. */
struct auth_ra2 *auth_ra2_new(bool server, bool is_256);
void auth_ra2_free(void *r);
/* The wire form of a public key, into own_public. */
bool auth_ra2_set_own(struct auth_ra2 *r, const struct auth_rsa *own);
/* Reads the other side's public key. Bytes consumed; 0: more; -1: bad. */
long auth_ra2_take_public(struct auth_ra2 *r, const uint8_t *bytes, size_t n);
/* Makes our random and puts it, encrypted for the other side. */
bool auth_ra2_put_random(struct auth_ra2 *r, struct wire_buf *out);
/* Reads the other side's random. A bad one becomes a random of our own, so that nothing but the hashes differs. */
long auth_ra2_take_random(struct auth_ra2 *r, const uint8_t *bytes, size_t n);
/* Derives the session keys, starts the records. */
bool auth_ra2_derive(struct auth_ra2 *r);
/* Puts our hash as a record; checks a record that holds the other side's. take: bytes consumed, 0: more, -1: wrong. */
bool auth_ra2_put_hash(struct auth_ra2 *r, struct wire_buf *out);
long auth_ra2_take_hash(struct auth_ra2 *r, const uint8_t *bytes, size_t n);
bool auth_ra2_put_record(struct auth_ra2 *r, struct wire_buf *out, const uint8_t *plain, size_t n);
/* Opens a record of at most AUTH_RA2_RECORD_MAX plain bytes. */
long auth_ra2_take_record(struct auth_ra2 *r, uint8_t plain[AUTH_RA2_RECORD_MAX], size_t *len, const uint8_t *bytes, size_t n);
/* Keys and message numbers for the record layer. */
void auth_ra2_keys(const struct auth_ra2 *r, struct auth_aes_keys *out);
void auth_ra2_fingerprint(const uint8_t *public, size_t n, char text[24]);
size_t auth_ra2_public(const struct auth_rsa *k, uint8_t out[AUTH_RA2_KEY_MAX]);

#endif
