/* A token bucket for bytes, which holds a tenth of a second's; and a clock for updates, which lets a late one not put off
 * the next, so that the average is the limit. */
#include "throttle.h"

enum { LEAST = 512 };			/* bytes that are worth a write */

static double most(const struct throttle *t)
{
	const double tenth = (double)t->rate / 10;
	return tenth < 2 * LEAST ? 2 * LEAST : tenth;
}

/* Fewer are not sent alone: a fiftieth of a second's. */
static double piece(const struct throttle *t)
{
	const double some = (double)t->rate / 50;
	return some < LEAST ? LEAST : some;
}

void throttle_set(struct throttle *t, uint32_t millifps, uint64_t rate, int64_t now)
{
	if (millifps != t->millifps)
		t->next_us = now;
	t->millifps = millifps;
	if (rate != t->rate) {
		t->rate = rate;
		t->tokens = most(t);
		t->filled_us = now;
	}
}

int64_t throttle_frame_due(const struct throttle *t)
{
	return t->millifps ? t->next_us : 0;
}

void throttle_frame(struct throttle *t, int64_t now)
{
	if (!t->millifps)
		return;
	const int64_t interval = 1000000000 / t->millifps;
	t->next_us = (now - t->next_us < interval ? t->next_us : now) + interval;
	if (t->next_us <= now)
		t->next_us = now + interval;
}

size_t throttle_room(struct throttle *t, int64_t now)
{
	if (!t->rate)
		return SIZE_MAX;
	t->tokens += (double)(now - t->filled_us) * (double)t->rate / 1e6;
	t->filled_us = now;
	if (t->tokens > most(t))
		t->tokens = most(t);
	return t->tokens < piece(t) ? 0 : (size_t)t->tokens;
}

void throttle_spend(struct throttle *t, size_t n)
{
	if (t->rate)
		t->tokens -= (double)n;
}

int64_t throttle_refill_us(const struct throttle *t)
{
	return t->rate && t->tokens < piece(t) ? (int64_t)((piece(t) - t->tokens) * 1e6 / (double)t->rate) + 1 : 0;
}
