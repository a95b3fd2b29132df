/* The programs that the monitor runs: the input consumer and -e's source. Their ends of the pipes go to the worker. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "msgpass.h"

void monitor_start_input(struct child *c)
{
	struct monitor *m = c->arg;
	int pair[2];
	char path[4096];
	char *shell[] = { "sh", "-c", (char *)(uintptr_t)m->config->input_command, NULL };
	char *own[] = { NULL, "-a", "--auth", "guess", "-d", m->display, "-L", (char *)(uintptr_t)cli_log_level_name(),
			cli_log_is_json() ? "-J" : NULL, NULL };
	own[0] = (char *)(uintptr_t)child_program("fbinput", path, sizeof path);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    child_spawn(c, m->config->input_command ? shell : own, pair[1], pair[1]) < 0)
		cli_die_errno("cannot start %s", c->what);
	close(pair[1]);
	io_set_nonblock(pair[0], true);
	if (msg_send(m->worker_fd, MSG_INPUT, 0, NULL, 0, pair[0]) < 0)
		cli_log(CLI_WARN, "cannot pass %s on: %s", c->what, strerror(errno));
	close(pair[0]);
}

void monitor_start_source(struct child *c)
{
	struct monitor *m = c->arg;
	int pipe_fds[2];
	char *shell[] = { "sh", "-c", (char *)(uintptr_t)m->config->source_command, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0 || child_spawn(c, shell, null, pipe_fds[1]) < 0)
		cli_die_errno("cannot start the source");
	close(null);
	close(pipe_fds[1]);
	io_pipe_enlarge(pipe_fds[0]);
	if (msg_send(m->worker_fd, MSG_SOURCE, SOURCE_COMMAND, NULL, 0, pipe_fds[0]) < 0)
		cli_log(CLI_WARN, "cannot pass the source on: %s", strerror(errno));
	close(pipe_fds[0]);
}
