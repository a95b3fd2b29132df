/* VNC Authentication. Single DES is not in OpenSSL's default provider, but triple DES is, and with three equal
 * keys it is DES. */
#include "auth/vncauth.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "auth/random.h"

/* The key with which every vncpasswd obfuscates (it is no secret). */
static const uint8_t file_key[8] = { 23, 82, 107, 6, 35, 78, 88, 7 };

static uint8_t mirror(uint8_t b)
{
	b = (uint8_t)((b & 0xf0) >> 4 | (b & 0x0f) << 4);
	b = (uint8_t)((b & 0xcc) >> 2 | (b & 0x33) << 2);
	return (uint8_t)((b & 0xaa) >> 1 | (b & 0x55) << 1);
}

/* n (a multiple of 8) bytes in ECB mode. 0 or -1. */
static int des(bool encrypt, uint8_t *out, const uint8_t *in, int n, const uint8_t key[8])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t triple[24];
	int len, result = -1;

	for (unsigned i = 0; i < 24; i++)
		triple[i] = mirror(key[i % 8]);
	if (!ctx || !EVP_CipherInit_ex(ctx, EVP_des_ede3_ecb(), NULL, triple, NULL, encrypt))
		goto out;
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	if (EVP_CipherUpdate(ctx, out, &len, in, n) && len == n)
		result = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	auth_wipe(triple, sizeof triple);
	return result;
}

int auth_vnc_respond(uint8_t response[16], const uint8_t challenge[16], const uint8_t password[8])
{
	return des(true, response, challenge, 16, password);
}

/* Both passwords are always tried, whatever the first one gave. */
bool auth_vnc_check(const struct auth_vnc_secrets *s, const struct auth_check *c, enum auth_rights *rights)
{
	uint8_t want[16];
	bool full, view;

	full = auth_vnc_respond(want, c->challenge, s->full) == 0 && auth_equal(want, c->response, 16);
	view = auth_vnc_respond(want, c->challenge, s->view) == 0 && auth_equal(want, c->response, 16);
	auth_wipe(want, sizeof want);
	*rights = (full & s->has_full) ? AUTH_FULL : AUTH_VIEW;
	return (full & s->has_full) | (view & s->has_view);
}

bool auth_vnc_check_password(const struct auth_vnc_secrets *s, const char *password, enum auth_rights *rights)
{
	uint8_t given[8] = { 0 };
	bool full, view;

	memcpy(given, password, strnlen(password, sizeof given));
	full = auth_equal(given, s->full, 8) & s->has_full;
	view = auth_equal(given, s->view, 8) & s->has_view;
	auth_wipe(given, sizeof given);
	*rights = full ? AUTH_FULL : AUTH_VIEW;
	return full | view;
}

void auth_vnc_wipe(struct auth_vnc_secrets *s)
{
	auth_wipe(s, sizeof *s);
}

int auth_vncpasswd_obfuscate(uint8_t out[8], const uint8_t password[8])
{
	return des(true, out, password, 8, file_key);
}

int auth_vncpasswd_reveal(uint8_t out[8], const uint8_t obfuscated[8])
{
	return des(false, out, obfuscated, 8, file_key);
}

int auth_vncpasswd_parse(struct auth_vnc_secrets *out, const uint8_t *bytes, size_t n)
{
	memset(out, 0, sizeof *out);
	if (n != 8 && n != 16)
		return -1;
	if (auth_vncpasswd_reveal(out->full, bytes) || (n == 16 && auth_vncpasswd_reveal(out->view, bytes + 8))) {
		auth_vnc_wipe(out);
		return -1;
	}
	out->has_full = true;
	out->has_view = n == 16;
	return 0;
}

int auth_vncpasswd_load(struct auth_vnc_secrets *out, const char *path)
{
	uint8_t bytes[17];
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1, saved;
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while ((got = read(fd, bytes + n, sizeof bytes - n)) > 0)
		n += (size_t)got;
	if (got == 0) {
		result = auth_vncpasswd_parse(out, bytes, n);
		if (result)
			errno = EINVAL;
	}
	saved = errno;
	close(fd);
	auth_wipe(bytes, sizeof bytes);
	errno = saved;
	return result;
}
