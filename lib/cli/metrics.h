/* The one table of what is measured: names, types, units, labels with all their values.
 * Programs count by these numbers (stats.h), rfbstat prints by them; a label can take no
 * value that is not listed here, so nothing a peer sends can grow the metrics. */
#ifndef RFBKIT_CLI_METRICS_H
#define RFBKIT_CLI_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum cli_metric {
	STAT_CLIENTS, STAT_CONNECTIONS, STAT_DISCONNECTS, STAT_AUTH_ATTEMPTS,
	STAT_SENT_BYTES, STAT_RAW_BYTES, STAT_RECEIVED_BYTES, STAT_RECTANGLES,
	STAT_UPDATES, STAT_UPDATES_SKIPPED,
	STAT_CAPTURE_DURATION, STAT_DIFF_DURATION, STAT_ENCODE_DURATION,
	STAT_CLIENT_RTT, STAT_INPUT_LATENCY, STAT_UPDATE_LATENCY,
	STAT_SEND_QUEUE, STAT_FB_WIDTH, STAT_FB_HEIGHT, STAT_DAMAGED_PIXELS,
	STAT_FRAMES, STAT_LAST_FRAME, STAT_SOURCE_UP, STAT_SOURCE_RESTARTS,
	STAT_INPUT_EVENTS, STAT_KEYSYMS_UNMAPPED, STAT_CLIPBOARD_BYTES,
	STAT_RECORDER_BYTES, STAT_RECORDER_ERRORS, STAT_LISTENING,
	STAT_METRICS
};

enum cli_metric_type { STAT_COUNTER, STAT_GAUGE, STAT_HISTOGRAM };

struct cli_label {
	const char *name;
	const char *const *values;	/* NULL-terminated */
};

struct cli_metric_desc {
	const char *name;		/* without the prefix "rfb_"; counters without "_total" */
	const char *help;
	enum cli_metric_type type;
	double scale;			/* stored integer × scale = the published base unit (0: 1) */
	struct cli_label label[2];
	const char *by;			/* several programs of a pipeline count the same thing: this one's figures are shown */
};

extern const struct cli_metric_desc cli_metrics[STAT_METRICS];

/* Label numbers, in the order of their value tables. */
enum { STAT_FULL, STAT_VIEW };
enum { STAT_TCP, STAT_UNIX, STAT_TLS, STAT_WS, STAT_WSS, STAT_STDIO, STAT_REVERSE };
enum { STAT_CLOSED, STAT_ERROR, STAT_PROTOCOL, STAT_TIMEOUT, STAT_SLOW, STAT_REFUSED, STAT_AUTH, STAT_KICKED, STAT_SHUTDOWN };
enum { STAT_AUTH_OK, STAT_AUTH_FAILED, STAT_AUTH_BLOCKED };
enum { STAT_SKIP_BACKLOG, STAT_SKIP_RATE };
enum { STAT_KEY, STAT_BUTTON, STAT_MOTION, STAT_CLIPBOARD, STAT_RESIZE };
enum { STAT_IN, STAT_OUT };
/* The number of an RFB encoding in the "encoding" label (unknown ones share "other"). */
unsigned cli_metric_encoding(int32_t rfb_encoding);
/* The number of a security type's name in the "type" label ("other" when unknown). */
unsigned cli_metric_security(const char *name);

/* --- layout of a statistics file's slots (u64 each) ------------------------------------ */

#define STAT_BUCKETS 16		/* finite upper bounds of every histogram */
extern const uint32_t cli_metric_bounds_us[STAT_BUCKETS];	/* ascending, microseconds */

/* How many label combinations a metric has (1 without labels). */
unsigned cli_metric_series(enum cli_metric m);
/* u64 slots of one series: 1, or for a histogram STAT_BUCKETS + 1 counts and the sum. */
unsigned cli_metric_width(enum cli_metric m);
/* First slot of a metric; of STAT_METRICS: the number of slots altogether. */
size_t cli_metric_slot(enum cli_metric m);

#endif
