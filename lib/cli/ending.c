/* A read from a pipe that brings nothing, or a write into one that nobody empties, would keep the order waiting; a look
 * before each of them would miss what comes between. So the handler puts /dev/null in their place: what waits goes on,
 * finds the end of its input, and the loop comes to its own end. */
#include "cli/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { PATIENCE_S = 1, READER_S = 4 };

static const int taken[] = { SIGTERM, SIGINT, SIGHUP };
enum { N_TAKEN = sizeof taken / sizeof *taken };

static void (*leaves)(void);
static int nothing = -1, told[2] = { -1, -1 };
static volatile sig_atomic_t playing, asked, from = -1, to = -1;
static volatile pid_t reader;

static void wait_for(int seconds)
{
	const struct itimerval patience = { .it_value = { .tv_sec = seconds } };

	setitimer(ITIMER_REAL, &patience, NULL);
}

static void on_end(int number)
{
	int error = errno;

	if (!playing) {
		if (leaves)
			leaves();
		signal(number, SIG_DFL);
		raise(number);		/* when this returns */
		return;
	}
	if (from >= 0)
		(void)dup2(nothing, from);
	if (!asked) {
		(void)!write(told[1], "", 1);
		wait_for(PATIENCE_S);
	}
	asked = 1;
	errno = error;
}

static void on_patience(int number)
{
	int error = errno;

	(void)number;
	if (reader) {
		kill(reader, SIGTERM);
		reader = 0;
		wait_for(READER_S);
	} else if (to >= 0) {
		(void)dup2(nothing, to);
	}
	errno = error;
}

static void take(int number, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = SA_RESTART }, before;

	if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN && number != SIGALRM)
		return;		/* nohup's wish */
	sigemptyset(&a.sa_mask);
	for (int i = 0; i < N_TAKEN; i++)
		sigaddset(&a.sa_mask, taken[i]);
	sigaddset(&a.sa_mask, SIGALRM);
	if (sigaction(number, &a, NULL))
		cli_die_errno("cannot take signals");
}

void cli_ending_prepare(void (*leave)(void))
{
	sigset_t set;

	leaves = leave;
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0 || pipe2(told, O_CLOEXEC | O_NONBLOCK))
		cli_die_errno("cannot take signals");
	sigemptyset(&set);
	for (int i = 0; i < N_TAKEN; i++) {
		take(taken[i], on_end);
		sigaddset(&set, taken[i]);
	}
	take(SIGALRM, on_patience);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void cli_ending_play(int input, int output)
{
	from = input;
	to = output;
	playing = 1;
}

void cli_ending_reader(pid_t child)
{
	reader = child;
}

int cli_ending_fd(void)
{
	return told[0];
}

bool cli_ending_asked(void)
{
	return asked;
}
