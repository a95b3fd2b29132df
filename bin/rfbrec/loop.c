/* One poll for everything: USR1 sets a mark, USR2 pauses, TERM ends. */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ending.h"
#include "io/io.h"

enum { FDS_MAX = 4 };

static int signals = -1;

void loop_init(struct loop *l, struct out *out)
{
	*l = (struct loop){ .out = out, .signals = signals };
}

void loop_prepare(int output)
{
	static const int taken[] = { SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(&set, taken[i]);
	signal(SIGXFSZ, SIG_IGN);	/* a limit on the size of files is an error of write like others */
	if (sigprocmask(SIG_BLOCK, &set, NULL) || (signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		cli_die_errno("cannot take signals");
	cli_ending_prepare(NULL);
	cli_ending_play(-1, output);
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo == SIGUSR1)
			out_mark(l->out, FBS_MARK_USER, "mark");
		else
			out_toggle_pause(l->out);
}

void loop_wait(struct loop *l, struct pollfd *fds, unsigned n, int64_t deadline)
{
	struct pollfd all[FDS_MAX + 2] = { { .fd = l->signals, .events = POLLIN }, { .fd = cli_ending_fd(), .events = POLLIN } };
	int64_t flush = out_tick(l->out), now = io_now(), left;
	int timeout = -1;

	memcpy(all + 2, fds, n * sizeof *fds);
	if (flush >= 0 && (deadline == IO_FOREVER || now + flush < deadline))
		deadline = now + flush;
	if (deadline != IO_FOREVER) {
		left = deadline > now ? deadline - now : 0;
		timeout = left > 3600000000 ? 3600000 : (int)((left + 999) / 1000);
	}
	if (poll(all, n + 2, timeout) < 0) {
		if (errno != EINTR)
			cli_die_errno("cannot wait");
		for (unsigned i = 0; i < n; i++)
			fds[i].revents = 0;
		return;
	}
	memcpy(fds, all + 2, n * sizeof *fds);
	if (all[0].revents)
		take_signals(l);
	l->stop = cli_ending_asked();
}
