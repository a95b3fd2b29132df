/* AES-EAX with a 16-byte tag, and the RSA-AES record: u16be length (the associated data), ciphertext, tag;
 * the nonce is a little-endian message number. */
#ifndef RFBKIT_AUTH_EAX_H
#define RFBKIT_AUTH_EAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTH_RECORD_MAX 8192u		/* plain bytes that we put into one record */
#define AUTH_RECORD_READ_MAX 65535u	/* plain bytes of one that we take */
#define AUTH_RECORD_EXTRA 18u		/* length before, tag behind */

struct auth_eax;
/* key_len 16 or 32. NULL: the crypto library failed. */
struct auth_eax *auth_eax_new(const uint8_t *key, unsigned key_len, uint64_t count);
void auth_eax_free(struct auth_eax *e);	/* wipes */
/* Puts one record of n (<= 65535) plain bytes: n + AUTH_RECORD_EXTRA bytes at out. 0 or -1. */
int auth_eax_seal(struct auth_eax *e, uint8_t *out, const uint8_t *plain, size_t n);
/* Opens one record: returns its whole size and the plain bytes (*len) at plain; 0: more bytes are needed;
 * -1: forged or damaged. plain has room for the record's length, and may be record + 2 (in place). */
long auth_eax_open(struct auth_eax *e, uint8_t *plain, size_t *len, const uint8_t *record, size_t n);
uint64_t auth_eax_count(const struct auth_eax *e);
/* EAX itself, for its test vectors: out gets n bytes, tag 16. */
int auth_eax_crypt(struct auth_eax *e, bool seal, uint8_t *out, uint8_t tag[16], const uint8_t *in, size_t n,
		   const uint8_t *nonce, size_t nonce_len, const uint8_t *ad, size_t ad_len);

#endif
