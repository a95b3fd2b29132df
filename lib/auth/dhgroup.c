/* Diffie-Hellman by OpenSSL's big numbers; the viewers' form of it (an MD5 key, ECB) is fixed by the protocol. */
#include "auth/dhgroup.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "auth/random.h"

enum { PRIVATE_BITS = 512 };

void auth_dh_free(void *arg)
{
	struct auth_dh *dh = arg;

	if (!dh)
		return;
	BN_free(dh->p);
	BN_free(dh->g);
	BN_clear_free(dh->x);
	free(dh);
}

/* Takes p. */
static struct auth_dh *make(BIGNUM *p, unsigned generator)
{
	struct auth_dh *dh = calloc(1, sizeof *dh);

	if (!dh) {
		BN_free(p);
		return NULL;
	}
	dh->p = p;
	dh->g = BN_new();
	dh->x = BN_secure_new();
	if (p && dh->g && dh->x && BN_is_odd(p) && BN_set_word(dh->g, generator) && BN_cmp(dh->g, p) < 0 &&
	    BN_priv_rand(dh->x, PRIVATE_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY)) {
		BN_set_flags(dh->x, BN_FLG_CONSTTIME);
		return dh;
	}
	auth_dh_free(dh);
	return NULL;
}

struct auth_dh *auth_dh_new_group(void)
{
	return make(BN_get_rfc3526_prime_2048(NULL), 2);
}

struct auth_dh *auth_dh_new(const uint8_t *modulus, size_t size, unsigned generator)
{
	return make(BN_bin2bn(modulus, (int)size, NULL), generator);
}

/* base^x mod p, padded to size bytes. */
static bool power(const struct auth_dh *dh, uint8_t *out, size_t size, const BIGNUM *base)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *v = BN_new();
	bool ok = ctx && v && BN_mod_exp(v, base, dh->x, dh->p, ctx) && BN_bn2binpad(v, out, (int)size) == (int)size;

	BN_clear_free(v);
	BN_CTX_free(ctx);
	return ok;
}

bool auth_dh_public(const struct auth_dh *dh, uint8_t *out, size_t size)
{
	return power(dh, out, size, dh->g);
}

static bool safe(const struct auth_dh *dh, const BIGNUM *y)
{
	BIGNUM *last = BN_dup(dh->p);
	bool ok = last && BN_sub_word(last, 1) && !BN_is_zero(y) && !BN_is_one(y) && BN_cmp(y, last) < 0;

	BN_free(last);
	return ok;
}

bool auth_dh_key(const struct auth_dh *dh, uint8_t key[16], const uint8_t *theirs, size_t size)
{
	uint8_t shared[AUTH_DH_SIZE_MAX];
	BIGNUM *y = BN_bin2bn(theirs, (int)size, NULL);
	bool ok = size <= sizeof shared && y && safe(dh, y) && power(dh, shared, size, y) &&
		  EVP_Digest(shared, size, key, NULL, EVP_md5(), NULL) == 1;

	BN_free(y);
	auth_wipe(shared, sizeof shared);
	return ok;
}

bool auth_dh_crypt(bool encrypt, uint8_t out[AUTH_DH_TEXT], const uint8_t in[AUTH_DH_TEXT], const uint8_t key[16])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	bool ok = ctx && EVP_CipherInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL, encrypt) == 1 &&
		  EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 && EVP_CipherUpdate(ctx, out, &len, in, AUTH_DH_TEXT) == 1 && len == AUTH_DH_TEXT;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}
