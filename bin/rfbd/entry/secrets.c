/* The worker's secrets. */
#include "secrets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/random.h"
#include "cli/cli.h"
#include "io/io.h"

enum { PEM_MAX = 256 << 10, RSA_BITS = 3072 };

static struct auth_rsa *rsa_key(const char *path)
{
	char fingerprint[24], sha256[96];
	struct auth_rsa *k = auth_rsa_load(path);
	if (!k && errno == ENOENT && (k = auth_rsa_make(RSA_BITS)) && auth_rsa_save(k, path) == 0)
		cli_log(CLI_INFO, "made the RSA key %s", path);
	if (!k)
		cli_die(CLI_NO, "%s: %s", path, errno == EINVAL ? "not an RSA key of 1024 to 8192 bits" :
			errno == EPERM ? "others than its owner can read it" : strerror(errno));
	auth_rsa_fingerprint(k, fingerprint);
	cli_log(CLI_INFO, "RSA key %s", fingerprint);
	auth_rsa_sha256(k, sha256);
	cli_log(CLI_INFO, "the RSA key's SHA-256 %s", sha256);
	return k;
}

void secrets_init(struct secrets *s, const struct config *c)
{
	char why[160];
	if (c->rsa_key)
		s->rsa = rsa_key(c->rsa_key);
	s->anonymous = net_tls_server_anonymous(why, sizeof why);
	if (!s->anonymous)
		cli_log(CLI_WARN, "no anonymous TLS: %s", why);
	s->means.rsa = s->rsa != NULL;
	s->means.users = c->users_file || c->pam_service;
	s->means.client_ca = c->client_ca != NULL;
}

static void drop_pem(struct pem *p)
{
	if (p->text)
		auth_wipe(p->text, p->len);
	free(p->text);
	*p = (struct pem){ 0 };
}

void secrets_fini(struct secrets *s)
{
	auth_vnc_wipe(&s->vnc);
	drop_pem(&s->cert);
	drop_pem(&s->key);
	drop_pem(&s->ca);
	net_tls_free(s->tls);
	net_tls_free(s->anonymous);
	auth_rsa_free(s->rsa);
}

void secrets_use_aside(struct secrets *s, struct net_aside *aside)
{
	s->aside = aside;
	if (s->anonymous)
		net_tls_use_aside(s->anonymous, aside);
}

void secrets_set_vnc(struct secrets *s, const void *bytes, size_t n)
{
	if (n == sizeof s->vnc)
		memcpy(&s->vnc, bytes, n);
	s->means.vnc = s->vnc.has_full || s->vnc.has_view;
}

void secrets_take_pem(struct pem *p, int fd)
{
	drop_pem(p);
	p->text = malloc(PEM_MAX);
	const ssize_t n = p->text ? io_read_full(fd, p->text, PEM_MAX, IO_FOREVER) : -1;
	close(fd);
	p->len = n > 0 ? (size_t)n : 0;
}

void secrets_use_certificate(struct secrets *s)
{
	char why[160];
	struct net_tls *t = net_tls_server_pem(s->cert.text, s->cert.len, s->key.text ? s->key.text : s->cert.text,
					       s->key.text ? s->key.len : s->cert.len, s->ca.text, s->ca.len, why, sizeof why);
	drop_pem(&s->cert);
	drop_pem(&s->key);
	drop_pem(&s->ca);
	if (!t) {
		cli_log(CLI_ERROR, "the certificate cannot be used: %s", why);
		return;
	}
	net_tls_use_aside(t, s->aside);
	net_tls_free(s->tls);
	s->tls = t;
	s->means.certificate = true;
}
