/* What the worker needs from the outside, read while it may; then it is locked in. */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "confine/rights.h"
#include "entry/webfiles.h"

static void ignore_signals(void)
{
	signal(SIGINT, SIG_IGN);	/* from a terminal: the monitor ends us in order */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* The page's files, read before the worker is locked in. */
static void load_page(struct worker *w)
{
	const char *root = w->config->web_root;
	char beside[PATH_MAX + 32];
	if (!w->config->n_webs && !w->config->n_web_fds)
		return;
	if (!root) {
		const ssize_t n = readlink("/proc/self/exe", beside, PATH_MAX);
		const char *slash = n > 0 ? memrchr(beside, '/', (size_t)n) : NULL;
		snprintf(beside + (slash ? slash - beside : 0), 32, "/../share/rfbkit/web");
		root = beside;
	}
	const int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->web = fd < 0 ? NULL : webfiles_load(fd);
	if (!w->web)
		cli_die_errno("-W: cannot read the page's files in %s", root);
	close(fd);
}

/* Started as root, viewers are none of root's business. */
static void drop_root(const struct config *c)
{
	const char *what, *user = c->user ? c->user : "nobody";
	if (geteuid() != 0)
		return;
	if (confine_become(user, &what) < 0) {
		if (c->user)
			cli_die_errno("--user %s: %s", user, what);
		cli_log(CLI_WARN, "the worker stays root: %s: %s", what, strerror(errno));
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a change of user forgets it */
}

/* From here on nothing is opened, connected or run; see doc/security.md. */
static void lock_in(void)
{
	const struct confine_settings s = { .rights = CONFINE_OF_RFBD_WORKER };
	const char *what;
	OPENSSL_init_crypto(0, NULL);	/* reads its configuration */
	if (confine_process(&s, &what) < 0)	/* its statistics file is the monitor's to remove */
		cli_die_errno("cannot lock in: %s", what);
	if (what)
		cli_log(CLI_INFO, "%s", what);
}

void worker_set_up(struct worker *w)
{
	ignore_signals();
	cli_stats_reopen("rfbd", "worker");
	load_page(w);
	secrets_init(&w->secrets, w->config);
	drop_root(w->config);
	lock_in();
}
