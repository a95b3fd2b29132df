/* A self-signed certificate for this host, made at first start. */
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "net/tlsctx.h"

enum { DAYS = 3650 };

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool set_serial(X509 *x)
{
	uint8_t random[16];
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(random, sizeof random) != 1)
		return false;
	random[0] &= 0x7f;
	n = BN_bin2bn(random, sizeof random, NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok;
}

/* Host names with odd characters would confuse the extension's syntax. */
static const char *host_name(char *buf, size_t n)
{
	if (gethostname(buf, n) || !memchr(buf, 0, n) || !buf[0] ||
	    strspn(buf, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != strlen(buf))
		return "localhost";
	return buf;
}

static X509 *make(EVP_PKEY *key)
{
	char buf[256], names[600];
	const char *host = host_name(buf, sizeof buf);
	X509 *x = X509_new();
	X509_NAME *name = x ? X509_get_subject_name(x) : NULL;

	if (!x)
		return NULL;
	snprintf(names, sizeof names, "DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
	if (X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -3600) && X509_time_adj_ex(X509_getm_notAfter(x), DAYS, 0, NULL) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_extension(x, NID_subject_alt_name, names) &&
	    add_extension(x, NID_subject_key_identifier, "hash") && X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* A new file with that mode, for PEM. */
static BIO *create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	BIO *out;

	if (fd < 0)
		return NULL;
	out = fchmod(fd, mode) ? NULL : BIO_new_fd(fd, BIO_CLOSE);
	if (!out)
		close(fd);
	return out;
}

static int write_both(const char *cert, const char *key, X509 *x, EVP_PKEY *k, char *err, size_t err_len)
{
	BIO *to_key = create(key, 0600), *to_cert = NULL;
	const char *failed = key;
	int result = -1;

	if (!to_key)
		goto out;
	if (PEM_write_bio_PrivateKey(to_key, k, NULL, NULL, 0, NULL, NULL) != 1)
		goto out;
	failed = cert;
	to_cert = create(cert, 0644);
	if (!to_cert || PEM_write_bio_X509(to_cert, x) != 1)
		goto out;
	result = 1;
out:
	if (result < 0) {
		snprintf(err, err_len, "%s: %s", failed, strerror(errno));
		if (to_key)
			unlink(key);
	}
	BIO_free(to_key);
	BIO_free(to_cert);
	return result;
}

int net_tls_make_certificate(const char *cert, const char *key, char *err, size_t err_len)
{
	bool have_cert = access(cert, F_OK) == 0, have_key = access(key, F_OK) == 0;
	EVP_PKEY *k;
	X509 *x;
	int result = -1;

	if (have_cert && have_key)
		return 0;
	if (have_cert || have_key) {
		snprintf(err, err_len, "%s is there without %s", have_cert ? cert : key, have_cert ? key : cert);
		return -1;
	}
	k = EVP_EC_gen("P-256");
	x = k ? make(k) : NULL;
	if (x)
		result = write_both(cert, key, x, k, err, err_len);
	else
		snprintf(err, err_len, "making a certificate: %s", net_tls_why());
	X509_free(x);
	EVP_PKEY_free(k);
	return result;
}
