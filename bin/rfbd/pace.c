/* Round trip and rate of a link. The rate follows samples up at once; down only while the link was kept
 * full, because a link with nothing to carry shows no rate. */
#include "pace.h"

#include <string.h>

enum {
	WINDOW_FIRST = 96 << 10,	/* before anything is known */
	WINDOW_LEAST = 12 << 10,
	PERIOD_US = 8000000,
	PATIENCE_US = 4000000,
	SLACK_US = 12000,		/* keeps the link from running dry between two echoes */
};

int64_t pace_round_trip(const struct pace *p)
{
	if (!p->base_us[1] || (p->base_us[0] && p->base_us[0] < p->base_us[1]))
		return p->base_us[0];
	return p->base_us[1];
}

uint64_t pace_under_way(const struct pace *p)
{
	return p->marked > p->acked ? p->marked - p->acked : 0;
}

uint64_t pace_window(const struct pace *p)
{
	if (p->rate <= 0)
		return WINDOW_FIRST;
	double window = p->rate * (double)(pace_round_trip(p) + SLACK_US) / 1e6;
	return window < WINDOW_LEAST ? WINDOW_LEAST : (uint64_t)window;
}

int64_t pace_gives_up(const struct pace *p)
{
	return p->n ? p->marks[0].sent_us + PATIENCE_US : INT64_MAX;
}

uint64_t pace_carries(const struct pace *p, int64_t us)
{
	return (uint64_t)(p->rate * (double)us / 1e6);
}

uint32_t pace_mark(struct pace *p, uint64_t position, int64_t now)
{
	if (p->n == PACE_MARKS)
		return 0;
	if (++p->next_id == 0)
		p->next_id = 1;
	p->marks[p->n++] = (struct pace_mark){ p->next_id, position, now, p->acked, pace_under_way(p) < pace_window(p) / 2 };
	p->marked = position;
	return p->next_id;
}

static void note_round_trip(struct pace *p, int64_t rtt, int64_t now)
{
	if (now - p->period_us > PERIOD_US) {
		p->base_us[1] = p->base_us[0];
		p->base_us[0] = 0;
		p->period_us = now;
	}
	if (!p->base_us[0] || rtt < p->base_us[0])
		p->base_us[0] = rtt > 0 ? rtt : 1;
}

static void note_rate(struct pace *p, const struct pace_mark *m, int64_t rtt)
{
	uint64_t bytes = m->position - m->acked_then;
	double sample = rtt > 0 ? (double)bytes * 1e6 / (double)rtt : 0;
	/* what one round trip costs however little is sent says nothing about the rate */
	int64_t base = pace_round_trip(p);
	if (m->idle && base && rtt > base + 2000)
		sample = (double)bytes * 1e6 / (double)(rtt - base);
	else if (m->idle && p->rate > 0 && sample < p->rate)
		return;
	if (bytes < 1500)
		return;
	if (sample > p->rate && !m->idle)
		p->rate = sample;
	else if (p->rate <= 0)
		p->rate = sample;
	else
		p->rate += (sample - p->rate) / 4;
}

bool pace_echo(struct pace *p, uint32_t id, int64_t now)
{
	unsigned i = 0;
	while (i < p->n && p->marks[i].id != id)
		i++;
	if (id == 0 || i == p->n)
		return false;
	struct pace_mark m = p->marks[i];
	int64_t rtt = now - m.sent_us;
	note_round_trip(p, rtt, now);
	note_rate(p, &m, rtt);
	p->acked = m.position;
	p->n -= i + 1;
	memmove(p->marks, p->marks + i + 1, p->n * sizeof p->marks[0]);
	return true;
}
