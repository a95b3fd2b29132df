/* fbinput: does on an X display what a stream of input events says. Whatever way it ends, it leaves
 * nothing held, lent or changed on the display; see fbinput(1). */
#include "fbinput.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/stats.h"
#include "io/io.h"

/* Signals come as bytes, so that the end is as orderly as that of the stream. Under nohup, a hangup stays ignored. */
static int stop_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int explain(const struct loop *l, enum loop_end end)
{
	char line[512];
	const char *why;

	switch (end) {
	case LOOP_BAD:
		if (l->error == FBS_E_SYSTEM)
			cli_log(CLI_ERROR, "cannot read: %s", strerror(errno));
		else
			cli_log(CLI_ERROR, "%s", fbs_reader_explain(&l->events.reader, l->error, line, sizeof line));
		return l->error == FBS_E_SYSTEM ? CLI_SYSTEM : CLI_NO;
	case LOOP_LOST:
		x11_input_lost(l->in, &why);
		cli_log(CLI_ERROR, "%s", why);
		return CLI_SYSTEM;
	case LOOP_EOF:
	case LOOP_STOPPED:
		break;
	}
	return CLI_OK;
}

int main(int argc, char **argv)
{
	struct options o;
	struct loop l = { 0 };
	int code = CLI_OK;

	options_read(&o, argc, argv);
	cli_stats_open("fbinput", "");
	l.stop_fd = stop_signals();
	if (l.stop_fd < 0)
		cli_die_errno("no signalfd");
	events_init(&l.events);
	answers_init(&l.answers, o.announce ? STDOUT_FILENO : -1);
	if (loop_open(&l, &o))
		code = explain(&l, loop_run(&l));

	x11_input_free(l.in);
	answers_flush(&l.answers);
	answers_fini(&l.answers);
	events_fini(&l.events);
	cli_stats_close();
	return code;
}
