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

/* Text in a column of so many characters, cut when it is longer. */
static void put_cell(FILE *to, const char *text, unsigned width)
{
	for (; *text; text++) {
		if ((*text & 0xc0) != 0x80 && width-- == 0)
			break;
		fputc(*text, to);
	}
	if (!*text)
		fprintf(to, "%*s", (int)width, "");
	fputc(' ', to);
}

/* Who it is, and where. */
static unsigned viewer_text(char *text, size_t n, const struct cli_stat_viewer *v)
{
	const int len = snprintf(text, n, "%s%s%s", v->user, *v->user ? "@" : "", v->address);
	return len > 0 ? (unsigned)len : 0;
}

/* The column of names: as wide as the longest, or as the others leave room for. */
static unsigned name_width(const struct cli_stat_viewer **v, unsigned n, unsigned columns)
{
	enum { OTHERS = 60, LEAST = 15, MOST = 96 };
	char text[MOST + 1];
	unsigned width = LEAST;
	for (unsigned i = 0; i < n; i++) {
		const unsigned len = viewer_text(text, sizeof text, v[i]);
		width = len > width ? len : width;
	}
	if (columns && width > columns - OTHERS)
		width = columns > OTHERS + LEAST ? columns - OTHERS : LEAST;
	return width < MOST ? width : MOST;
}

static void table_viewer(FILE *to, const struct cli_stat_viewer *v, const struct cli_stat_viewer *b, double s, unsigned width)
{
	char name[128], fps[16], rate[16], rtt[16], queue[16], sent[16], limits[CLI_LIMITS_TEXT];
	snprintf(rtt, sizeof rtt, "%.1f", (double)v->rtt_us * 1e-3);
	viewer_text(name, sizeof name, v);
	fprintf(to, "%-5u ", v->id);
	put_cell(to, name, width);
	fprintf(to, "%-6s %-8.8s %5s %8s %6s %7s %7s%s%s\n", v->view_only ? "view" : "full", snapshot_encoding(v->encoding),
		rate_text(fps, sizeof fps, v->updates, b ? b->updates : 0, s, 1),
		rate_text(rate, sizeof rate, v->sent_bytes, b ? b->sent_bytes : 0, s, 1e-3),
		v->rtt_us ? rtt : "-", bytes_text(queue, sizeof queue, (double)v->queue_bytes),
		bytes_text(sent, sizeof sent, (double)v->sent_bytes),
		*cli_limits_text(&v->limits, limits, sizeof limits) ? "  " : "", limits);
}

static void table_viewers(FILE *to, const struct snapshot *now, const struct snapshot *before, unsigned columns, unsigned most)
{
	const struct cli_stat_viewer *v[STAT_VIEWERS];
	const unsigned n = snapshot_viewers(now, v, STAT_VIEWERS), shown = most && n > most ? most : n;
	const unsigned width = name_width(v, shown, columns);
	char limits[CLI_LIMITS_TEXT];
	bool limited = false;
	for (unsigned i = 0; i < shown; i++)
		limited |= *cli_limits_text(&v[i]->limits, limits, sizeof limits) != 0;
	fprintf(to, "%-5s %-*s %-6s %-8s %5s %8s %6s %7s %7s%s\n", "ID", (int)width, "VIEWER", "RIGHTS", "ENCODING", "FPS", "kB/s",
		"RTT ms", "QUEUE", "SENT", limited ? "  LIMITS" : "");
	for (unsigned i = 0; i < shown; i++) {
		const struct cli_stat_viewer *b = same_viewer(before, v[i]);
		table_viewer(to, v[i], b, b ? seconds_between(now, before) : 0, width);
	}
	if (shown < n)
		fprintf(to, "%u more\n", n - shown);
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

void report_table(FILE *to, const struct snapshot *now, const struct snapshot *before, unsigned columns, unsigned viewers)
{
	char fps[16];
	const uint64_t frames = snapshot_value(now, STAT_FRAMES, 0);
	const uint64_t count = snapshot_value(now, STAT_CLIENTS, STAT_FULL) + snapshot_value(now, STAT_CLIENTS, STAT_VIEW);
	fprintf(to, "source %s  %llux%llu  %s frames/s  %llu frames  %llu viewer%s\n\n",
		snapshot_value(now, STAT_SOURCE_UP, 0) ? "up" : "down",
		(unsigned long long)snapshot_value(now, STAT_FB_WIDTH, 0),
		(unsigned long long)snapshot_value(now, STAT_FB_HEIGHT, 0),
		rate_text(fps, sizeof fps, frames, before ? snapshot_value(before, STAT_FRAMES, 0) : 0,
			  seconds_between(now, before), 1),
		(unsigned long long)frames,
		(unsigned long long)count, count == 1 ? "" : "s");
	table_viewers(to, now, before, columns, viewers);
	table_stages(to, now, before);
}
