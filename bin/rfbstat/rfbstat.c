/* rfbstat: what the programs publish about themselves, for people, scripts and Prometheus. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "http.h"
#include "io/io.h"
#include "meter.h"
#include "report.h"

#define LISTENERS_MAX 8

struct settings {
	const char *listen;
	bool json, meter, once;
	double every_s;
	int notify_fd;
};

static const struct cli_option options[] = {
	{ 'j', "json", NULL, "print everything once as JSON" },
	{ 'l', "listen", "[ADDR:]PORT", "serve /metrics, /healthz and /readyz over HTTP" },
	{ 'p', "pipe", NULL, "be a meter in a pipe: stdin to stdout, progress on stderr" },
	{ '1', "once", NULL, "print the table once" },
	{ 'n', "interval", "SECONDS", "seconds between two tables (1)" },
	{ 0, "notify-fd", "FD", "write a newline to FD when ready", 'N' },
	{ 0 }
};

static const struct cli_program program = {
	"rfbstat", "", "show what the programs publish under $RFB_STATDIR", options
};

static void parse(struct settings *s, int argc, char **argv)
{
	const char *value;
	int n;
	*s = (struct settings){ .every_s = 1, .notify_fd = -1 };
	cli_begin(&program, argc, argv);
	for (int id; (id = cli_next(&value)) != -1; )
		switch (id) {
		case 'j': s->json = true; break;
		case 'l': s->listen = value; break;
		case 'p': s->meter = true; break;
		case '1': s->once = true; break;
		case 'n': s->every_s = cli_real("-n", value, 0.1, 3600); break;
		case 'N': s->notify_fd = (int)cli_int("--notify-fd", value, 0, 65535); break;
		}
	cli_operands(&n);
	if (n)
		cli_misuse("takes no operands");
	if ((s->listen != NULL) + s->json + s->meter + s->once > 1)
		cli_misuse("-j, -l, -p and -1 exclude each other");
}

static int open_directory(void)
{
	const char *path = getenv("RFB_STATDIR");
	if (!path || !*path)
		cli_misuse("RFB_STATDIR is not set: it names the directory where the programs publish");
	const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		cli_die_errno("cannot open %s", path);
	return dir;
}

static void take(struct snapshot *s, int dir)
{
	if (snapshot_take(s, dir) != 0)
		cli_die_errno("cannot read the statistics directory");
}

static int print_json(int dir)
{
	struct snapshot s;
	take(&s, dir);
	if (report_json(stdout, &s) != 0)
		cli_die_errno("cannot write");
	snapshot_fini(&s);
	return CLI_OK;
}

static void show_table(const struct snapshot *now, const struct snapshot *before)
{
	if (report_screen(now, before) != 0)
		cli_die_errno("cannot show a table");
}

/* Prints the table again and again; on something that is no terminal, or with -1, two looks and one table. */
static int print_tables(const struct settings *set, int dir)
{
	const bool terminal = isatty(STDOUT_FILENO), once = set->once || !terminal;
	struct snapshot before, now;
	take(&before, dir);
	if (!once) {
		show_table(&before, NULL);	/* rates come with the next look */
		fflush(stdout);
	}
	while (true) {
		struct pollfd out = { .fd = STDOUT_FILENO };
		if (poll(&out, 1, (int)(set->every_s * 1000)) > 0 && (out.revents & (POLLERR | POLLHUP)))
			break;
		take(&now, dir);
		if (once)
			report_table(stdout, &now, &before, 0, 0);
		else
			show_table(&now, &before);
		if (fflush(stdout) != 0 || once)
			break;
		snapshot_fini(&before);
		before = now;
	}
	if (ferror(stdout) && errno != EPIPE)
		cli_die_errno("cannot write");
	return CLI_OK;
}

static int notify_fd;

static void notify(void)
{
	if (notify_fd >= 0 && write(notify_fd, "\n", 1) == 1)
		close(notify_fd);
}

int main(int argc, char **argv)
{
	struct settings set;
	parse(&set, argc, argv);
	if (set.meter)
		return meter_run();
	const int dir = open_directory();
	if (set.json)
		return print_json(dir);
	if (!set.listen)
		return print_tables(&set, dir);
	cli_stats_open("rfbstat", "");
	notify_fd = set.notify_fd;
	const int code = http_listen_and_serve(set.listen, dir, notify);
	cli_stats_close();
	return code;
}
