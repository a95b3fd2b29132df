/* The table behind metrics.h. Names follow Prometheus' conventions: base units,
 * "_total" on counters (added when printed), a fixed set of label values. */
#include "cli/metrics.h"

#include <string.h>

#define LABEL(n, ...) { n, (const char *const[]){ __VA_ARGS__, NULL } }
#define US 1e-6

static const char *const encodings[] = {
	"raw", "copyrect", "rre", "corre", "hextile", "zlib", "tight", "zlibhex", "trle", "zrle",
	"zywrle", "jpeg", "h264", "tightpng", "tight-nozlib", "other", NULL
};
static const int32_t encoding_numbers[] = { 0, 1, 2, 4, 5, 6, 7, 8, 15, 16, 17, 21, 50, -260, -317 };

static const char *const security[] = {
	"None", "VncAuth", "Plain", "TLSNone", "TLSVnc", "TLSPlain", "X509None", "X509Vnc", "X509Plain",
	"RA2", "RA2ne", "RA2_256", "RA2ne_256", "DH", "Tight", "other", NULL
};

#define ENCODING { "encoding", encodings }

const struct cli_metric_desc cli_metrics[STAT_METRICS] = {
	[STAT_CLIENTS] = { "clients", "Viewers connected and past authentication.", STAT_GAUGE,
		.label = { LABEL("access", "full", "view") } },
	[STAT_CONNECTIONS] = { "connections", "Connections accepted or made.", STAT_COUNTER,
		.label = { LABEL("transport", "tcp", "unix", "tls", "ws", "wss", "stdio", "reverse") } },
	[STAT_DISCONNECTS] = { "disconnects", "Connections ended, by reason.", STAT_COUNTER,
		.label = { LABEL("reason", "closed", "error", "protocol", "timeout", "slow", "refused", "auth",
				 "kicked", "shutdown") } },
	[STAT_AUTH_ATTEMPTS] = { "auth_attempts", "Authentications tried, by security type and result.", STAT_COUNTER,
		.label = { { "type", security }, LABEL("result", "ok", "failed", "blocked") } },
	[STAT_SENT_BYTES] = { "sent_bytes", "Bytes of rectangles sent, headers included.", STAT_COUNTER,
		.label = { ENCODING } },
	[STAT_RAW_BYTES] = { "raw_bytes", "What the rectangles sent would have been in Raw, in the viewer's format.",
		STAT_COUNTER, .label = { ENCODING } },
	[STAT_RECEIVED_BYTES] = { "received_bytes", "Bytes received from viewers.", STAT_COUNTER },
	[STAT_RECTANGLES] = { "rectangles", "Rectangles sent.", STAT_COUNTER, .label = { ENCODING } },
	[STAT_UPDATES] = { "updates", "FramebufferUpdate messages sent.", STAT_COUNTER },
	[STAT_UPDATES_SKIPPED] = { "updates_skipped", "Frames that a viewer did not get one by one.", STAT_COUNTER,
		.label = { LABEL("reason", "backlog", "rate") } },
	[STAT_CAPTURE_DURATION] = { "capture_duration_seconds", "Fetching the damaged pixels of one frame.",
		STAT_HISTOGRAM, US },
	[STAT_DIFF_DURATION] = { "diff_duration_seconds", "Finding what really changed in one frame.",
		STAT_HISTOGRAM, US },
	[STAT_ENCODE_DURATION] = { "encode_duration_seconds", "Encoding one unit of an update.", STAT_HISTOGRAM, US,
		.label = { ENCODING } },
	[STAT_CLIENT_RTT] = { "client_rtt_seconds", "Round-trip times of viewers.", STAT_HISTOGRAM, US },
	[STAT_INPUT_LATENCY] = { "input_latency_seconds", "From a viewer's event read to its handing to the X server.",
		STAT_HISTOGRAM, US },
	[STAT_UPDATE_LATENCY] = { "update_latency_seconds", "From capture to the update's last byte handed to the kernel.",
		STAT_HISTOGRAM, US },
	[STAT_SEND_QUEUE] = { "send_queue_bytes", "Bytes waiting to be sent to viewers.", STAT_GAUGE },
	[STAT_FB_WIDTH] = { "framebuffer_width_pixels", "Width of the framebuffer.", STAT_GAUGE },
	[STAT_FB_HEIGHT] = { "framebuffer_height_pixels", "Height of the framebuffer.", STAT_GAUGE },
	[STAT_DAMAGED_PIXELS] = { "damaged_pixels", "Pixels that the X server reported as damaged.", STAT_COUNTER },
	[STAT_FRAMES] = { "frames", "Frames taken from the source.", STAT_COUNTER, .by = "rfbd" },
	[STAT_LAST_FRAME] = { "last_frame_timestamp_seconds", "When the last frame arrived, Unix time.", STAT_GAUGE, US },
	[STAT_SOURCE_UP] = { "source_up", "1 while a source is connected.", STAT_GAUGE },
	[STAT_SOURCE_RESTARTS] = { "source_restarts", "Sources that followed another one.", STAT_COUNTER },
	[STAT_INPUT_EVENTS] = { "input_events", "Events accepted from viewers.", STAT_COUNTER,
		.label = { LABEL("type", "key", "button", "motion", "clipboard", "resize") }, .by = "rfbd" },
	[STAT_KEYSYMS_UNMAPPED] = { "keysyms_unmapped", "Keysyms for which the keyboard had no key and none could be lent.",
		STAT_COUNTER },
	[STAT_CLIPBOARD_BYTES] = { "clipboard_bytes", "Bytes of text; in: from viewers, out: to viewers.", STAT_COUNTER,
		.label = { LABEL("direction", "in", "out") }, .by = "rfbd" },
	[STAT_RECORDER_BYTES] = { "recorder_bytes", "Bytes written to recordings.", STAT_COUNTER },
	[STAT_RECORDER_ERRORS] = { "recorder_errors", "Failed writes to recordings.", STAT_COUNTER },
	[STAT_LISTENING] = { "listening", "Addresses listened on.", STAT_GAUGE },
};

const uint32_t cli_metric_bounds_us[STAT_BUCKETS] = {
	50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000
};

static unsigned index_of(const char *const *values, const char *name)
{
	unsigned i = 0;
	while (values[i] && strcmp(values[i], name) != 0)
		i++;
	return values[i] ? i : i - 1;	/* the last value is "other" */
}

unsigned cli_metric_encoding(int32_t rfb_encoding)
{
	const unsigned n = sizeof encoding_numbers / sizeof *encoding_numbers;
	for (unsigned i = 0; i < n; i++)
		if (encoding_numbers[i] == rfb_encoding)
			return i;
	return n;
}

unsigned cli_metric_security(const char *name)
{
	return index_of(security, name);
}

static unsigned count(const struct cli_label *l)
{
	unsigned n = 0;
	while (l->name && l->values[n])
		n++;
	return n ? n : 1;
}

unsigned cli_metric_series(enum cli_metric m)
{
	return count(&cli_metrics[m].label[0]) * count(&cli_metrics[m].label[1]);
}

unsigned cli_metric_width(enum cli_metric m)
{
	return cli_metrics[m].type == STAT_HISTOGRAM ? STAT_BUCKETS + 2 : 1;
}

size_t cli_metric_slot(enum cli_metric m)
{
	size_t at = 0;
	for (unsigned i = 0; i < (unsigned)m; i++)
		at += (size_t)cli_metric_series((enum cli_metric)i) * cli_metric_width((enum cli_metric)i);
	return at;
}
