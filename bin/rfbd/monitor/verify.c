/* Checking names and passwords in short-lived children. */
#include "verify.h"

#include <errno.h>
#include <ev.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/random.h"
#include "auth/users.h"
#include "cli/cli.h"
#include "packet.h"

enum { SECONDS_MAX = 20 };

struct check {
	ev_child child;
	uint32_t id;
	void (*done)(void *arg, uint32_t id, unsigned verdict);
	void *arg;
};

static unsigned running;

/* --- in the child -------------------------------------------------------------------------- */

/* PAM asks; the password answers every question that is not echoed. */
static int answer(int n, const struct pam_message **ask, struct pam_response **out, void *password)
{
	struct pam_response *r = n > 0 && n <= PAM_MAX_NUM_MSG ? calloc((size_t)n, sizeof *r) : NULL;
	if (!r)
		return PAM_CONV_ERR;
	for (int i = 0; i < n; i++)
		if (ask[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			r[i].resp = strdup(password);
	*out = r;
	return PAM_SUCCESS;
}

static unsigned check_pam(const char *service, const char *user, char *password)
{
	const struct pam_conv conv = { answer, password };
	pam_handle_t *pam;
	if (pam_start(service, user, &conv, &pam) != PAM_SUCCESS)
		return VERDICT_NO;
	int rc = pam_authenticate(pam, PAM_DISALLOW_NULL_AUTHTOK);
	if (rc == PAM_SUCCESS)
		rc = pam_acct_mgmt(pam, 0);
	pam_end(pam, rc);
	return rc == PAM_SUCCESS ? VERDICT_FULL : VERDICT_NO;
}

static unsigned check_users(const char *path, const char *user, const char *password)
{
	struct auth_users *users = auth_users_new();
	enum auth_rights rights = AUTH_VIEW;
	unsigned line = 0, verdict = VERDICT_NO;
	const char *reason = "";
	if (!users || auth_users_load(users, path, &line, &reason) < 0)
		cli_log(CLI_ERROR, "%s: %s", path, errno == EINVAL ? reason : strerror(errno));
	else if (auth_users_check(users, user, password, &rights))
		verdict = rights == AUTH_FULL ? VERDICT_FULL : VERDICT_VIEW;
	auth_users_free(users);
	return verdict;
}

static unsigned decide(const struct config *c, const char *user, char *password)
{
	unsigned verdict = c->users_file ? check_users(c->users_file, user, password) : VERDICT_NO;
	if (verdict == VERDICT_NO && c->pam_service)
		verdict = check_pam(c->pam_service, user, password);
	return verdict;
}

/* --- in the monitor ---------------------------------------------------------------------------- */

static void on_exit_of_child(struct ev_loop *loop, ev_child *child, int events)
{
	struct check *k = child->data;
	const int status = child->rstatus;
	(void)events;
	ev_child_stop(loop, child);
	running--;
	k->done(k->arg, k->id, WIFEXITED(status) && WEXITSTATUS(status) <= VERDICT_FULL ? (unsigned)WEXITSTATUS(status) : VERDICT_NO);
	free(k);
}

/* The child's life: it has no core, ends with us, and not later than after SECONDS_MAX. */
static _Noreturn void run_child(const struct config *c, const char *user, char *password)
{
	const struct rlimit none = { 0, 0 };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	alarm(SECONDS_MAX);
	const unsigned verdict = decide(c, user, password);
	auth_wipe(password, strlen(password));
	_exit((int)verdict);
}

void verify_start(const struct config *c, uint32_t id, const char *text, size_t len,
		  void (*done)(void *arg, uint32_t id, unsigned verdict), void *arg)
{
	struct packet_check what;
	const bool good = packet_check_parse(&what, text, len);
	if (good && running < CHECKS_AT_ONCE) {
		struct check *k = calloc(1, sizeof *k);
		const pid_t pid = k ? fork() : -1;
		if (pid == 0)
			run_child(c, what.user, what.password);
		auth_wipe(&what, sizeof what);
		if (pid > 0) {
			k->id = id;
			k->done = done;
			k->arg = arg;
			ev_child_init(&k->child, on_exit_of_child, pid, 0);
			k->child.data = k;
			ev_child_start(EV_DEFAULT, &k->child);
			running++;
			return;
		}
		free(k);
	}
	auth_wipe(&what, sizeof what);
	cli_log(CLI_WARN, "a password could not be checked: %s",
		!good ? "not a name and a password" : running >= CHECKS_AT_ONCE ? "too many at once" : "no process");
	done(arg, id, VERDICT_NO);
}
