/* One child: our stream on its stdin, the events of those who watch on its stdout. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

enum { ARGS_MAX = 256, PATIENCE_MS = 3000 };

/* rfbd where this program is; "rfbd" to be looked for in PATH otherwise. */
static const char *server_path(char *buf, size_t n)
{
	ssize_t len = readlink("/proc/self/exe", buf, n - sizeof "rfbd");
	char *slash;

	if (len <= 0)
		return "rfbd";
	buf[len] = '\0';
	slash = strrchr(buf, '/');
	strcpy(slash + 1, "rfbd");
	return access(buf, X_OK) == 0 ? buf : "rfbd";
}

static _Noreturn void become_server(char **args, int in, int out)
{
	char path[PATH_MAX], *argv[ARGS_MAX + 8];
	int n = 0;

	argv[n++] = (char *)(uintptr_t)"rfbd";
	argv[n++] = (char *)(uintptr_t)"-i";
	argv[n++] = (char *)(uintptr_t)"-";
	if (cli_log_is_json())
		argv[n++] = (char *)(uintptr_t)"-J";
	argv[n++] = (char *)(uintptr_t)"-L";
	argv[n++] = (char *)(uintptr_t)cli_log_level_name();
	for (; args && *args && n < ARGS_MAX; args++)
		argv[n++] = *args;
	argv[n] = NULL;
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		cli_die_errno("cannot start rfbd");
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execvp(server_path(path, sizeof path), argv);
	cli_die_errno("cannot start rfbd");
}

/* Who is locked in cannot exec: so the child is there before, and waits for a byte. */
static void await_go(int go)
{
	char byte;
	ssize_t n;

	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(CLI_OK);
}

void server_prepare(struct server *s, char **args)
{
	int in[2], out[2], go[2];
	sigset_t none;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		cli_die_errno("cannot start rfbd");
	s->pid = fork();
	if (s->pid < 0)
		cli_die_errno("cannot start rfbd");
	if (s->pid == 0) {
		close(go[1]);
		close(in[1]);
		await_go(go[0]);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		become_server(args, in[0], out[1]);
	}
	close(go[0]);
	close(in[0]);
	close(out[1]);
	s->go = go[1];
	s->stream = in[1];
	s->events = out[0];
}

void server_start(const struct server *s)
{
	if (write(s->go, "g", 1) != 1)
		cli_die_errno("cannot start rfbd");
	close(s->go);
}

int server_stop(const struct server *s)
{
	int status = 0;

	close(s->stream);
	for (int ms = 0; waitpid(s->pid, &status, WNOHANG) == 0; ms += 10) {
		if (ms == 0)
			kill(s->pid, SIGTERM);
		if (ms == PATIENCE_MS)
			kill(s->pid, SIGKILL);
		usleep(10000);
	}
	close(s->events);
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_OK;
}

static struct termios before;
static bool changed;

int terminal_enter(void)
{
	struct termios t;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before))
		return 0;
	t = before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	changed = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
	if (changed)
		atexit(terminal_leave);
	return changed;
}

void terminal_leave(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	changed = false;
}
