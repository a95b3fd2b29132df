/* rfbkit-bind: opens the listening sockets of an address and runs a command for each, with the socket as its stdin. What the
 * service tree puts rfbd's sockets into an fd-holder with, so that they outlive rfbd. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "net/listen.h"

static const struct cli_option options[] = { { 0 } };

static const struct cli_program program = {
	.name = "rfbkit-bind",
	.operands = "[ADDR:]PORT -- COMMAND [ARGUMENT]...",
	.purpose = "open listening sockets and run COMMAND with each as its stdin",
	.options = options,
};

static _Noreturn void become(const struct net_listener *l, char **command)
{
	setenv("SOCKET", l->text, 1);
	if (dup2(l->fd, STDIN_FILENO) >= 0)
		execvp(command[0], command);
	cli_log(CLI_ERROR, "cannot run %s: %s", command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The command's exit code. */
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
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_SYSTEM;
}

int main(int argc, char **argv)
{
	struct net_listener listeners[NET_LISTEN_MAX];
	struct net_address address;
	const char *value;
	char **operands;
	int n, sockets, code = CLI_OK;

	cli_begin(&program, argc, argv);
	while (cli_next(&value) != -1)
		;
	operands = cli_operands(&n);
	if (n < 2)
		cli_misuse("an address and a command are needed");
	/* a Unix socket goes with the program that made its file */
	if (net_address_parse(&address, operands[0]) < 0 || address.is_unix)
		cli_misuse("`%s' is not [ADDR:]PORT", operands[0]);
	sockets = net_listen(listeners, NET_LISTEN_MAX, &address);
	if (sockets < 0)
		cli_die_errno("cannot listen on %s", operands[0]);
	for (int i = 0; i < sockets && code == CLI_OK; i++)
		code = run(&listeners[i], operands + 1);
	return code;
}
