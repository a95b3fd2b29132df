/* One table of options per program makes getopt_long's arrays and the text of -h; the options
 * that every program has are taken care of here. */
#include "cli/cli.h"
#include "cli/log.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTIONS_MAX = 64,
	LONG_BASE = 0x10000,	/* getopt's value of option i is LONG_BASE + i */
};

static const struct cli_option common[] = {
	{ 'J', "json-log", NULL, "log JSON lines", 0 },
	{ 'L', "log-level", "LEVEL", "log up to error, warning, info (default) or debug", 0 },
	{ 'h', "help", NULL, "show this text", 0 },
	{ 'V', "version", NULL, "show the version", 0 },
	{ 0 },
};

static const struct cli_program *program;
static const struct cli_option *table[OPTIONS_MAX];
static struct option longs[OPTIONS_MAX + 1];
static char shorts[2 * OPTIONS_MAX + 2];
static int n_options, count;
static char **arguments;

static bool is_end(const struct cli_option *o)
{
	return !o->letter && !o->name;
}

static bool has_letter(char letter)
{
	for (int i = 0; i < n_options; i++)
		if (table[i]->letter == letter)
			return true;
	return false;
}

/* A program's own option takes precedence over a common letter. */
static void add(const struct cli_option *o)
{
	char *end = shorts + strlen(shorts);

	if (n_options == OPTIONS_MAX)
		abort();	/* a table in the source is too long */
	if (o->letter && !has_letter(o->letter)) {
		*end++ = o->letter;
		if (o->value)
			*end++ = ':';
		*end = '\0';
	}
	table[n_options] = o;
	longs[n_options] = (struct option){
		.name = o->name ? o->name : "", .has_arg = o->value ? required_argument : no_argument,
		.val = LONG_BASE + n_options,
	};
	n_options++;
}

/* A standard descriptor that came closed would become the next socket or file of ours, and a log or a stream would go there.
 * stdin and stdout go on failing, for they are open the wrong way round; the log is lost. */
static void hold_standard(void)
{
	static const int modes[] = { [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			cli_die_errno("cannot open /dev/null");
}

void cli_begin(const struct cli_program *p, int argc, char **argv)
{
	program = p;
	cli_log_set_program(p->name);
	hold_standard();
	signal(SIGPIPE, SIG_IGN);
	count = argc;
	arguments = argv;
	n_options = 0;
	strcpy(shorts, ":");
	for (const struct cli_option *o = p->options; o && !is_end(o); o++)
		add(o);
	for (const struct cli_option *o = common; !is_end(o); o++)
		add(o);
	memset(&longs[n_options], 0, sizeof longs[n_options]);
	optind = 0;	/* glibc: start anew */
	opterr = 0;
}

static int left_column(char *buf, size_t n, const struct cli_option *o)
{
	char letter[8] = "    ";

	if (o->letter)
		snprintf(letter, sizeof letter, "-%c%s", o->letter, o->name ? ", " : "");
	return snprintf(buf, n, "  %s%s%s%s%s", letter, o->name ? "--" : "", o->name ? o->name : "",
			o->value ? " " : "", o->value ? o->value : "");
}

/* Ends the program after what it was asked to print. */
static _Noreturn void told(void)
{
	if (fflush(stdout))
		cli_die_errno("cannot write");
	exit(CLI_OK);
}

static _Noreturn void show_usage(void)
{
	char left[128];
	int width = 0;

	for (int i = 0; i < n_options; i++) {
		int w = left_column(left, sizeof left, table[i]);

		width = w > width ? w : width;
	}
	printf("usage: %s [OPTION]...%s%s\n%s\n\n", program->name, program->operands && *program->operands ? " " : "",
	       program->operands ? program->operands : "", program->purpose);
	for (int i = 0; i < n_options; i++) {
		left_column(left, sizeof left, table[i]);
		printf("%-*s  %s\n", width, left, table[i]->help);
	}
	told();
}

static _Noreturn void show_version(void)
{
	printf("%s %s\n", program->name, RFBKIT_VERSION);
	told();
}

static _Noreturn void refuse(int c)
{
	const char *word = optind > 0 && optind <= count ? arguments[optind - 1] : "";
	int value_length = (int)strcspn(word, "=");

	if (optopt >= LONG_BASE || strncmp(word, "--", 2) == 0) {
		if (c == ':')
			cli_misuse("option %.*s needs a value", value_length, word);
		if (optopt >= LONG_BASE)
			cli_misuse("option %.*s takes no value", value_length, word);
		cli_misuse("unknown or ambiguous option %.*s", value_length, word);
	}
	if (c == ':')
		cli_misuse("option -%c needs a value", optopt);
	cli_misuse("unknown option -%c", optopt);
}

static const struct cli_option *find(int c)
{
	if (c >= LONG_BASE)
		return table[c - LONG_BASE];
	for (int i = 0; i < n_options; i++)
		if (table[i]->letter == c)
			return table[i];
	abort();
}

static bool is_common(const struct cli_option *o)
{
	return o >= common && o < common + sizeof common / sizeof *common;
}

static void act(const struct cli_option *o)
{
	switch (o->letter) {
	case 'h':
		show_usage();
	case 'V':
		show_version();
	case 'J':
		cli_log_set_json();
		break;
	case 'L':
		if (!cli_log_set_level(optarg))
			cli_misuse("-L: no level `%s'; there are error, warning, info and debug", optarg);
		break;
	}
}

int cli_next(const char **value)
{
	for (;;) {
		const struct cli_option *o;
		int c = getopt_long(count, arguments, shorts, longs, NULL);

		if (c == -1)
			return -1;
		if (c == '?' || c == ':')
			refuse(c);
		o = find(c);
		if (is_common(o)) {
			act(o);
			continue;
		}
		if (value)
			*value = optarg;
		return o->id ? o->id : o->letter;
	}
}

char **cli_operands(int *n)
{
	*n = count - optind;
	return arguments + optind;
}
