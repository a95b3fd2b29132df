/* AES-EAX by OpenSSL's CTR and CMAC (EAX is CTR encryption under a CMAC of the nonce, with CMACs of nonce, associated
 * data and ciphertext xored into the tag). */
#include "auth/eax.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "auth/random.h"
#include "wire/wire.h"

enum { BLOCK = 16 };

struct auth_eax {
	EVP_CIPHER_CTX *ctr;
	EVP_MAC_CTX *mac;
	uint64_t count;
};

static EVP_MAC_CTX *new_mac(const uint8_t *key, unsigned key_len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)(uintptr_t)(key_len == 32 ? "AES-256-CBC" : "AES-128-CBC"), 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *mac = cmac ? EVP_MAC_CTX_new(cmac) : NULL;

	EVP_MAC_free(cmac);
	if (mac && EVP_MAC_init(mac, key, key_len, params) == 1)
		return mac;
	EVP_MAC_CTX_free(mac);
	return NULL;
}

struct auth_eax *auth_eax_new(const uint8_t *key, unsigned key_len, uint64_t count)
{
	struct auth_eax *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->count = count;
	e->mac = new_mac(key, key_len);
	e->ctr = EVP_CIPHER_CTX_new();
	if (e->mac && e->ctr && EVP_EncryptInit_ex(e->ctr, key_len == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), NULL, key, NULL) == 1)
		return e;
	auth_eax_free(e);
	return NULL;
}

void auth_eax_free(struct auth_eax *e)
{
	if (!e)
		return;
	EVP_CIPHER_CTX_free(e->ctr);	/* these wipe */
	EVP_MAC_CTX_free(e->mac);
	free(e);
}

/* CMAC over a block that holds t, then the bytes. */
static bool omac(struct auth_eax *e, uint8_t out[BLOCK], uint8_t t, const uint8_t *bytes, size_t n)
{
	const uint8_t head[BLOCK] = { [BLOCK - 1] = t };
	size_t len;

	return EVP_MAC_init(e->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(e->mac, head, BLOCK) == 1 &&
	       (n == 0 || EVP_MAC_update(e->mac, bytes, n) == 1) && EVP_MAC_final(e->mac, out, &len, BLOCK) == 1 && len == BLOCK;
}

static bool ctr(struct auth_eax *e, uint8_t *out, const uint8_t *in, size_t n, const uint8_t iv[BLOCK])
{
	int len = 0;

	return EVP_EncryptInit_ex(e->ctr, NULL, NULL, NULL, iv) == 1 &&
	       (n == 0 || (EVP_EncryptUpdate(e->ctr, out, &len, in, (int)n) == 1 && len == (int)n));
}

int auth_eax_crypt(struct auth_eax *e, bool seal, uint8_t *out, uint8_t tag[16], const uint8_t *in, size_t n,
		   const uint8_t *nonce, size_t nonce_len, const uint8_t *ad, size_t ad_len)
{
	uint8_t from_nonce[BLOCK], from_ad[BLOCK], from_text[BLOCK];

	if (n > 1 << 30 || !omac(e, from_nonce, 0, nonce, nonce_len) || !omac(e, from_ad, 1, ad, ad_len))
		return -1;
	if (seal && !ctr(e, out, in, n, from_nonce))
		return -1;
	if (!omac(e, from_text, 2, seal ? out : in, n))
		return -1;
	for (int i = 0; i < BLOCK; i++)
		from_text[i] ^= from_nonce[i] ^ from_ad[i];
	if (seal) {
		memcpy(tag, from_text, BLOCK);
		return 0;
	}
	return auth_equal(tag, from_text, BLOCK) && ctr(e, out, in, n, from_nonce) ? 0 : -1;
}

/* --- records ---------------------------------------------------------------------------------------- */

/* The message number, little-endian in 16 bytes. */
static void put_nonce(uint8_t nonce[BLOCK], uint64_t count)
{
	memset(nonce, 0, BLOCK);
	for (int i = 0; i < 8; i++)
		nonce[i] = (uint8_t)(count >> 8 * i);
}

int auth_eax_seal(struct auth_eax *e, uint8_t *out, const uint8_t *plain, size_t n)
{
	uint8_t nonce[BLOCK];

	if (n > AUTH_RECORD_READ_MAX)
		return -1;
	put_nonce(nonce, e->count++);
	wire_st16be(out, (uint16_t)n);
	return auth_eax_crypt(e, true, out + 2, out + 2 + n, plain, n, nonce, BLOCK, out, 2);
}

long auth_eax_open(struct auth_eax *e, uint8_t *plain, size_t *len, const uint8_t *record, size_t n)
{
	uint8_t nonce[BLOCK], tag[BLOCK];
	size_t size;

	if (n < 2)
		return 0;
	size = wire_ld16be(record);
	if (n < size + AUTH_RECORD_EXTRA)
		return 0;
	memcpy(tag, record + 2 + size, BLOCK);
	put_nonce(nonce, e->count++);
	if (auth_eax_crypt(e, false, plain, tag, record + 2, size, nonce, BLOCK, record, 2))
		return -1;
	*len = size;
	return (long)(size + AUTH_RECORD_EXTRA);
}

uint64_t auth_eax_count(const struct auth_eax *e)
{
	return e->count;
}
