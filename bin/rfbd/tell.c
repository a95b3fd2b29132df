/* A command line becomes a command; the answer goes to stdout but for its last line, which becomes the exit code. */
#include "tell.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "command.h"
#include "io/io.h"
#include "net/listen.h"

enum { PATIENCE_US = 30000000, LINE_BYTES_MAX = 1 << 16 };

static size_t join(char *line, size_t size, char *const words[], int n)
{
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		const size_t len = strlen(words[i]);
		if (at + len + 2 > size)
			cli_misuse("the command is too long");
		memcpy(line + at, words[i], len);
		at += len;
		line[at++] = i + 1 < n ? ' ' : '\n';
	}
	return at;
}

/* One line of the answer. The exit code when it was the last; -1 otherwise. */
static int take_line(const char *line, size_t n)
{
	if (n == 2 && !memcmp(line, "ok", 2))
		return CLI_OK;
	if (n >= 7 && !memcmp(line, "error: ", 7)) {
		cli_log(CLI_ERROR, "%.*s", (int)(n - 7), line + 7);
		return CLI_NO;
	}
	printf("%.*s\n", (int)n, line);
	return -1;
}

static int read_answer(int fd)
{
	static char in[LINE_BYTES_MAX];
	const int64_t until = io_now() + PATIENCE_US;
	size_t len = 0;
	for (;;) {
		for (char *lf; (lf = memchr(in, '\n', len)); ) {
			const int code = take_line(in, (size_t)(lf - in));
			if (code >= 0)
				return code;
			len -= (size_t)(lf + 1 - in);
			memmove(in, lf + 1, len);
		}
		const ssize_t n = read(fd, in + len, sizeof in - len);
		if (n > 0) {
			len += (size_t)n;
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR) || io_wait(fd, POLLIN, until) <= 0) {
			cli_log(CLI_ERROR, "no answer");
			return CLI_SYSTEM;
		}
	}
}

int tell_run(const char *path, char *const words[], int n)
{
	struct net_address a;
	struct command command;
	char line[COMMAND_BYTES_MAX];
	const size_t len = join(line, sizeof line, words, n);
	const char *why = command_parse(&command, line, len - 1);
	if (why)
		cli_misuse("--tell: %s", why);
	if (net_address_set_path(&a, path) < 0)
		cli_misuse("--tell: `%s' cannot be a socket's path: it is %s", path, net_path_fault(path));
	const int fd = net_connect(&a, io_now() + PATIENCE_US, &why);
	if (fd < 0)
		cli_die_errno("--tell: cannot connect to %s", path);
	if (io_write_full(fd, line, len, io_now() + PATIENCE_US) < 0)
		cli_die_errno("--tell: %s", path);
	const int code = read_answer(fd);
	close(fd);
	return fflush(stdout) == 0 ? code : CLI_SYSTEM;
}
