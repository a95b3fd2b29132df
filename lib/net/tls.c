/* TLS settings: contexts for servers and clients, with certificates and anonymous. */
#include "net/tls.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "net/tlsctx.h"

/* Every cipher without authentication that encrypts and is not broken; DH of 3072 bits or ECDH. */
static const char anonymous_ciphers[] =
	"ADH-AES256-GCM-SHA384:ADH-AES128-GCM-SHA256:aNULL:!eNULL:!RC4:!3DES:!MD5:!SEED:!EXP:!LOW:@SECLEVEL=0";

const char *net_tls_why(void)
{
	unsigned long e = ERR_get_error();
	const char *why = !e ? NULL : ERR_SYSTEM_ERROR(e) ? strerror(ERR_GET_REASON(e)) : ERR_reason_error_string(e);

	ERR_clear_error();
	return why ? why : "unknown reason";
}

/* Writes the error line. Always false. */
static bool complain(char *err, size_t err_len, const char *what)
{
	snprintf(err, err_len, "%s: %s", what, net_tls_why());
	return false;
}

static struct net_tls *new_context(bool server, char *err, size_t err_len)
{
	struct net_tls *t = calloc(1, sizeof *t);

	ERR_clear_error();
	if (!t) {
		snprintf(err, err_len, "out of memory");
		return NULL;
	}
	t->references = 1;
	t->server = server;
	t->method = net_tls_bio_method();
	t->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (!t->ctx || !t->method) {
		complain(err, err_len, "TLS");
		net_tls_free(t);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	/* viewers leave without close-notify; the stream's end is the protocol's business */
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET |
				    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(t->ctx, 0);
	return t;
}

void net_tls_free(struct net_tls *t)
{
	if (!t || --t->references > 0)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->method);
	free(t);
}

/* --- certificates --------------------------------------------------------------------------------- */

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool use_chain(SSL_CTX *ctx, BIO *in)
{
	X509 *leaf = PEM_read_bio_X509(in, NULL, no_passphrase, NULL), *ca;
	bool ok = leaf && SSL_CTX_use_certificate(ctx, leaf) == 1;

	X509_free(leaf);
	if (!ok)
		return false;
	while ((ca = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)))
		if (SSL_CTX_add0_chain_cert(ctx, ca) != 1) {
			X509_free(ca);
			return false;
		}
	ERR_clear_error();	/* the end of the file is one */
	return true;
}

/* OpenSSL's own words for what is wrong depend on the kinds of both keys. */
static bool use_key(SSL_CTX *ctx, BIO *in, char *err, size_t err_len)
{
	EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
	bool ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;

	if (!ok)
		snprintf(err, err_len, "private key: %s", key ? "it is not the certificate's" : "there is none without a passphrase");
	ERR_clear_error();
	EVP_PKEY_free(key);
	return ok;
}

static bool use_authorities(SSL_CTX *ctx, BIO *in)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	unsigned n = 0;
	X509 *ca;

	while ((ca = PEM_read_bio_X509(in, NULL, no_passphrase, NULL))) {
		if (X509_STORE_add_cert(store, ca) == 1 && SSL_CTX_add_client_CA(ctx, ca) == 1)
			n++;
		X509_free(ca);
	}
	ERR_clear_error();
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return n > 0;
}

static struct net_tls *server_from(BIO *cert, BIO *key, BIO *ca, char *err, size_t err_len)
{
	struct net_tls *t = new_context(true, err, err_len);
	bool ok;

	if (!t)
		return NULL;
	SSL_CTX_set_dh_auto(t->ctx, 1);
	ok = (cert && use_chain(t->ctx, cert)) || complain(err, err_len, "certificate");
	ok = ok && use_key(t->ctx, key, err, err_len);
	if (ok && ca && !use_authorities(t->ctx, ca)) {
		snprintf(err, err_len, "client CA: no certificate is there");
		ok = false;
	}
	if (ok)
		return t;
	net_tls_free(t);
	return NULL;
}

/* NULL for no path; *ok false when it cannot be opened. */
static BIO *open_file(const char *path, bool *ok, char *err, size_t err_len)
{
	BIO *in = path && *ok ? BIO_new_file(path, "r") : NULL;

	if (path && *ok && !in)
		*ok = complain(err, err_len, path);
	return in;
}

struct net_tls *net_tls_server(const char *cert, const char *key, const char *client_ca, char *err, size_t err_len)
{
	bool ok = true;
	BIO *c = open_file(cert, &ok, err, err_len), *k = open_file(key ? key : cert, &ok, err, err_len);
	BIO *a = open_file(client_ca, &ok, err, err_len);
	struct net_tls *t = ok ? server_from(c, k, a, err, err_len) : NULL;

