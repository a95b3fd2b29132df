/* What is handed on is what the worker needs: users' password hashes stay here (verify.c). */
#include "secretfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "auth/random.h"
#include "auth/users.h"
#include "cli/cli.h"
#include "msgpass.h"
#include "net/tls.h"

/* The VncAuth passwords: -p's file, or the users file's own lines. False: a line said what is wrong. */
static bool load_vnc(const struct config *c, struct auth_vnc_secrets *out)
{
	unsigned line = 0;
	const char *reason = "";
	memset(out, 0, sizeof *out);
	if (c->users_file) {
		struct auth_users *u = auth_users_new();
		const bool ok = u && auth_users_load(u, c->users_file, &line, &reason) == 0;
		const int error = errno;
		if (ok)
			auth_users_vnc(u, out);
		auth_users_free(u);
		if (!ok) {
			if (error == EINVAL)
				cli_log(CLI_ERROR, "%s: line %u: %s", c->users_file, line, reason);
			else
				cli_log(CLI_ERROR, "%s: %s", c->users_file,
					error == EPERM ? "others than its owner can read it" : strerror(error));
			return false;
		}
	}
	if (c->password_file && auth_vncpasswd_load(out, c->password_file) < 0) {
		cli_log(CLI_ERROR, "%s: %s", c->password_file,
			errno == EINVAL ? "not a file that vncpasswd writes (8 or 16 bytes)" : strerror(errno));
		return false;
	}
	return true;
}

/* Tries the certificate, making it first where nothing is there. False: a line said what is wrong. */
static bool try_certificate(const struct config *c, bool first)
{
	char why[160], fingerprint[96];
	const char *key = c->key ? c->key : c->certificate;
	const int made = first && c->key ? net_tls_make_certificate(c->certificate, key, why, sizeof why) : 0;
	struct net_tls *t = made < 0 ? NULL : net_tls_server(c->certificate, key, c->client_ca, why, sizeof why);
	if (!t) {
		cli_log(CLI_ERROR, "-C %s%s%s: %s", c->certificate, c->key ? ", -K " : "", c->key ? c->key : "", why);
		return false;
	}
	if (made)
		cli_log(CLI_INFO, "made the certificate %s", c->certificate);
	if (first && net_tls_fingerprint(t, fingerprint))
		cli_log(CLI_INFO, "certificate SHA-256 %s", fingerprint);
	net_tls_free(t);
	return true;
}

struct offer_means secretfiles_open(const struct config *c)
{
	struct auth_vnc_secrets vnc;
	struct offer_means m = { .users = c->users_file || c->pam_service, .rsa = c->rsa_key != NULL,
				 .client_ca = c->client_ca != NULL };
	if (!load_vnc(c, &vnc) || (c->certificate && !try_certificate(c, true)))
		_exit(CLI_NO);
	m.vnc = vnc.has_full || vnc.has_view;
	m.certificate = c->certificate != NULL;
	auth_vnc_wipe(&vnc);
	return m;
}

static bool send_file(int worker_fd, unsigned which, const char *path)
{
	if (!path)
		return true;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const bool ok = fd >= 0 && msg_send(worker_fd, MSG_PEM, which, NULL, 0, fd) == 0;
	if (!ok)
		cli_log(CLI_ERROR, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

bool secretfiles_send(const struct config *c, int worker_fd)
{
	struct auth_vnc_secrets vnc;
	bool ok = load_vnc(c, &vnc);
	if (ok)
		ok = msg_send(worker_fd, MSG_SECRETS, 0, &vnc, sizeof vnc, -1) == 0;
	auth_vnc_wipe(&vnc);
	if (c->certificate)
		ok = try_certificate(c, false) && send_file(worker_fd, PEM_CERT, c->certificate) && send_file(worker_fd, PEM_KEY, c->key) &&
			send_file(worker_fd, PEM_CA, c->client_ca) && msg_send(worker_fd, MSG_CERTIFICATE, 0, NULL, 0, -1) == 0 && ok;
	return ok;
}
