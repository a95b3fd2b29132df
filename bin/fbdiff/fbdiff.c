/* fbdiff: from a stream of whole pictures to one of changes. Compares what comes with the one frame that
 * it keeps and passes on copies and tight rectangles; see fbdiff(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "confine/rights.h"
#include "fbs/flow.h"
#include "fbs/writer.h"
#include "filter.h"
#include "io/io.h"
#include "output.h"

static const struct cli_option options[] = {
	{ 'm', "shared", NULL, "read pixels from the memory that fbgrab -m shares" },
	{ 0 },
};

static const struct cli_program program = {
	.name = "fbdiff",
	.purpose = "pass on only what changes on a screen",
	.options = options,
};

struct fbdiff {
	struct fbs_flow flow;
	struct filter filter;
	struct output output;
	struct fbs_writer writer;
};

static bool read_options(int argc, char **argv)
{
	const char *value;
	bool share = false;
	int n;

	cli_begin(&program, argc, argv);
	while (cli_next(&value) == 'm')
		share = true;
	cli_operands(&n);
	if (n > 0)
		cli_misuse("no operands, please");
	if (isatty(STDIN_FILENO))
		cli_misuse("stdin is a terminal: it must be a stream, as fbgrab writes");
	cli_refuse_terminal(STDOUT_FILENO);
	return share;
}

static void rest(void *arg)
{
	struct fbdiff *d = arg;

	filter_rest(&d->filter);
}

static void whole(void *arg, uint16_t flags)
{
	struct fbdiff *d = arg;

	filter_look(&d->filter, flags);
}

/* Tells those after us why the stream ends here; what they have is good. */
static int give_up(struct fbdiff *d, int code, const char *why)
{
	cli_log(CLI_ERROR, "%s", why);
	fbs_write_end(&d->writer, FBS_END_DIED, why);
	return code;
}

static int output_failed(int error)
{
	if (error == EPIPE)
		return CLI_OK;
	cli_log(CLI_ERROR, "cannot write: %s", strerror(error));
	return CLI_SYSTEM;
}

/* No further record: the stream was cut, or is not one. */
static int input_ended(struct fbdiff *d, int error)
{
	char why[256];

	fbs_reader_explain(&d->flow.reader, error, why, sizeof why);
	return give_up(d, error == FBS_OK ? CLI_OK : error == FBS_E_SYSTEM ? CLI_SYSTEM : CLI_NO, why);
}

static int record_refused(struct fbdiff *d, const struct fbs_record *r)
{
	char why[256];

	snprintf(why, sizeof why, "%s at offset %llu", d->filter.why, (unsigned long long)r->offset);
	return give_up(d, CLI_NO, why);
}

static int run(struct fbdiff *d)
{
	struct fbs_record r;
	bool first = true;
	int n;

	while ((n = fbs_flow_next(&d->flow, &r)) == 1) {
		if (first)	/* the source's times are ours */
			fbs_writer_start_at(&d->writer, d->flow.reader.preamble.wall_us);
		first = false;
		switch (filter_take(&d->filter, &r)) {
		case FILTER_MORE:
			break;
		case FILTER_FRAME:
			d->flow.unread = true;
			break;
		case FILTER_END:
			return CLI_OK;
		case FILTER_REFUSED:
			return record_refused(d, &r);
		case FILTER_FAILED:
			return give_up(d, CLI_SYSTEM, d->filter.why);
		case FILTER_UNWRITTEN:
			return output_failed(errno);
		}
	}
	return n == FBS_FLOW_GONE ? CLI_OK : input_ended(d, n);
}

int main(int argc, char **argv)
{
	static struct fbdiff d;
	bool share = read_options(argc, argv);
	int code;

	cli_stats_open("fbdiff", "");
	io_pipe_enlarge(STDIN_FILENO);
	io_pipe_enlarge(STDOUT_FILENO);
	fbs_flow_init(&d.flow, STDIN_FILENO, STDOUT_FILENO);
	d.flow.reader.exact = share;
	d.flow.rest = rest;
	d.flow.whole = whole;
	d.flow.arg = &d;
	output_init(&d.output, &d.filter, share);
	if (fbs_writer_init_sink(&d.writer, output_send, &d.output, "fbdiff") != 0)
		cli_die_errno("cannot start");
	d.writer.hold = true;
	filter_init(&d.filter, &d.writer, share);
	d.filter.in = &d.flow.reader;
	confine_or_die(&(struct confine_settings){ .rights = share ? CONFINE_OF_FBDIFF_SHARED : CONFINE_OF_FBDIFF });
	code = run(&d);
	filter_fini(&d.filter);
	fbs_writer_fini(&d.writer);
	fbs_flow_fini(&d.flow);
	cli_stats_close();
	return code;
}
