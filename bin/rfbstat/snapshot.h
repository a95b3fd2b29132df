/* One look at all statistics files: copies, so that printing sees nothing move. */
#ifndef RFBSTAT_SNAPSHOT_H
#define RFBSTAT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/stats.h"

#define SNAPSHOT_PROCESSES 64	/* more files than that are not looked at */

struct process {
	struct cli_stat_file *file;	/* a private copy, checked; owned by the snapshot */
	bool alive;			/* its writer still holds the file */
	uint64_t cpu_us, rss, vsize, fds, max_fds;	/* from /proc; 0 when it is gone or not ours to see */
};

struct snapshot {
	int64_t taken_us;		/* io_now() */
	unsigned n;
	struct process p[SNAPSHOT_PROCESSES];
};

/* Reads every statistics file under the directory fd. 0; -1 and errno when it cannot be listed. */
int snapshot_take(struct snapshot *s, int dir);
void snapshot_fini(struct snapshot *s);

/* A value over all processes: sums; for a gauge of living ones only; the largest for sizes and
 * timestamps. `slot` is relative to the metric's first one. */
uint64_t snapshot_value(const struct snapshot *s, enum cli_metric m, size_t slot);
/* The living viewers of all processes, at most max. Returns how many. */
unsigned snapshot_viewers(const struct snapshot *s, const struct cli_stat_viewer **v, unsigned max);
/* The name of an RFB encoding, as in the metrics' labels. */
const char *snapshot_encoding(int32_t rfb_encoding);
/* True when a source delivers and an address is listened on; if not, *why says what is missing. */
bool snapshot_ready(const struct snapshot *s, const char **why);

#endif
