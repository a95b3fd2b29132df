/* Options, logs and values as a program's user meets them: each case runs in a child, and what it
 * printed and how it ended is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <time.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/escape.h"

static const struct cli_option options[] = {
	{ 'r', "rate", "FPS", "most frames a second", 0 },
	{ 'q', NULL, NULL, "be quick", 0 },
	{ 0, "keep", NULL, "keep the picture", 1000 },
	{ 0, "listen-fd", "N", "listen there", 1001 },
	{ 0 },
};
static const struct cli_program program = { "prog", "FILE", "Does a thing.", options };

static char out[8192], err[8192];

static void slurp(int fd, char *buf, size_t n)
{
	size_t len = 0;
	ssize_t got;

	while (len < n - 1 && (got = read(fd, buf + len, n - 1 - len)) > 0)
		len += (size_t)got;
	buf[len] = '\0';
	close(fd);
}

/* Runs f with the arguments in a child; returns its exit status, and fills out and err. */
static int run(void (*f)(int argc, char **argv), int argc, char **argv)
{
	int o[2], e[2], status;
	pid_t pid;

	assert_int_equal(pipe(o), 0);
	assert_int_equal(pipe(e), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(o[1], 1);
		dup2(e[1], 2);
		close(o[0]);
		close(e[0]);
		f(argc, argv);
		fflush(stdout);
		_exit(0);
	}
	close(o[1]);
	close(e[1]);
	slurp(o[0], out, sizeof out);
	slurp(e[0], err, sizeof err);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define RUN(f, ...) \
	run(f, (int)(sizeof((const char *[]){ "x", ##__VA_ARGS__ }) / sizeof(char *)), \
	    (char *[]){ (char *)"x", ##__VA_ARGS__, NULL })

/* Prints what the options were. */
static void options_child(int argc, char **argv)
{
	const char *value = NULL;
	char **operands;
	int id, n;

	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		printf("%d=%s ", id, value ? value : "");
	operands = cli_operands(&n);
	printf("n=%d", n);
	for (int i = 0; i < n; i++)
		printf(" %s", operands[i]);
	if (cli_log_is_json())
		printf(" json");
	printf(" %s", cli_log_level_name());
}

static void options_come_in_both_forms(void **state)
{
	(void)state;
	assert_int_equal(RUN(options_child, "-r", "5", "--rate=6", "--rate", "7", "-qr8", "--keep", "--listen-fd", "3",
			     "file", "-J", "-L", "debug", "--", "-q"), 0);
	assert_string_equal(out, "114=5 114=6 114=7 113= 114=8 1000= 1001=3 n=2 file -q json debug");
	assert_string_equal(err, "");
}

static void help_lists_every_option(void **state)
{
	(void)state;
	assert_int_equal(RUN(options_child, "--help"), 0);
	assert_string_equal(out,
		"usage: prog [OPTION]... FILE\n"
		"Does a thing.\n"
		"\n"
		"  -r, --rate FPS         most frames a second\n"
		"  -q                     be quick\n"
		"      --keep             keep the picture\n"
		"      --listen-fd N      listen there\n"
		"  -J, --json-log         log JSON lines\n"
		"  -L, --log-level LEVEL  log up to error, warning, info (default) or debug\n"
		"  -h, --help             show this text\n"
		"  -V, --version          show the version\n");
	assert_string_equal(err, "");
}

static void version_is_one_line(void **state)
{
	(void)state;
	assert_int_equal(RUN(options_child, "-V"), 0);
	assert_string_equal(out, "prog " RFBKIT_VERSION "\n");
}

static void misuse_is_one_line_and_100(void **state)
{
	(void)state;
	assert_int_equal(RUN(options_child, "-x"), 100);
	assert_string_equal(err, "prog: error: unknown option -x; try `prog -h'\n");
	assert_int_equal(RUN(options_child, "--colour=red"), 100);
	assert_string_equal(err, "prog: error: unknown or ambiguous option --colour; try `prog -h'\n");
	assert_int_equal(RUN(options_child, "-r"), 100);
	assert_string_equal(err, "prog: error: option -r needs a value; try `prog -h'\n");
	assert_int_equal(RUN(options_child, "--listen-fd"), 100);
	assert_string_equal(err, "prog: error: option --listen-fd needs a value; try `prog -h'\n");
	assert_int_equal(RUN(options_child, "--keep=1"), 100);
	assert_string_equal(err, "prog: error: option --keep takes no value; try `prog -h'\n");
	assert_int_equal(RUN(options_child, "-L", "loud"), 100);
	assert_non_null(strstr(err, "-L: no level `loud'"));
	assert_string_equal(out, "");
}

static void log_child(int argc, char **argv)
{
	const struct cli_event e = { "auth", 7, "10.0.0.1:5\n", "b\x1b[31m\xff" };

	options_child(argc, argv);
	errno = ENOENT;
	cli_log(CLI_INFO, "a %s b", "x\n\x9by\xc2\x9bz\xe2\x82\xac");
	cli_log(CLI_DEBUG, "hidden unless asked for");
	cli_log_event(CLI_WARN, &e, "refused");
	cli_die_errno("open");
}

static void text_lines_are_escaped(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_child), 111);
	assert_string_equal(err,
		"prog: info: a x\\n\\x9by\\xc2\\x9bz\xe2\x82\xac b\n"
		"prog: warning: viewer 7 (10.0.0.1:5\\n): refused\n"
		"prog: error: open: No such file or directory\n");
	assert_int_equal(RUN(log_child, "-L", "error"), 111);
	assert_string_equal(err, "prog: error: open: No such file or directory\n");
	assert_int_equal(RUN(log_child, "-L", "debug"), 111);
	assert_non_null(strstr(err, "prog: debug: hidden unless asked for\n"));
}

static void json_lines_parse(void **state)
{
	char *line, *rest = err;
	json_t *o[3];
	int n = 0;

	(void)state;
	assert_int_equal(RUN(log_child, "-J"), 111);
	while ((line = strsep(&rest, "\n")) && *line) {
		assert_true(n < 3);
		o[n] = json_loads(line, 0, NULL);
		assert_non_null(o[n]);
		assert_string_equal(json_string_value(json_object_get(o[n], "program")), "prog");
		/* 2026-01-02T03:04:05.678Z */
		assert_int_equal(strlen(json_string_value(json_object_get(o[n], "time"))), 24);
		assert_int_equal(json_string_value(json_object_get(o[n], "time"))[23], 'Z');
		n++;
	}
	assert_int_equal(n, 3);
	assert_string_equal(json_string_value(json_object_get(o[0], "message")), "a x\\n\\x9by\\xc2\\x9bz\xe2\x82\xac b");
	assert_null(json_object_get(o[0], "viewer"));
	assert_string_equal(json_string_value(json_object_get(o[1], "level")), "warning");
	assert_string_equal(json_string_value(json_object_get(o[1], "event")), "auth");
	assert_int_equal(json_integer_value(json_object_get(o[1], "viewer")), 7);
	assert_string_equal(json_string_value(json_object_get(o[1], "user")), "b\\x1b[31m\\xff");
	assert_string_equal(json_string_value(json_object_get(o[2], "level")), "error");
	for (int i = 0; i < n; i++)
		json_decref(o[i]);
}

static void long_child(int argc, char **argv)
{
	static char text[5000];

	memset(text, '\\', sizeof text - 1);
	options_child(argc, argv);
	cli_log_event(CLI_INFO, &(struct cli_event){ .user = text, .address = text }, "%s", text);
	memset(text, 1, sizeof text - 1);
	cli_log_event(CLI_INFO, &(struct cli_event){ .user = text, .address = text }, "%s", text);
}

/* Fills the pipe whose writing end is fd. */
static void fill(int fd)
{
	static const char zeros[4096];

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, zeros, sizeof zeros) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static void a_log_that_nobody_reads_stops_nobody(void **state)
{
	static char text[1 << 20];
	const int real = dup(STDERR_FILENO);
	int fds[2];
	time_t start;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fill(fds[1]);
	dup2(fds[1], STDERR_FILENO);
	start = time(NULL);
	for (int i = 0; i < 500; i++)
		cli_log(CLI_INFO, "line %d", i);
	cli_log(CLI_ERROR, "waits a second");
	dup2(real, STDERR_FILENO);
	assert_true(time(NULL) - start < 20);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	while (read(fds[0], text, sizeof text) > 0)
		;
	/* once there is room again it is told, and nothing is lost any more */
	dup2(fds[1], STDERR_FILENO);
	cli_log(CLI_INFO, "here");
	cli_log(CLI_INFO, "again");
	dup2(real, STDERR_FILENO);
	memset(text, 0, 4096);
	assert_true(read(fds[0], text, 4095) > 0);
	assert_non_null(strstr(text, "warning: 501 lines were lost here: nobody read the log\n"));
	assert_non_null(strstr(text, "info: here\n"));
	assert_non_null(strstr(text, "info: again\n"));
	close(fds[0]);
	close(fds[1]);
	close(real);
}

/* A peer cannot make its line vanish by making it long. */
static void long_lines_are_cut_not_lost(void **state)
{
	char *line, *rest = err;
	int n = 0;
	json_t *o;

	(void)state;
	assert_int_equal(RUN(long_child, "-J"), 0);
	/* the pipe holds more than err does: the first line is whole, the second has begun */
	line = strsep(&rest, "\n");
	assert_true(strlen(line) > 4000);
	o = json_loads(line, 0, NULL);
	assert_non_null(o);
	json_decref(o);
	assert_non_null(rest);
	assert_int_equal(RUN(long_child), 0);
	for (rest = err; (line = strsep(&rest, "\n")) && strlen(line) > 100;)
		n++;
	assert_true(n >= 1);
}

static void escape_keeps_what_is_printable(void **state)
{
	char buf[64];

	(void)state;
	cli_escape(buf, sizeof buf, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\t");
	assert_string_equal(buf, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\\t");
	cli_escape(buf, sizeof buf, "\xe2\x80\xae" "abc\xc0\xaf\xed\xa0\x80\x7f");
	assert_string_equal(buf, "\\xe2\\x80\\xae" "abc\\xc0\\xaf\\xed\\xa0\\x80\\x7f");
	cli_escape(buf, 5, "abc\xc3\xbc");		/* cut at a character's end */
	assert_string_equal(buf, "abc");
	cli_escape(buf, 1, "abc");
	assert_string_equal(buf, "");
}

static void int_child(int argc, char **argv)
{
	(void)argc;
	cli_begin(&program, 1, argv);
	printf("%ld", cli_int("-r", argv[1], -5, 100));
}

static void real_child(int argc, char **argv)
{
	(void)argc;
	cli_begin(&program, 1, argv);
	printf("%g", cli_real("-s", argv[1], 0.25, 64));
}

static void geometry_child(int argc, char **argv)
{
	unsigned w, h;
	int x, y;

	(void)argc;
	cli_begin(&program, 1, argv);
	cli_geometry("-g", argv[1], &w, &h, &x, &y);
	printf("%u %u %d %d", w, h, x, y);
}

static void duration_child(int argc, char **argv)
{
	(void)argc;
	cli_begin(&program, 1, argv);
	printf("%lld", (long long)cli_duration("-t", argv[1]));
}

static void size_child(int argc, char **argv)
{
	(void)argc;
	cli_begin(&program, 1, argv);
	printf("%llu", (unsigned long long)cli_size("-R", argv[1]));
}

static void values_are_taken_or_refused(void **state)
{
	static const struct { void (*f)(int, char **); const char *value, *result; } cases[] = {
		{ int_child, "100", "100" }, { int_child, "-5", "-5" }, { int_child, "101", NULL },
		{ int_child, "", NULL }, { int_child, "5x", NULL }, { int_child, "99999999999999999999", NULL },
		{ real_child, "1.5", "1.5" }, { real_child, "nan", NULL }, { real_child, "0x4", NULL },
		{ real_child, "65", NULL }, { real_child, "", NULL },
		{ geometry_child, "640x480+1+2", "640 480 1 2" }, { geometry_child, "640x480-1+-2", "640 480 -1 -2" },
		{ geometry_child, "640x480", NULL }, { geometry_child, "0x1+0+0", NULL },
		{ geometry_child, "99999x1+0+0", NULL }, { geometry_child, "6x4+1+2x", NULL },
		{ duration_child, "90", "90000000" }, { duration_child, "1.5", "1500000" },
		{ duration_child, "1:30", "90000000" }, { duration_child, "1:02:03.5", "3723500000" },
		{ duration_child, "1:60", NULL }, { duration_child, "1.5:3", NULL }, { duration_child, "-1", NULL },
		{ duration_child, "1:", NULL }, { duration_child, ".", NULL }, { duration_child, "1e99", NULL },
		{ duration_child, "99999999999", NULL },
		{ size_child, "65536", "65536" }, { size_child, "64k", "65536" }, { size_child, "10M", "10485760" },
		{ size_child, "2G", "2147483648" }, { size_child, "0", NULL }, { size_child, "10X", NULL },
		{ size_child, "10MB", NULL }, { size_child, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status = RUN(cases[i].f, (char *)(uintptr_t)cases[i].value);

		if (cases[i].result) {
			assert_int_equal(status, 0);
			assert_string_equal(out, cases[i].result);
		} else {
			assert_int_equal(status, 100);
			assert_non_null(strstr(err, "prog: error: -"));
			assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_in_both_forms),
		cmocka_unit_test(help_lists_every_option),
		cmocka_unit_test(version_is_one_line),
		cmocka_unit_test(misuse_is_one_line_and_100),
		cmocka_unit_test(text_lines_are_escaped),
		cmocka_unit_test(json_lines_parse),
		cmocka_unit_test(a_log_that_nobody_reads_stops_nobody),
		cmocka_unit_test(long_lines_are_cut_not_lost),
		cmocka_unit_test(escape_keeps_what_is_printable),
		cmocka_unit_test(values_are_taken_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
