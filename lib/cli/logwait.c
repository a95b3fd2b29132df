/* Whoever reads our log may stop, because its disk is full, say: a pipe then fills up, and a line more would stop us, too. What
 * is promised to viewers comes before what is written about them, so lines are lost instead. */
#include "cli/logwait.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

enum { PATIENCE_MS = 20, IMPORTANT_MS = 1000 };

static atomic_uint lost;

/* What cannot be asked is taken to be ready. */
static bool is_ready(int ms)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

bool cli_logwait(bool important)
{
	/* once it is known to be late, only important lines wait again */
	if (is_ready(important ? IMPORTANT_MS : atomic_load(&lost) ? 0 : PATIENCE_MS))
		return true;
	atomic_fetch_add(&lost, 1);
	return false;
}

unsigned cli_logwait_lost(void)
{
	return atomic_load(&lost) && is_ready(0) ? atomic_exchange(&lost, 0) : 0;
}
