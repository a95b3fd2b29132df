/* RSA-AES: what both sides do. */
#include "auth/ra2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "auth/random.h"

static unsigned random_len(const struct auth_ra2 *r)
{
	return r->is_256 ? 32 : 16;
}

struct auth_ra2 *auth_ra2_new(bool server, bool is_256)
{
	struct auth_ra2 *r = calloc(1, sizeof *r);

	if (r) {
		r->server = server;
		r->is_256 = is_256;
	}
	return r;
}

void auth_ra2_free(void *arg)
{
	struct auth_ra2 *r = arg;

	if (!r)
		return;
	EVP_PKEY_free(r->other);
	auth_eax_free(r->seal);
	auth_eax_free(r->open);
	auth_wipe(r, sizeof *r);
	free(r);
}

/* --- public keys: u32 bits, modulus, exponent, both of the modulus' size ------------------------------ */

size_t auth_ra2_public(const struct auth_rsa *k, uint8_t out[AUTH_RA2_KEY_MAX])
{
	int bits = EVP_PKEY_get_bits(k->key), size = (bits + 7) / 8;
	BIGNUM *n = NULL, *e = NULL;
	size_t len = 0;

	if (bits >= AUTH_RA2_BITS_MIN && bits <= AUTH_RA2_BITS_MAX &&
	    EVP_PKEY_get_bn_param(k->key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(k->key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_bn2binpad(n, out + 4, size) == size && BN_bn2binpad(e, out + 4 + size, size) == size) {
		wire_st32be(out, (uint32_t)bits);
		len = 4 + 2 * (size_t)size;
	}
	BN_free(n);
	BN_free(e);
	return len;
}

bool auth_ra2_set_own(struct auth_ra2 *r, const struct auth_rsa *own)
{
	r->own = own;
	r->own_len = auth_ra2_public(own, r->own_public);
	return r->own_len > 0;
}

static EVP_PKEY *public_key(const uint8_t *modulus, const uint8_t *exponent, size_t size)
{
	BIGNUM *n = BN_bin2bn(modulus, (int)size, NULL), *e = BN_bin2bn(exponent, (int)size, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (n && e && build && ctx && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 && (params = OSSL_PARAM_BLD_to_param(build)) &&
	    EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

long auth_ra2_take_public(struct auth_ra2 *r, const uint8_t *bytes, size_t n)
{
	uint32_t bits;
	size_t size, len;

	if (n < 4)
		return 0;
	bits = wire_ld32be(bytes);
	if (bits < AUTH_RA2_BITS_MIN || bits > AUTH_RA2_BITS_MAX)
		return -1;
	size = (bits + 7) / 8;
	len = 4 + 2 * size;
	if (n < len)
		return 0;
	memcpy(r->other_public, bytes, len);
	r->other_len = len;
	r->other = public_key(bytes + 4, bytes + 4 + size, size);
	return r->other ? (long)len : -1;
}

/* --- randoms -------------------------------------------------------------------------------------------- */

/* RSA with PKCS #1 v1.5 padding, either way. The length of the result, or 0. */
static size_t rsa(EVP_PKEY *key, bool encrypt, uint8_t *out, size_t room, const uint8_t *in, size_t n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = room;
	bool ok = ctx && (encrypt ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		  (encrypt ? EVP_PKEY_encrypt(ctx, out, &len, in, n) : EVP_PKEY_decrypt(ctx, out, &len, in, n)) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok ? len : 0;
}

static size_t modulus_size(size_t public_len)
{
	return (public_len - 4) / 2;
}

bool auth_ra2_put_random(struct auth_ra2 *r, struct wire_buf *out)
{
	size_t size = modulus_size(r->other_len);
	uint8_t *to;

	wire_put_u16be(out, (uint16_t)size);
	to = wire_buf_grow(out, size);
	return to && auth_random(r->own_random, random_len(r)) == 0 &&
	       rsa(r->other, true, to, size, r->own_random, random_len(r)) == size;
}

long auth_ra2_take_random(struct auth_ra2 *r, const uint8_t *bytes, size_t n)
{
	uint8_t plain[AUTH_RA2_BITS_MAX / 8];
	size_t size = modulus_size(r->own_len), len;

	if (n < 2)
		return 0;
	if (wire_ld16be(bytes) != size)
		return -1;
	if (n < 2 + size)
		return 0;
	len = rsa(r->own->key, false, plain, sizeof plain, bytes + 2, size);
	if (auth_random(r->other_random, sizeof r->other_random))
		return -1;
	if (len == random_len(r))
		memcpy(r->other_random, plain, len);
	auth_wipe(plain, sizeof plain);
	return 2 + (long)size;
}

/* --- session keys and hashes ------------------------------------------------------------------------------ */

/* SHA-1 or SHA-256 of two strings. Returns its length, 0 on failure. */
static size_t digest(const struct auth_ra2 *r, uint8_t out[32], const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (ctx && EVP_DigestInit_ex(ctx, r->is_256 ? EVP_sha256() : EVP_sha1(), NULL) == 1 && EVP_DigestUpdate(ctx, a, a_len) == 1 &&
	    EVP_DigestUpdate(ctx, b, b_len) == 1 && EVP_DigestFinal_ex(ctx, md, &len) == 1 && len <= 32)
		memcpy(out, md, len);
	else
		len = 0;
	EVP_MD_CTX_free(ctx);
	auth_wipe(md, sizeof md);
	return len;
}

/* Each side sends with the digest of the other's random and its own. */
bool auth_ra2_derive(struct auth_ra2 *r)
{
	unsigned n = random_len(r);
	struct auth_aes_keys *k = &r->keys;

	k->key_len = r->is_256 ? 32 : 16;
	if (!digest(r, k->send_key, r->other_random, n, r->own_random, n) || !digest(r, k->recv_key, r->own_random, n, r->other_random, n))
		return false;
	r->seal = auth_eax_new(k->send_key, k->key_len, 0);
	r->open = auth_eax_new(k->recv_key, k->key_len, 0);
	return r->seal && r->open;
}

bool auth_ra2_put_hash(struct auth_ra2 *r, struct wire_buf *out)
{
	uint8_t hash[32];
	size_t len = digest(r, hash, r->own_public, r->own_len, r->other_public, r->other_len);

	return len > 0 && auth_ra2_put_record(r, out, hash, len);
}

long auth_ra2_take_hash(struct auth_ra2 *r, const uint8_t *bytes, size_t n)
{
	uint8_t plain[AUTH_RA2_RECORD_MAX], hash[32];
	size_t want, len;
	long used = auth_ra2_take_record(r, plain, &len, bytes, n);

	if (used <= 0)
		return used;
	want = digest(r, hash, r->other_public, r->other_len, r->own_public, r->own_len);
	return want > 0 && len == want && auth_equal(plain, hash, want) ? used : -1;
}

/* --- records ------------------------------------------------------------------------------------------------- */

bool auth_ra2_put_record(struct auth_ra2 *r, struct wire_buf *out, const uint8_t *plain, size_t n)
{
	uint8_t *to = wire_buf_grow(out, n + AUTH_RECORD_EXTRA);

	return to && auth_eax_seal(r->seal, to, plain, n) == 0;
}

long auth_ra2_take_record(struct auth_ra2 *r, uint8_t plain[AUTH_RA2_RECORD_MAX], size_t *len, const uint8_t *bytes, size_t n)
{
	if (n >= 2 && wire_ld16be(bytes) > AUTH_RA2_RECORD_MAX)
		return -1;
	return auth_eax_open(r->open, plain, len, bytes, n);
}

void auth_ra2_keys(const struct auth_ra2 *r, struct auth_aes_keys *out)
{
	*out = r->keys;
	out->send_count = auth_eax_count(r->seal);
	out->recv_count = auth_eax_count(r->open);
}

void auth_ra2_fingerprint(const uint8_t *public, size_t n, char text[24])
{
	uint8_t md[EVP_MAX_MD_SIZE];

	text[0] = 0;
	if (EVP_Digest(public, n, md, NULL, EVP_sha1(), NULL) == 1)
		snprintf(text, 24, "%02x-%02x-%02x-%02x-%02x-%02x-%02x-%02x", md[0], md[1], md[2], md[3], md[4], md[5], md[6], md[7]);
}
