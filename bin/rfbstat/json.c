/* The same as JSON, by jansson: everything in the metrics table, viewers, processes. */
#include "report.h"

#include <jansson.h>

static json_t *number(const struct cli_metric_desc *d, uint64_t v)
{
	return d->scale > 0 ? json_real((double)v * d->scale) : json_integer((json_int_t)v);
}

static json_t *histogram(const struct snapshot *s, enum cli_metric m, size_t base)
{
	uint64_t count = 0;
	for (unsigned b = 0; b <= STAT_BUCKETS; b++)
		count += snapshot_value(s, m, base + b);
	return json_pack("{s:I, s:f}", "count", (json_int_t)count, "sum",
			 (double)snapshot_value(s, m, base + STAT_BUCKETS + 1) * cli_metrics[m].scale);
}

static json_t *series(const struct snapshot *s, enum cli_metric m, unsigned i)
{
	return cli_metrics[m].type == STAT_HISTOGRAM ? histogram(s, m, (size_t)i * cli_metric_width(m))
		: number(&cli_metrics[m], snapshot_value(s, m, i));
}

/* A value, or an object by label; with two labels an object of objects. */
static json_t *metric(const struct snapshot *s, enum cli_metric m)
{
	const struct cli_label *a = &cli_metrics[m].label[0], *b = &cli_metrics[m].label[1];
	unsigned i = 0;
	if (!a->name)
		return series(s, m, 0);
	json_t *o = json_object();
	for (unsigned k = 0; a->values[k]; k++) {
		json_t *v = b->name ? json_object() : series(s, m, i++);
		for (unsigned l = 0; b->name && b->values[l]; l++)
			json_object_set_new(v, b->values[l], series(s, m, i++));
		json_object_set_new(o, a->values[k], v);
	}
	return o;
}

static json_t *viewers(const struct snapshot *s)
{
	static const char *const transports[] = { "tcp", "unix", "tls", "ws", "wss", "stdio", "reverse" };
	const struct cli_stat_viewer *v[STAT_VIEWERS];
	const unsigned n = snapshot_viewers(s, v, STAT_VIEWERS);
	json_t *list = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:I, s:f, s:I, s:I, s:o}",
			"id", (int)v[i]->id, "address", v[i]->address, "user", v[i]->user,
			"access", v[i]->view_only ? "view" : "full", "encoding", snapshot_encoding(v[i]->encoding),
			"transport", v[i]->transport < 7 ? transports[v[i]->transport] : "unknown",
			"connected", (double)v[i]->connected_us * 1e-6, "updates", (json_int_t)v[i]->updates,
			"sent_bytes", (json_int_t)v[i]->sent_bytes, "received_bytes", (json_int_t)v[i]->received_bytes,
			"rtt_seconds", (double)v[i]->rtt_us * 1e-6, "queue_bytes", (json_int_t)v[i]->queue_bytes,
			"rule", (json_int_t)v[i]->rule, "limits", cli_limits_json(&v[i]->limits)));
	return list;
}

static json_t *processes(const struct snapshot *s)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < s->n; i++) {
		const struct process *p = &s->p[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:b, s:f, s:f, s:I, s:I}",
			"program", p->file->program, "role", p->file->role, "pid", (int)p->file->pid, "alive", p->alive,
			"started", (double)p->file->start_us * 1e-6, "cpu_seconds", (double)p->cpu_us * 1e-6,
			"resident_bytes", (json_int_t)p->rss, "open_fds", (json_int_t)p->fds));
	}
	return list;
}

int report_json(FILE *to, const struct snapshot *s)
{
	json_t *metrics = json_object();
	for (unsigned m = 0; m < STAT_METRICS; m++)
		json_object_set_new(metrics, cli_metrics[m].name, metric(s, (enum cli_metric)m));
	json_t *all = json_pack("{s:s, s:o, s:o, s:o}", "version", RFBKIT_VERSION, "viewers", viewers(s),
				"processes", processes(s), "metrics", metrics);
	const int failed = !all || json_dumpf(all, to, JSON_COMPACT) != 0 || fputc('\n', to) == EOF || fflush(to) != 0;
	json_decref(all);
	return failed ? -1 : 0;
}
