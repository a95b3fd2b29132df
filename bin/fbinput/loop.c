/* Waiting: for the display first, then for events, the display's own news, and room on stdout. */
#include "fbinput.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/io.h"

enum { RETRY_FIRST_MS = 100, RETRY_MOST_MS = 2000 };

/* --- the display ------------------------------------------------------------------------------- */

/* Sleeps; false when there is no reason to wait any longer: a signal, or nobody at the other end. What stdin
 * holds meanwhile is left there, so only its hanging up can be seen. */
static bool sleep_on(const struct loop *l, int ms)
{
	struct pollfd p[] = { { .fd = l->stop_fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLRDHUP } };
	const int n = poll(p, 2, ms);

	return n == 0 || (n < 0 && errno == EINTR) || !(p[0].revents || p[1].revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL));
}

static void announce_ready(const struct options *o)
{
	if (o->notify_fd < 0)
		return;
	if (write(o->notify_fd, "\n", 1) < 0)
		cli_log(CLI_WARN, "cannot notify: nobody reads descriptor %d", o->notify_fd);
	close(o->notify_fd);
}

bool loop_open(struct loop *l, const struct options *o)
{
	struct x11_input_options input = o->input;
	char why[256];
	int ms = RETRY_FIRST_MS;
	bool told = false;

	input.say = o->announce ? answers_say : NULL;
	input.arg = &l->answers;
	for (;;) {
		const enum x11_input_open rc = x11_input_open(&l->in, &input, why, sizeof why);

		if (rc == X11_INPUT_OK)
			break;
		if (rc == X11_INPUT_BAD || rc == X11_INPUT_NO_SCREEN)
			cli_die(rc == X11_INPUT_BAD ? CLI_SYSTEM : CLI_MISUSE, "%s", why);
		if (!told)
			cli_log(CLI_INFO, "waiting: %s", why);
		told = true;
		if (!sleep_on(l, ms))
			return false;
		ms = ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : ms * 2;
	}
	l->events.in = l->in;
	answers_hello(&l->answers, l->in);
	announce_ready(o);
	return true;
}

/* --- events ---------------------------------------------------------------------------------------- */

static int time_left(const struct loop *l)
{
	const int64_t due = x11_input_due(l->in), now = io_now();

	if (due == IO_FOREVER)
		return -1;
	return due <= now ? 0 : (int)((due - now + 999) / 1000);
}

enum loop_end loop_run(struct loop *l)
{
	enum { STOP, IN, X, OUT };

	for (;;) {
		x11_input_events(l->in);
		events_done(&l->events);
		answers_flush(&l->answers);
		if (x11_input_lost(l->in, NULL))
			return LOOP_LOST;
		struct pollfd p[] = {
			[STOP] = { .fd = l->stop_fd, .events = POLLIN },
			[IN] = { .fd = l->events.is_late ? -1 : STDIN_FILENO, .events = POLLIN },
			[X] = { .fd = x11_input_fd(l->in), .events = POLLIN },
			/* without anything to write, only its reader's going away */
			[OUT] = { .fd = l->answers.gone ? -1 : l->answers.fd, .events = l->answers.out.len ? POLLOUT : 0 },
		};
		if (poll(p, 4, time_left(l)) < 0 && errno != EINTR)
			cli_die_errno("cannot wait");
		if (p[STOP].revents)
			return LOOP_STOPPED;
		if (p[OUT].revents & (POLLERR | POLLHUP) && !(p[IN].revents & POLLIN))
			return LOOP_EOF;
		if (!l->events.is_late && !(p[IN].revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		x11_input_events(l->in);
		l->error = l->events.is_late ? events_resume(&l->events) : events_read(&l->events, STDIN_FILENO);
		if (l->error <= 0)
			return l->error == 0 ? LOOP_EOF : LOOP_BAD;
	}
}
