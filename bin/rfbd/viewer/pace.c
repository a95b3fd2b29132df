/* Round trip and rate of a link, and from these what it has yet to send. Everything is reckoned from the newest echo: what it
 * stood behind left the link's narrowest place a round trip ago; what was marked since follows at the link's rate. */
#include "pace.h"

#include <string.h>

enum {
	WINDOW_FIRST = 96 << 10,	/* that may be under way before anything is known */
	PERIOD_US = 8000000,
	PATIENCE_US = 4000000,
	SLACK_US = 6000,		/* keeps the link from running dry between two updates */
	ASTRAY_US = 40000,		/* by how much echoes may be late before nothing more is sent */
	REST_EVERY_US = 5000000,	/* the link is left to run dry so often, since only then a round trip is seen as it is, */
	REST_US = 30000,		/* for so long */
	SAMPLE_LEAST = 3000,		/* bytes that say something about the rate */
	SAMPLE_WEIGHT_US = 20000,	/* that a sample may always have */
	PACKET = 1448,			/* a mark arrives with the packet that it is in */
};
static const double fade = 7.0 / 8;

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

static double rate(const struct pace *p)
{
	return p->us > 0 ? p->bytes / p->us : 0;	/* bytes in a microsecond */
}

uint64_t pace_carries(const struct pace *p, int64_t us)
{
	return (uint64_t)(rate(p) * (double)us);
}

/* When the link will have sent what the first `n` marks are behind; the rate is known. */
static int64_t sent_at(const struct pace *p, unsigned n)
{
	double t = p->acked_us ? (double)(p->acked_us - pace_round_trip(p)) : 0;
	uint64_t at = p->acked;
	for (unsigned i = 0; i < n; i++) {
		const struct pace_mark *m = &p->marks[i];
		t = t > (double)m->sent_us ? t : (double)m->sent_us;
		t += (double)(m->position - at) / rate(p);
		at = m->position;
	}
	return (int64_t)t;
}

/* Whether echoes fail to come: the link has slowed down, or is not known yet. */
static bool is_astray(const struct pace *p, int64_t now)
{
	return p->us > 0 ? now > sent_at(p, 1) + pace_round_trip(p) + ASTRAY_US : pace_under_way(p) >= WINDOW_FIRST;
}

int64_t pace_due(const struct pace *p, int64_t ahead, int64_t now)
{
	if (!p->n)
		return now;
	const int64_t patience = p->marks[0].sent_us + PATIENCE_US;
	if (is_astray(p, now))
		return patience;
	if (p->us <= 0)
		return now;
	const bool rests = now - p->rested_us > REST_EVERY_US;
	const int64_t due = sent_at(p, p->n) + (rests ? REST_US : -SLACK_US - ahead);
	return due < patience ? due : patience;
}

uint32_t pace_mark(struct pace *p, uint64_t position, int64_t now)
{
	if (p->n == PACE_MARKS)
		return 0;
	if (!p->n || (p->us > 0 && now >= sent_at(p, p->n) + REST_US))
		p->rested_us = now;
	if (++p->next_id == 0)
		p->next_id = 1;
	p->marks[p->n++] = (struct pace_mark){ p->next_id, position, now };
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

/* No sample outweighs half of what is known: a pause of the viewer's is no slow link yet. */
static void add_sample(struct pace *p, double bytes, double us)
{
	const double most = p->us / 2 > SAMPLE_WEIGHT_US ? p->us / 2 : SAMPLE_WEIGHT_US;
	us = us < 1 ? 1 : us;
	if (us > most) {
		bytes *= most / us;
		us = most;
	}
	p->bytes = p->bytes * fade + bytes;
	p->us = p->us * fade + us;
}

/* Two echoes, one after the other: the link was busy with what lies between, unless that was handed over too late for it. */
static void note_rate(struct pace *p, const struct pace_mark *m, int64_t now)
{
	if (!p->acked_us || m->position - p->acked < SAMPLE_LEAST)
		return;
	const double bytes = (double)(m->position - p->acked - PACKET), us = (double)(now - p->acked_us);
	const double late = (double)(m->sent_us - (p->acked_us - pace_round_trip(p)));
	if (late <= us / 4 || bytes > us * rate(p))
		add_sample(p, bytes, us);
}

/* A request may answer an update's first bytes or its last. Only when it took far longer than a round trip is it sure that the update
 * was what took the time; at worst the rate is then taken for twice of what it is. */
static void note_delay(struct pace *p, const struct pace_mark *m, int64_t now)
{
	const int64_t base = pace_round_trip(p), took = now - m->sent_us;
	if (m->position - p->acked >= SAMPLE_LEAST && took >= 2 * base)
		add_sample(p, (double)(m->position - p->acked), (double)(took - base));
}

static bool take_answer(struct pace *p, uint32_t id, int64_t now, void (*note)(struct pace *, const struct pace_mark *, int64_t))
{
	unsigned i = 0;
	while (i < p->n && p->marks[i].id != id)
		i++;
	if (id == 0 || i == p->n)
		return false;
	const struct pace_mark m = p->marks[i];
	note_round_trip(p, now - m.sent_us, now);
	note(p, &m, now);
	p->acked = m.position;
	p->acked_us = now;
	p->n -= i + 1;
	memmove(p->marks, p->marks + i + 1, p->n * sizeof p->marks[0]);
	return true;
}

bool pace_echo(struct pace *p, uint32_t id, int64_t now)
{
	return take_answer(p, id, now, note_rate);
}

bool pace_request(struct pace *p, uint32_t id, int64_t now)
{
	return take_answer(p, id, now, note_delay);
}
