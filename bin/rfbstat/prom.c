/* Printing the metrics table in Prometheus' and OpenMetrics' text formats. */
#include "prom.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/io.h"

static void put(struct wire_buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct wire_buf *out, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, fmt);
	const int n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n > 0)
		wire_put(out, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void put_family(struct wire_buf *out, const char *name, const char *help, enum cli_metric_type type, bool open)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	const char *suffix = type == STAT_COUNTER && !open ? "_total" : "";
	put(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name, suffix, types[type]);
}

/* The labels of a series as `a="x",b="y"`, without braces; empty when it has none. */
static void series_labels(char *text, size_t n, const struct cli_metric_desc *d, unsigned series)
{
	unsigned second = 0;
	text[0] = 0;
	while (d->label[1].name && d->label[1].values[second])
		second++;
	if (second)
		snprintf(text, n, "%s=\"%s\",%s=\"%s\"", d->label[0].name, d->label[0].values[series / second],
			 d->label[1].name, d->label[1].values[series % second]);
	else if (d->label[0].name)
		snprintf(text, n, "%s=\"%s\"", d->label[0].name, d->label[0].values[series]);
}

static void put_histogram(struct wire_buf *out, const struct snapshot *s, enum cli_metric m, unsigned series,
			  const char *labels)
{
	const char *name = cli_metrics[m].name, *comma = *labels ? "," : "";
	const size_t base = (size_t)series * cli_metric_width(m);
	uint64_t count = 0;
	for (unsigned b = 0; b < STAT_BUCKETS; b++) {
		count += snapshot_value(s, m, base + b);
		put(out, "rfb_%s_bucket{%s%sle=\"%.9g\"} %llu\n", name, labels, comma,
		    cli_metric_bounds_us[b] * 1e-6, (unsigned long long)count);
	}
	count += snapshot_value(s, m, base + STAT_BUCKETS);
	const char *open = *labels ? "{" : "", *close = *labels ? "}" : "";
	put(out, "rfb_%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma, (unsigned long long)count);
	put(out, "rfb_%s_sum%s%s%s %.9g\n", name, open, labels, close,
	    (double)snapshot_value(s, m, base + STAT_BUCKETS + 1) * cli_metrics[m].scale);
	put(out, "rfb_%s_count%s%s%s %llu\n", name, open, labels, close, (unsigned long long)count);
}

static void put_metric(struct wire_buf *out, const struct snapshot *s, enum cli_metric m, bool open)
{
	const struct cli_metric_desc *d = &cli_metrics[m];
	char name[96], labels[160];
	snprintf(name, sizeof name, "rfb_%s", d->name);
	put_family(out, name, d->help, d->type, open);
	for (unsigned i = 0; i < cli_metric_series(m); i++) {
		series_labels(labels, sizeof labels, d, i);
		if (d->type == STAT_HISTOGRAM) {
			put_histogram(out, s, m, i, labels);
			continue;
		}
		const uint64_t v = snapshot_value(s, m, i);
		put(out, "%s%s%s%s%s ", name, d->type == STAT_COUNTER ? "_total" : "", *labels ? "{" : "", labels,
		    *labels ? "}" : "");
		if (d->scale > 0)
			put(out, "%.6f\n", (double)v * d->scale);
		else
			put(out, "%llu\n", (unsigned long long)v);
	}
}

/* What every Prometheus client says of its process, once for each of our programs. */
static const struct {
	const char *name, *help;
	enum cli_metric_type type;
	double scale;
	size_t field;
} process_metrics[] = {
	{ "process_cpu_seconds", "User and system CPU time.", STAT_COUNTER, 1e-6, offsetof(struct process, cpu_us) },
	{ "process_resident_memory_bytes", "Resident memory.", STAT_GAUGE, 1, offsetof(struct process, rss) },
	{ "process_virtual_memory_bytes", "Virtual memory.", STAT_GAUGE, 1, offsetof(struct process, vsize) },
	{ "process_open_fds", "Open descriptors.", STAT_GAUGE, 1, offsetof(struct process, fds) },
	{ "process_max_fds", "Most descriptors that may be open.", STAT_GAUGE, 1, offsetof(struct process, max_fds) },
};

static bool first_of_program(const struct snapshot *s, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (s->p[k].alive && !strcmp(s->p[k].file->program, s->p[i].file->program))
			return false;
	return s->p[i].alive;
}

static void put_processes(struct wire_buf *out, const struct snapshot *s, bool open)
{
	const unsigned n = sizeof process_metrics / sizeof *process_metrics;
	for (unsigned m = 0; m < n; m++) {
		put_family(out, process_metrics[m].name, process_metrics[m].help, process_metrics[m].type, open);
		for (unsigned i = 0; i < s->n; i++) {
			uint64_t total = 0;
			for (unsigned k = i; k < s->n && first_of_program(s, i); k++)
				if (s->p[k].alive && !strcmp(s->p[k].file->program, s->p[i].file->program))
					total += *(const uint64_t *)((const char *)&s->p[k] + process_metrics[m].field);
			if (first_of_program(s, i))
				put(out, "%s%s{program=\"%s\"} %.9g\n", process_metrics[m].name,
				    process_metrics[m].type == STAT_COUNTER ? "_total" : "", s->p[i].file->program,
				    (double)total * process_metrics[m].scale);
		}
	}
}

/* When the oldest living process of a program began, for each program. */
static void put_starts(struct wire_buf *out, const struct snapshot *s, bool open)
{
	put_family(out, "process_start_time_seconds", "Start of the process, Unix time.", STAT_GAUGE, open);
	for (unsigned i = 0; i < s->n; i++)
		if (first_of_program(s, i))
			put(out, "process_start_time_seconds{program=\"%s\"} %.6f\n", s->p[i].file->program,
			    (double)s->p[i].file->start_us * 1e-6);
	put_family(out, "rfb_start_time_seconds", "Start of rfbd, Unix time.", STAT_GAUGE, open);
	for (unsigned i = 0; i < s->n; i++)
		if (first_of_program(s, i) && !strcmp(s->p[i].file->program, "rfbd"))
			put(out, "rfb_start_time_seconds %.6f\n", (double)s->p[i].file->start_us * 1e-6);
}

void prom_put(struct wire_buf *out, const struct snapshot *s, bool open)
{
	put_family(out, "rfb_build_info", "The version that runs.", STAT_GAUGE, open);
	put(out, "rfb_build_info{version=\"%s\"} 1\n", RFBKIT_VERSION);
	for (unsigned m = 0; m < STAT_METRICS; m++)
		put_metric(out, s, (enum cli_metric)m, open);
	put_starts(out, s, open);
	put_processes(out, s, open);
	if (open)
		put(out, "# EOF\n");
}
