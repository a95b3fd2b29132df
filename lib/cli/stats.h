/* Statistics files: what a program counts, in a small mapped file that rfbstat reads.
 *
 * With $RFB_STATDIR set, a process publishes into $RFB_STATDIR/<program>.<pid>; without it
 * the same counters live in anonymous memory, so callers never ask. Counting is a relaxed
 * atomic store or add: no system call, no lock, safe from several threads. A file outlives
 * a crash of its writer, and the next process of the program goes on with its counters; the
 * writer holds a lock on it, so a reader knows. */
#ifndef RFBKIT_CLI_STATS_H
#define RFBKIT_CLI_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/limits.h"
#include "cli/metrics.h"

#define STAT_MAGIC 0x0254415453424652ull	/* "RFBSTAT\2" read as a little-endian u64 */
#define STAT_VIEWERS 256			/* viewers shown one by one; more are only counted */

struct cli_stat_viewer {
	uint32_t id;			/* 0: this place is free; written last */
	uint32_t view_only;
	int32_t encoding;
	uint32_t transport;		/* STAT_TCP … */
	uint64_t connected_us;		/* Unix time */
	uint64_t updates, sent_bytes, received_bytes;
	uint64_t rtt_us, queue_bytes;
	uint32_t rule;			/* its line in the file of rules; 0: none is about it */
	struct cli_limits limits;
	char address[64], user[32];
};

struct cli_stat_file {
	uint64_t magic;
	uint32_t pid, n_slots;		/* n_slots: the table's size; another version's file is refused */
	uint64_t start_us;		/* Unix time */
	char program[16], version[16];
	char role[32];			/* "worker", "monitor", a display's name; may be empty */
	struct cli_stat_viewer viewer[STAT_VIEWERS];
	uint64_t slot[];
};

/* Starts publishing; removes files of the same program whose writers are gone. Without a
 * usable directory it warns once and counts in memory. Call before confinement. */
void cli_stats_open(const char *program, const char *role);
/* Removes the file, and those that processes of this program left without it (a confined child cannot): for an
 * orderly end. */
void cli_stats_close(void);
/* For a process made by fork: a file of its own. */
void cli_stats_reopen(const char *program, const char *role);
/* The directory's descriptor, for those who may later do nothing there but remove their file; -1: none is published. */
int cli_stats_dir(void);

void cli_stat_add(enum cli_metric m, unsigned series, uint64_t n);
void cli_stat_set(enum cli_metric m, unsigned series, uint64_t value);
uint64_t cli_stat_get(enum cli_metric m, unsigned series);
/* One observation of a histogram, in microseconds. */
void cli_stat_observe(enum cli_metric m, unsigned series, uint64_t us);
/* The series of a metric with two labels. */
unsigned cli_stat_series2(enum cli_metric m, unsigned first, unsigned second);

/* A free place in the table of viewers for `id`, or NULL when all are taken. The caller fills
 * it with plain stores; cli_stat_viewer_free gives it back (NULL is allowed). */
struct cli_stat_viewer *cli_stat_viewer_new(uint32_t id, const char *address);
void cli_stat_viewer_free(struct cli_stat_viewer *v);

#endif
