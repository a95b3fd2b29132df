/* rfbenc: the stream with its pixels encoded, each record for itself, or decoded again; see rfbenc(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "bench.h"
#include "cli/cli.h"
#include "cli/stats.h"
#include "confine/rights.h"
#include "fbs/flow.h"
#include "io/io.h"

static const struct cli_option options[] = {
	{ 'e', "encoding", "raw|trle|jpeg", "encoding of the pixels that are written (default trle)", 0 },
	{ 'q', "quality", "1-100", "quality of jpeg (default 85)", 0 },
	{ 'j', "threads", "N", "threads that encode (default 1)", 0 },
	{ 'd', "decode", NULL, "decode: the same as -e raw", 0 },
	{ 'B', "benchmark", NULL, "write no stream, but a table of every encoding's size and speed", 0 },
	{ 0 },
};

static const struct cli_program program = {
	.name = "rfbenc",
	.purpose = "encode or decode the pixels of a stream",
	.options = options,
};

struct settings {
	uint32_t encoding;
	int quality, threads;
	bool benchmark;
};

static uint32_t encoding_of(const char *name)
{
	static const struct { const char *name; uint32_t encoding; } names[] = {
		{ "raw", FBS_RAW }, { "trle", FBS_TRLE }, { "jpeg", FBS_JPEG },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].encoding;
	cli_misuse("-e: no encoding `%s'; there are raw, trle and jpeg", name);
}

static struct settings read_options(int argc, char **argv)
{
	struct settings s = { .encoding = FBS_TRLE, .quality = 85, .threads = 1 };
	const char *value;
	int id, n;

	cli_begin(&program, argc, argv);
	while ((id = cli_next(&value)) != -1)
		switch (id) {
		case 'e': s.encoding = encoding_of(value); break;
		case 'q': s.quality = (int)cli_int("-q", value, 1, 100); break;
		case 'j': s.threads = (int)cli_int("-j", value, 1, 64); break;
		case 'd': s.encoding = FBS_RAW; break;
		case 'B': s.benchmark = true; break;
		}
	cli_operands(&n);
	if (n > 0)
		cli_misuse("no operands, please: the stream comes from stdin");
	cli_refuse_terminal(STDIN_FILENO);
	if (!s.benchmark)
		cli_refuse_terminal(STDOUT_FILENO);
	return s;
}

static int input_ended(struct fbs_flow *f, int error, struct fbs_writer *w)
{
	char why[256];

	fbs_reader_explain(&f->reader, error, why, sizeof why);
	cli_log(CLI_ERROR, "%s", why);
	if (w)
		fbs_write_end(w, FBS_END_DIED, why);
	return error == FBS_E_SYSTEM ? CLI_SYSTEM : error == FBS_OK ? CLI_OK : CLI_NO;
}

static int pixels_refused(const struct fbs_record *r, const char *what, struct fbs_writer *w)
{
	char why[256];

	snprintf(why, sizeof why, "%s at offset %llu", what, (unsigned long long)r->offset);
	cli_log(CLI_ERROR, "%s", why);
	if (w)
		fbs_write_end(w, FBS_END_DIED, why);
	return CLI_NO;
}

static int output_failed(void)
{
	if (errno == EPIPE)
		return CLI_OK;
	cli_log(CLI_ERROR, "cannot write: %s", strerror(errno));
	return CLI_SYSTEM;
}

static int transcode(struct fbs_flow *f, struct fbs_writer *w, struct batch *b)
{
	struct fbs_record r;
	bool first = true;
	int n;

	while ((n = fbs_flow_next(f, &r)) == 1) {
		const char *why = NULL;
		int result;

		if (first)
			fbs_writer_start_at(w, f->reader.preamble.wall_us);
		first = false;
		if (r.type == FBS_SHARED)
			return pixels_refused(&r, "pixels in shared memory (fbdiff -m belongs in between)", w);
		result = batch_put(b, &r, &why);
		if (result == BATCH_BAD)
			return pixels_refused(&r, why, w);
		if (result)
			return output_failed();
		if (r.type == FBS_END)
			return CLI_OK;
		f->unread = f->unread || r.type == FBS_FRAME;
	}
	return n == FBS_FLOW_GONE ? CLI_OK : input_ended(f, n, w);
}

static int benchmark(struct fbs_flow *f, struct bench *b)
{
	struct fbs_record r;
	int n;

	while ((n = fbs_flow_next(f, &r)) == 1) {
		int result = bench_take(b, &r);

		if (result == FBS_E_SYSTEM)
			cli_die_errno("cannot encode");
		if (result)
			return pixels_refused(&r, "pixels that cannot be decoded", NULL);
		if (r.type == FBS_END)
			break;
	}
	if (n < 0)
		return input_ended(f, n, NULL);
	return bench_print(b) ? output_failed() : CLI_OK;
}

static int run_benchmark(struct fbs_flow *f, const struct settings *s)
{
	struct bench *b = bench_new(s->quality);
	int code;

	if (!b)
		cli_die_errno("cannot start");
	code = benchmark(f, b);
	bench_free(b);
	return code;
}

static int run_transcode(struct fbs_flow *f, const struct settings *s)
{
	struct fbs_writer w;
	struct batch *b;
	int code;

	if (fbs_writer_init(&w, STDOUT_FILENO, "rfbenc"))
		cli_die_errno("cannot start");
	b = batch_new(&w, s->encoding, s->quality, s->threads);
	if (!b)
		cli_die_errno("cannot start");
	code = transcode(f, &w, b);
	batch_free(b);
	fbs_writer_fini(&w);
	return code;
}

int main(int argc, char **argv)
{
	struct settings s = read_options(argc, argv);
	struct fbs_flow f;
	int code;

	cli_stats_open("rfbenc", "");
	io_pipe_enlarge(STDIN_FILENO);
	io_pipe_enlarge(STDOUT_FILENO);
	fbs_flow_init(&f, STDIN_FILENO, s.benchmark ? -1 : STDOUT_FILENO);
	confine_or_die(&(struct confine_settings){ .rights = CONFINE_OF_RFBENC });
	code = s.benchmark ? run_benchmark(&f, &s) : run_transcode(&f, &s);
	fbs_flow_fini(&f);
	cli_stats_close();
	return code;
}
