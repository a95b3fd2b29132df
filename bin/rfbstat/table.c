/* The table for people: who watches, what the source does, what each stage costs. */
#include "report.h"

#include <string.h>

static double seconds_between(const struct snapshot *now, const struct snapshot *before)
{
	return before ? (double)(now->taken_us - before->taken_us) * 1e-6 : 0;
}

/* A count of bytes in at most seven columns. */
static const char *bytes_text(char *text, size_t n, double v)
{
	static const char units[] = " kMGTP";
	unsigned u = 0;
	for (; v >= 9999.5 && u + 2 < sizeof units; u++)
		v /= 1000;
	snprintf(text, n, u ? "%.0f %cB" : "%.0f B", v, units[u]);
	return text;
}

static const char *rate_text(char *text, size_t n, uint64_t now, uint64_t before, double s, double scale)
{
	if (s <= 0)
		return "-";
	snprintf(text, n, "%.1f", now > before ? (double)(now - before) * scale / s : 0);
	return text;
}

static const struct cli_stat_viewer *same_viewer(const struct snapshot *s, const struct cli_stat_viewer *v)
{
	const struct cli_stat_viewer *all[STAT_VIEWERS];
	const unsigned n = s ? snapshot_viewers(s, all, STAT_VIEWERS) : 0;
	for (unsigned i = 0; i < n; i++)
		if (all[i]->id == v->id && all[i]->connected_us == v->connected_us)
			return all[i];
	return NULL;
}

static void table_viewers(FILE *to, const struct snapshot *now, const struct snapshot *before)
{
	const struct cli_stat_viewer *v[STAT_VIEWERS];
	const unsigned n = snapshot_viewers(now, v, STAT_VIEWERS);
	fprintf(to, "%-5s %-28s %-6s %-10s %7s %9s %8s %9s %9s\n", "ID", "VIEWER", "RIGHTS", "ENCODING", "FPS", "kB/s",
		"RTT ms", "QUEUE", "SENT");
	for (unsigned i = 0; i < n; i++) {
		char fps[16], rate[16], rtt[16], queue[16], sent[16];
		const struct cli_stat_viewer *b = same_viewer(before, v[i]);
		const double s = b ? seconds_between(now, before) : 0;
		snprintf(rtt, sizeof rtt, "%.1f", (double)v[i]->rtt_us * 1e-3);
		fprintf(to, "%-5u %-28.28s %-6s %-10s %7s %9s %8s %9s %9s\n", v[i]->id, v[i]->address,
			v[i]->view_only ? "view" : "full", snapshot_encoding(v[i]->encoding),
			rate_text(fps, sizeof fps, v[i]->updates, b ? b->updates : 0, s, 1),
			rate_text(rate, sizeof rate, v[i]->sent_bytes, b ? b->sent_bytes : 0, s, 1e-3),
			v[i]->rtt_us ? rtt : "-", bytes_text(queue, sizeof queue, (double)v[i]->queue_bytes),
			bytes_text(sent, sizeof sent, (double)v[i]->sent_bytes));
	}
	if (!n)
		fputs("no viewers\n", to);
}

static void table_stages(FILE *to, const struct snapshot *now, const struct snapshot *before)
{
	fprintf(to, "\n%-10s %-10s %8s %7s %9s %6s\n", "STAGE", "", "PID", "CPU %", "MEMORY", "FDS");
	for (unsigned i = 0; i < now->n; i++) {
		const struct process *p = &now->p[i], *b = NULL;
		char cpu[16], rss[16];
		for (unsigned k = 0; before && k < before->n; k++)
			if (before->p[k].file->pid == p->file->pid && before->p[k].alive)
				b = &before->p[k];
		if (p->alive)
			fprintf(to, "%-10s %-10.10s %8u %7s %9s %6llu\n", p->file->program, p->file->role, p->file->pid,
				rate_text(cpu, sizeof cpu, p->cpu_us, b ? b->cpu_us : 0,
					  b ? seconds_between(now, before) : 0, 1e-4),
				bytes_text(rss, sizeof rss, (double)p->rss), (unsigned long long)p->fds);
		else
			fprintf(to, "%-10s %-10.10s %8u  died\n", p->file->program, p->file->role, p->file->pid);
	}
}

void report_table(FILE *to, const struct snapshot *now, const struct snapshot *before)
{
	char fps[16];
	const uint64_t frames = snapshot_value(now, STAT_FRAMES, 0);
	const uint64_t viewers = snapshot_value(now, STAT_CLIENTS, STAT_FULL) + snapshot_value(now, STAT_CLIENTS, STAT_VIEW);
	fprintf(to, "source %s  %llux%llu  %s frames/s  %llu frames  %llu viewer%s\n\n",
		snapshot_value(now, STAT_SOURCE_UP, 0) ? "up" : "down",
		(unsigned long long)snapshot_value(now, STAT_FB_WIDTH, 0),
		(unsigned long long)snapshot_value(now, STAT_FB_HEIGHT, 0),
		rate_text(fps, sizeof fps, frames, before ? snapshot_value(before, STAT_FRAMES, 0) : 0,
			  seconds_between(now, before), 1),
		(unsigned long long)frames,
		(unsigned long long)viewers, viewers == 1 ? "" : "s");
	table_viewers(to, now, before);
	table_stages(to, now, before);
}
