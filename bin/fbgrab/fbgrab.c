/* fbgrab: an X display as a stream. Captures what is damaged, as soon as it is, as long as somebody
 * reads; see fbgrab(1). */
#include "grab.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"

enum { LAST_WORDS_US = 1000000, RETRY_US = 1000, GOODBYE_S = 2 };

/* A reader that has yet to attach the segment, or to read from it, is given the time. */
static void let_read(struct grab *g)
{
	const int64_t deadline = io_now() + LAST_WORDS_US;

	while (g->shared.size && io_pipe_unread(g->output.fd) > 0 && !io_pipe_broken(g->output.fd) && io_now() < deadline)
		usleep(RETRY_US);
}

static int ended(struct grab *g, enum loop_end end, const char *why, bool part)
{
	int code = CLI_OK;

	fbs_writer_stamp(&g->writer);	/* what stood still until now was part of it */
	if (end == LOOP_LOST) {
		cli_log(CLI_ERROR, "%s", why);
		output_last_words(&g->output);
		fbs_write_end(&g->writer, FBS_END_LOST, why);
		code = part ? CLI_MISUSE : CLI_SYSTEM;
	} else if (end == LOOP_ABANDONED && g->writer.error && g->writer.error != EPIPE) {
		cli_log(CLI_ERROR, "cannot write: %s", strerror(g->writer.error));
		code = CLI_SYSTEM;
	} else if (end != LOOP_ABANDONED) {
		fbs_write_end(&g->writer, FBS_END_DONE, NULL);
	}
	return code;
}

int main(int argc, char **argv)
{
	struct options options;
	struct grab g = { .options = &options };
	enum loop_end end;
	char why[256] = "";
	const char *lost = why;
	bool part = false;
	int code;

	options_read(&options, argc, argv);
	cli_refuse_terminal(STDOUT_FILENO);
	if ((fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY)
		cli_misuse("standard output is closed, or for reading only");
	cli_stats_open("fbgrab", options.capture.display);
	output_init(&g.output, signals_init());
	if (fbs_writer_init_sink(&g.writer, output_send, &g.output, "fbgrab"))
		cli_die_errno("cannot start");
	g.writer.hold = true;

	end = loop_open(&g, why, sizeof why, &part);
	if (end == LOOP_ONCE)
		end = loop_run(&g);
	if (g.capture && end == LOOP_LOST)
		x11_capture_lost(g.capture, &lost);
	code = ended(&g, end, lost, part);

	let_read(&g);
	/* a display that does not answer is left without a goodbye */
	alarm(GOODBYE_S);
	x11_capture_free(g.capture);
	fbs_writer_fini(&g.writer);
	output_fini(&g.output);
	cli_stats_close();
	return code;
}
