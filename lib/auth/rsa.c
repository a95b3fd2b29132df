/* The server's RSA key: making, loading, saving. */
#include "auth/rsa.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "auth/ra2.h"

static struct auth_rsa *wrap(EVP_PKEY *key)
{
	struct auth_rsa *k = key ? calloc(1, sizeof *k) : NULL;

	if (!k) {
		EVP_PKEY_free(key);
		return NULL;
	}
	k->key = key;
	return k;
}

void auth_rsa_free(struct auth_rsa *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

struct auth_rsa *auth_rsa_make(unsigned bits)
{
	return wrap(EVP_RSA_gen(bits));
}

static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

struct auth_rsa *auth_rsa_load(const char *path)
{
	FILE *f = fopen(path, "re");
	struct auth_rsa *k = NULL;
	uint8_t public[AUTH_RA2_KEY_MAX];
	struct stat st;
	int saved;

	if (!f)
		return NULL;
	if (fstat(fileno(f), &st))
		goto out;
	if (st.st_mode & 07) {
		errno = EPERM;
		goto out;
	}
	k = wrap(PEM_read_PrivateKey(f, NULL, no_passphrase, NULL));
	if (!k || EVP_PKEY_get_base_id(k->key) != EVP_PKEY_RSA || !auth_ra2_public(k, public)) {
		auth_rsa_free(k);
		k = NULL;
		errno = EINVAL;
	}
out:
	saved = errno;
	ERR_clear_error();
	fclose(f);
	errno = saved;
	return k;
}

int auth_rsa_save(const struct auth_rsa *k, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), saved;
	FILE *f;

	if (fd < 0)
		return -1;
	f = fdopen(fd, "w");
	if (!f) {
		saved = errno;
		close(fd);
		goto fail;
	}
	if (PEM_write_PrivateKey(f, k->key, NULL, NULL, 0, NULL, NULL) != 1) {
		saved = EIO;
		fclose(f);
		goto fail;
	}
	if (fclose(f) == 0)
		return 0;
	saved = errno;
fail:
	unlink(path);
	errno = saved;
	return -1;
}

void auth_rsa_fingerprint(const struct auth_rsa *k, char text[24])
{
	uint8_t public[AUTH_RA2_KEY_MAX];

	auth_ra2_fingerprint(public, auth_ra2_public(k, public), text);
}

void auth_rsa_sha256(const struct auth_rsa *k, char text[96])
{
	uint8_t public[AUTH_RA2_KEY_MAX], md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	text[0] = 0;
	if (EVP_Digest(public, auth_ra2_public(k, public), md, &n, EVP_sha256(), NULL) == 1)
		for (unsigned i = 0; i < n && i < 32; i++)
			snprintf(text + 3 * (size_t)i, 96 - 3 * (size_t)i, i + 1 < n ? "%02x:" : "%02x", md[i]);
}
