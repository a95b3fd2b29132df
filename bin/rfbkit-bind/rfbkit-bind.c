/* rfbkit-bind: opens the listening sockets of an address and runs a command for each, with the socket as its stdin. What the
 * service tree puts rfbd's sockets into an fd-holder with, so that they outlive rfbd. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "net/listen.h"

static const struct cli_option options[] = { { 0 } };

static const struct cli_program program = {
	.name = "rfbkit-bind",
	.operands = "[ADDR:]PORT|unix:PATH -- COMMAND [ARGUMENT]...",
	.purpose = "Opens listening sockets and runs COMMAND with each as its stdin.",
	.options = options,
};

static _Noreturn void become(const struct net_listener *l, char **command)
{
	signal(SIGPIPE, SIG_DFL);
	setenv("SOCKET", l->text, 1);
	if (dup2(l->fd, STDIN_FILENO) >= 0)
		execvp(command[0], command);
	cli_log(CLI_ERROR, "cannot run %s: %s", command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Runs the command in a process of its own. Its exit code; as a shell tells it when a signal ended it. */
static int run(const struct net_listener *l, char **command)
{
	const pid_t pid = fork();
	int status;

	if (pid < 0)
		cli_die_errno("cannot fork");
	if (pid == 0)
		become(l, command);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			cli_die_errno("cannot wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* All but the last get a process; the last takes this one's place, so that what is started with one socket is a chain. */
static int run_all(const struct net_listener *listeners, int n, char **command)
{
	for (int i = 0; i < n - 1; i++) {
		const int code = run(&listeners[i], command);

		if (code != CLI_OK)
			return code;
	}
	become(&listeners[n - 1], command);
}

int main(int argc, char **argv)
{
	struct net_listener listeners[NET_LISTEN_MAX];
	struct net_address address;
	const char *value;
	char **operands;
	int n;

	cli_begin(&program, argc, argv);
	while (cli_next(&value) != -1)
		;
	operands = cli_operands(&n);
	if (n < 2)
		cli_misuse("an address and a command are needed");
	if (net_unix_fault(operands[0]))
		cli_misuse("`%s' cannot be a socket's path: it is %s", operands[0], net_unix_fault(operands[0]));
	if (net_address_parse(&address, operands[0]) < 0)
		cli_misuse("`%s' is not [ADDR:]PORT or unix:PATH", operands[0]);
	n = net_listen(listeners, NET_LISTEN_MAX, &address);
	if (n < 0)
		cli_die(CLI_SYSTEM, "cannot listen on %s: %s", operands[0], net_listen_strerror(&address));
	return run_all(listeners, n, operands + 1);
}
