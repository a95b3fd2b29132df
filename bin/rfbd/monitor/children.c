/* Starting, restarting and ending children. One that dies young waits longer before its next
 * start (0.2 s, doubling, at most 10 s); one that lived ten seconds starts anew at once. */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"

static const double delay_first = 0.2, delay_most = 10;
enum { GROWN_UP_US = 10 * 1000000 };

static void on_again(struct ev_loop *loop, ev_timer *t, int events)
{
	struct child *c = t->data;
	(void)loop;
	(void)events;
	if (c->wanted && !c->pid)
		c->start(c);
}

static void start_later(struct child *c)
{
	ev_timer_set(&c->again, c->delay, 0);
	ev_timer_start(EV_DEFAULT, &c->again);
	c->delay = c->delay * 2 > delay_most ? delay_most : c->delay * 2;
}

/* One line for each time: how it ended, and when it is tried again. */
static void explain(const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		cli_log(CLI_WARN, "%s was killed by signal %d: again in %g s", c->what, WTERMSIG(status), c->delay);
	else
		cli_log(WEXITSTATUS(status) ? CLI_WARN : c->given_up ? CLI_INFO : CLI_DEBUG, "%s ended with status %d: again in %g s", c->what,
			WEXITSTATUS(status), c->delay);
}

/* It would end like this whenever it is run: it is not there (126, 127), or says that it is misused. */
static bool is_hopeless(const struct child *c, int status)
{
	if (!WIFEXITED(status) || (WEXITSTATUS(status) < 126 && !(c->given_up && WEXITSTATUS(status) == CLI_MISUSE)))
		return false;
	if (WEXITSTATUS(status) == CLI_MISUSE)
		cli_log(CLI_ERROR, "%s is misused (status %d): it is given up", c->what, CLI_MISUSE);
	else
		cli_log(CLI_ERROR, "%s cannot be run: it is given up", c->what);
	return true;
}

static void on_exit_child(struct ev_loop *loop, ev_child *w, int events)
{
	struct child *c = w->data;
	(void)events;
	ev_child_stop(loop, w);
	c->pid = 0;
	if (!c->wanted)
		return;
	if (is_hopeless(c, w->rstatus)) {
		c->wanted = false;
		if (c->given_up)
			c->given_up(c, WEXITSTATUS(w->rstatus));
		return;
	}
	if (c->once && WIFEXITED(w->rstatus) && WEXITSTATUS(w->rstatus) == 0) {
		c->wanted = false;
		return;
	}
	if (io_now() - c->started_us >= GROWN_UP_US)
		c->delay = delay_first;
	if (!c->once)
		explain(c, w->rstatus);
	start_later(c);
}

void child_init(struct child *c, const char *what, void (*start)(struct child *c), void *arg)
{
	memset(c, 0, sizeof *c);
	c->what = what;
	c->start = start;
	c->arg = arg;
	c->delay = delay_first;
	ev_init(&c->again, on_again);
	c->again.data = c;
}

void child_want(struct child *c)
{
	c->wanted = true;
	if (!c->pid && !ev_is_active(&c->again))
		c->start(c);
}

void child_want_later(struct child *c)
{
	c->wanted = true;
	if (io_now() - c->started_us >= GROWN_UP_US)
		c->delay = delay_first;
	if (!c->pid && !ev_is_active(&c->again))
		start_later(c);
}

_Noreturn void child_become(char *const argv[], int in, int out, pid_t parent)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(CLI_SYSTEM);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	cli_log(CLI_ERROR, "cannot run %s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int child_spawn(struct child *c, char *const argv[], int in, int out)
{
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		child_become(argv, in, out, parent);
	setpgid(pid, pid);
	child_watch(c, pid);
	return 0;
}

void child_watch(struct child *c, pid_t pid)
{
	c->pid = pid;
	c->started_us = io_now();
	ev_child_init(&c->watcher, on_exit_child, pid, 0);
	c->watcher.data = c;
	ev_child_start(EV_DEFAULT, &c->watcher);
}

void child_drop(struct child *c, int sig)
{
	c->wanted = false;
	c->delay = delay_first;
	ev_timer_stop(EV_DEFAULT, &c->again);
	if (c->pid && sig)
		kill(-c->pid, sig);
}

void child_reap(struct child *c, double seconds)
{
	int64_t deadline = io_now() + (int64_t)(seconds * 1e6);
	while (c->pid) {
		int status;
		pid_t r = waitpid(c->pid, &status, WNOHANG);
		if (r == c->pid || (r < 0 && errno == ECHILD)) {
			kill(-c->pid, SIGTERM);		/* what the leader left behind */
			c->pid = 0;
		} else if (io_now() > deadline) {
			kill(-c->pid, SIGKILL);
			deadline = io_now() + 1000000;
		} else {
			usleep(2000);
		}
	}
}

const char *child_program(const char *name, char *buf, size_t n)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;
	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		*slash = '\0';
		if (snprintf(buf, n, "%s/%s", self, name) < (int)n && access(buf, X_OK) == 0)
			return buf;
	}
	snprintf(buf, n, "%s", name);
	return buf;
}
