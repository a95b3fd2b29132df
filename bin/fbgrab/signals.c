/* The end on request: a frame under way is finished and the stream ended, but a display that
 * does not answer cannot keep the process: an alarm follows the first signal. */
#include "grab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"

enum { PATIENCE_S = 2 };

static int wake[2];
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	const int saved = errno;

	(void)number;
	stopped = 1;
	if (write(wake[1], "", 1) < 0)
		stopped = 1;
	alarm(PATIENCE_S);
	errno = saved;
}

int signals_init(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction a = { .sa_handler = on_signal };

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		cli_die_errno("no pipe");
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction old;

		/* under nohup, a hangup stays ignored */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &a, NULL);
	}
	return wake[0];
}

bool signals_stop(void)
{
	return stopped != 0;
}
