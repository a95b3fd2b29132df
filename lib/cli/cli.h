/* What every program shares: its name, usage, options, logs, exit codes.
 * Linked by programs only; the one library with process-wide state. */
#ifndef RFBKIT_CLI_H
#define RFBKIT_CLI_H

#include <stdbool.h>
#include <stdint.h>

/* --- exit codes ---------------------------------------------------------------- */

enum {
	CLI_OK = 0,
	CLI_NO = 1,		/* the expected no: bad input, wrong password */
	CLI_MISUSE = 100,	/* wrong command line, wrong stdin or stdout */
	CLI_SYSTEM = 111,	/* the system failed: no memory, no display */
};

/* --- log.c: `prog: level: text` on stderr, or JSON lines with -J ---------------- */

enum cli_level { CLI_ERROR, CLI_WARN, CLI_INFO, CLI_DEBUG };

/* What a log line may carry beside its text; NULL and 0 fields are left out. All
 * strings are escaped, so a peer's bytes may stand in them. */
struct cli_event {
	const char *event;	/* "connect", "auth", … : machine-readable */
	unsigned viewer;	/* viewer id */
	const char *address;
	const char *user;
};

/* Writes one line if `level` is within the chosen level (-L). Async-signal-unsafe.
 * Safe from several threads. Control characters in the text are escaped. An event with an address is a peer's doing:
 * of each kind at most a burst of 200 lines, then 20 a second are written, and how many were not. */
void cli_log(enum cli_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_log_event(enum cli_level level, const struct cli_event *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Logs an error and exits with `code`. */
_Noreturn void cli_die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same with ": strerror(errno)" and CLI_SYSTEM. */
_Noreturn void cli_die_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Dies with CLI_MISUSE when fd is a terminal: no program writes a stream to one. */
void cli_refuse_terminal(int fd);
bool cli_log_wants(enum cli_level level);
/* Set by -J and -L; a program that runs another passes them on. */
bool cli_log_is_json(void);
const char *cli_log_level_name(void);

/* --- options.c: getopt_long with the common options taken care of ---------------- */

struct cli_option {
	char letter;		/* 0: long only */
	const char *name;	/* long name without dashes; may be NULL */
	const char *value;	/* placeholder of the argument (NULL: a flag) */
	const char *help;	/* one line */
	int id;			/* what cli_next returns; 0: the letter */
};

struct cli_program {
	const char *name, *operands, *purpose;	/* "rfbrec", "FILE | -", one line */
	const struct cli_option *options;	/* ends with an all-zero entry */
};

/* Starts option parsing. Sets the program's name, ignores SIGPIPE. */
void cli_begin(const struct cli_program *p, int argc, char **argv);
/* The next option's id, its argument in *value; -1 at the operands (then cli_operands).
 * -h, -V, -J, -L are handled inside; an unknown option or missing argument dies with 100. */
int cli_next(const char **value);
/* The operands that follow the options; argv style, NULL-terminated. */
char **cli_operands(int *n);
/* Dies with CLI_MISUSE and "try `prog -h'". */
_Noreturn void cli_misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- values.c: arguments to numbers; each dies with CLI_MISUSE, naming the option --- */

long cli_int(const char *option, const char *value, long min, long max);
double cli_real(const char *option, const char *value, double min, double max);
/* X geometry "WxH+X+Y" (offsets may be negative). */
void cli_geometry(const char *option, const char *value, unsigned *w, unsigned *h, int *x, int *y);
/* "90", "1.5", "1:30", "1:02:03.5" to microseconds. */
int64_t cli_duration(const char *option, const char *value);
/* "65536", "64k", "10M", "2G" to bytes (powers of 1024); never 0. */
uint64_t cli_size(const char *option, const char *value);

#endif
