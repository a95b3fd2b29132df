/* Reading the rules file, which is trusted: only the monitor sees it. */
#include "rulefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"
#include "msgpass.h"
#include "rules.h"

/* The file's text; NULL and errno. *n may be one more than is allowed, which the parser refuses. */
static char *read_text(const char *path, size_t *n)
{
	char *text = malloc(RULES_BYTES_MAX + 1);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;
	*n = 0;
	if (text && fd >= 0)
		while (*n < RULES_BYTES_MAX + 1 && (got = read(fd, text + *n, RULES_BYTES_MAX + 1 - *n)) != 0) {
			if (got < 0 && errno != EINTR)
				break;
			*n += got > 0 ? (size_t)got : 0;
		}
	const int error = errno;
	if (fd >= 0)
		close(fd);
	if (!text || fd < 0 || got < 0) {
		free(text);
		errno = error;
		return NULL;
	}
	return text;
}

static bool load(struct rules *rules, const char *path)
{
	size_t n;
	unsigned line;
	const char *reason;
	char *text = read_text(path, &n);
	if (!text) {
		cli_log(CLI_ERROR, "%s: %s", path, strerror(errno));
		return false;
	}
	const bool ok = rules_parse(rules, text, n, &line, &reason) == 0;
	if (!ok)
		cli_log(CLI_ERROR, "%s: line %u: %s", path, line, reason);
	free(text);
	return ok;
}

bool rulefile_send(const char *path, int worker_fd)
{
	if (!path)
		return true;
	struct rules *rules = malloc(sizeof *rules);
	bool ok = rules && load(rules, path);
	if (ok && worker_fd >= 0) {
		for (unsigned i = 0; ok && i < rules->n; i++)
			ok = msg_send(worker_fd, MSG_RULE, i, &rules->rule[i], sizeof rules->rule[i], -1) == 0;
		ok = ok && msg_send(worker_fd, MSG_RULES, rules->n, NULL, 0, -1) == 0;
	}
	free(rules);
	return ok;
}
