/* Locking a program in, with the logging and the statistics file that every program has. */
#include "cli/cli.h"
#include "cli/stats.h"
#include "confine/confine.h"

void confine_or_die(const struct confine_settings *s)
{
	struct confine_settings all = *s;
	const char *what;

	all.remove_in = cli_stats_dir();
	if (all.remove_in >= 0)
		all.rights |= CONFINE_REMOVE;
	if (confine_process(&all, &what) != 0)
		cli_die_errno("cannot lock in: %s", what);
	if (what)
		cli_log(CLI_INFO, "%s", what);
}
