/* Log lines: `prog: level: text`, or one JSON object a line. Each line is one write(2), so that
 * lines of several processes on one stderr never mix. Text that came from a peer is harmless
 * here: control characters and bytes that are not UTF-8 are escaped. */
#include "cli/cli.h"
#include "cli/escape.h"
#include "cli/log.h"
#include "cli/loglimit.h"
#include "cli/logwait.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TEXT_MAX = 2000,	/* bytes of a message before it is escaped; the rest is cut off */
	FIELD_MAX = 512,	/* the same of an address, a user, an event; escaped */
	LINE_MAX_BYTES = 16 * 1024,
};

static const char *const names[] = {
	[CLI_ERROR] = "error", [CLI_WARN] = "warning", [CLI_INFO] = "info", [CLI_DEBUG] = "debug",
};
enum { N_NAMES = sizeof names / sizeof *names };

static const char *program = "rfbkit";
static enum cli_level chosen = CLI_INFO;
static bool json;

void cli_log_set_program(const char *name)
{
	program = name;
}

const char *cli_log_program(void)
{
	return program;
}

void cli_log_set_json(void)
{
	json = true;
	/* now, because a program may have locked itself in by its first line */
	json_object_seed(0);
}

bool cli_log_set_level(const char *name)
{
	for (int i = 0; i < N_NAMES; i++)
		if (strcmp(name, names[i]) == 0 || (i == CLI_WARN && strcmp(name, "warn") == 0)) {
			chosen = (enum cli_level)i;
			return true;
		}
	return false;
}

bool cli_log_wants(enum cli_level level)
{
	return level <= chosen;
}

bool cli_log_is_json(void)
{
	return json;
}

const char *cli_log_level_name(void)
{
	return names[chosen];
}

static void write_line(enum cli_level level, const char *line, size_t n)
{
	if (!cli_logwait(level == CLI_ERROR))
		return;
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
}

static void now_iso8601(char *buf, size_t n)
{
	struct timespec t;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &tm);
	len = strftime(buf, n, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, n - len, ".%03dZ", (int)(t.tv_nsec / 1000000));
}

static void set_text(json_t *o, const char *key, const char *text, size_t max)
{
	char safe[4 * TEXT_MAX + 1];

	if (!text)
		return;
	cli_escape(safe, max < sizeof safe ? max : sizeof safe, text);
	json_object_set_new(o, key, json_string(safe));
}

static void log_json(enum cli_level level, const struct cli_event *e, const char *text)
{
	char time_buf[40], line[LINE_MAX_BYTES];
	json_t *o = json_object();
	size_t n;

	if (!o)
		return;
	now_iso8601(time_buf, sizeof time_buf);
	set_text(o, "time", time_buf, FIELD_MAX);
	set_text(o, "level", names[level], FIELD_MAX);
	set_text(o, "program", program, FIELD_MAX);
	if (e->viewer)
		json_object_set_new(o, "viewer", json_integer(e->viewer));
	set_text(o, "address", e->address, FIELD_MAX);
	set_text(o, "user", e->user, FIELD_MAX);
	set_text(o, "event", e->event, FIELD_MAX);
	set_text(o, "message", text, SIZE_MAX);
	n = json_dumpb(o, line, sizeof line - 1, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(o);
	if (n == 0 || n >= sizeof line)
		return;
	line[n] = '\n';
	write_line(level, line, n + 1);
}

static void log_text(enum cli_level level, const struct cli_event *e, const char *text)
{
	char line[LINE_MAX_BYTES], safe[4 * TEXT_MAX + 1], from[FIELD_MAX + 40] = "", address[FIELD_MAX] = "";
	int n;

	cli_escape(safe, sizeof safe, text);
	if (e->address)
		cli_escape(address, sizeof address, e->address);
	if (e->viewer && e->address)
		snprintf(from, sizeof from, "viewer %u (%s): ", e->viewer, address);
	else if (e->viewer)
		snprintf(from, sizeof from, "viewer %u: ", e->viewer);
	else if (e->address)
		snprintf(from, sizeof from, "%s: ", address);
	n = snprintf(line, sizeof line, "%s: %s: %s%s\n", program, names[level], from, safe);
	if (n > 0 && (size_t)n < sizeof line)
		write_line(level, line, (size_t)n);
}

static void put_line(enum cli_level level, const struct cli_event *e, const char *text)
{
	if (json)
		log_json(level, e, text);
	else
		log_text(level, e, text);
}

static void log_line(enum cli_level level, const struct cli_event *e, const char *fmt, va_list ap)
{
	static const struct cli_event none;
	char text[TEXT_MAX];
	int saved = errno;
	const unsigned lost = cli_logwait_lost();

	if (lost) {
		snprintf(text, sizeof text, "%u lines were lost here: nobody read the log", lost);
		put_line(CLI_WARN, &none, text);
	}
	vsnprintf(text, sizeof text, fmt, ap);
	put_line(level, e, text);
	errno = saved;
}

void cli_log(enum cli_level level, const char *fmt, ...)
{
	static const struct cli_event none;
	va_list ap;

	if (!cli_log_wants(level))
		return;
	va_start(ap, fmt);
	log_line(level, &none, fmt, ap);
	va_end(ap);
}

/* What a peer can cause is written so often and no oftener. */
static bool may_write(enum cli_level level, const struct cli_event *e)
{
	struct timespec t;
	char text[80];
	unsigned left_out;

	if (!e->event || !e->address)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!cli_loglimit(e->event, t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000, &left_out))
		return false;
	if (left_out) {
		const struct cli_event more = { .event = e->event };
		snprintf(text, sizeof text, "%u lines like the next one were left out", left_out);
		put_line(level, &more, text);
	}
	return true;
}

void cli_log_event(enum cli_level level, const struct cli_event *e, const char *fmt, ...)
{
	va_list ap;

	if (!cli_log_wants(level) || !may_write(level, e))
		return;
	va_start(ap, fmt);
	log_line(level, e, fmt, ap);
	va_end(ap);
}

void cli_die(int code, const char *fmt, ...)
{
	static const struct cli_event none;
	va_list ap;

	va_start(ap, fmt);
	log_line(CLI_ERROR, &none, fmt, ap);
	va_end(ap);
	exit(code);
}

void cli_die_errno(const char *fmt, ...)
{
	const char *why = strerror(errno);
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	cli_die(CLI_SYSTEM, "%s: %s", text, why);
}

void cli_misuse(const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	cli_die(CLI_MISUSE, "%s; try `%s -h'", text, program);
}

void cli_refuse_terminal(int fd)
{
	if (isatty(fd))
		cli_die(CLI_MISUSE, "%s is a terminal, and a stream is not for reading by eye; use a pipe or a file",
			fd == STDIN_FILENO ? "standard input" : "standard output");
}