	BIO_free(c);
	BIO_free(k);
	BIO_free(a);
	return t;
}

static BIO *from_memory(const char *pem, size_t len)
{
	return pem && len <= 1 << 24 ? BIO_new_mem_buf(pem, (int)len) : NULL;
}

struct net_tls *net_tls_server_pem(const char *cert_pem, size_t cert_len, const char *key_pem, size_t key_len,
				   const char *ca_pem, size_t ca_len, char *err, size_t err_len)
{
	BIO *c = from_memory(cert_pem, cert_len), *k = key_pem ? from_memory(key_pem, key_len) : from_memory(cert_pem, cert_len);
	BIO *a = from_memory(ca_pem, ca_len);
	struct net_tls *t = server_from(c, k, a, err, err_len);

	BIO_free(c);
	BIO_free(k);
	BIO_free(a);
	return t;
}

bool net_tls_client_certificate(struct net_tls *t, const char *cert, const char *key, char *err, size_t err_len)
{
	bool ok = true;
	BIO *c = open_file(cert, &ok, err, err_len), *k = open_file(key ? key : cert, &ok, err, err_len);

	ok = ok && (use_chain(t->ctx, c) || complain(err, err_len, "certificate"));
	ok = ok && use_key(t->ctx, k, err, err_len);
	BIO_free(c);
	BIO_free(k);
	return ok;
}

void net_tls_use_aside(struct net_tls *t, struct net_aside *aside)
{
	t->aside = aside;
}

bool net_tls_fingerprint(const struct net_tls *t, char text[96])
{
	X509 *cert = SSL_CTX_get0_certificate(t->ctx);
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!cert || X509_digest(cert, EVP_sha256(), md, &n) != 1)
		return false;
	for (unsigned i = 0; i < n; i++)
		snprintf(text + 3 * (size_t)i, 96 - 3 * (size_t)i, i + 1 < n ? "%02X:" : "%02X", md[i]);
	return true;
}

/* --- anonymous: TLS 1.2 exactly, since 1.3 has no such ciphers ---------------------------------------- */

static EVP_PKEY *dh_group(void)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)"ffdhe3072", 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *group = NULL;

	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &group, EVP_PKEY_KEY_PARAMETERS, params);
	EVP_PKEY_CTX_free(ctx);
	return group;
}

static struct net_tls *anonymous(bool server, char *err, size_t err_len)
{
	struct net_tls *t = new_context(server, err, err_len);
	EVP_PKEY *group;

	if (!t)
		return NULL;
	SSL_CTX_set_max_proto_version(t->ctx, TLS1_2_VERSION);
	if (SSL_CTX_set_cipher_list(t->ctx, anonymous_ciphers) != 1)
		goto fail;
	if (server) {
		group = dh_group();
		if (!group)
			goto fail;
		if (SSL_CTX_set0_tmp_dh_pkey(t->ctx, group) != 1) {
			EVP_PKEY_free(group);
			goto fail;
		}
	}
	return t;
fail:
	complain(err, err_len, "anonymous TLS");
	net_tls_free(t);
	return NULL;
}

struct net_tls *net_tls_server_anonymous(char *err, size_t err_len)
{
	return anonymous(true, err, err_len);
}

struct net_tls *net_tls_client_anonymous(char *err, size_t err_len)
{
	return anonymous(false, err, err_len);
}

/* The system's certificates as one file, for a client that may open nothing when it meets its server. OpenSSL's own default
 * is a folder that it reads then. */
static void load_bundle(SSL_CTX *ctx)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
		if (access(bundles[i], R_OK) == 0 && SSL_CTX_load_verify_file(ctx, bundles[i]) == 1)
			break;
	ERR_clear_error();
}

struct net_tls *net_tls_client(const char *ca, bool insecure, char *err, size_t err_len)
{
	struct net_tls *t = new_context(false, err, err_len);
	int loaded;

	if (!t)
		return NULL;
	if (insecure)
		return t;
	loaded = ca ? SSL_CTX_load_verify_file(t->ctx, ca) : SSL_CTX_set_default_verify_paths(t->ctx);
	if (loaded != 1) {
		complain(err, err_len, ca ? ca : "certificate authorities");
		net_tls_free(t);
		return NULL;
	}
	if (!ca)
		load_bundle(t->ctx);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	t->verify_host = true;
	return t;
}
