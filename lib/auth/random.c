/* Randomness from the kernel by way of OpenSSL, compares and wiping that compilers keep. */
#include "auth/random.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

int auth_random(void *out, size_t n)
{
	return n <= INT_MAX && RAND_bytes(out, (int)n) == 1 ? 0 : -1;
}

bool auth_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void auth_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}
