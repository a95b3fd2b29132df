/* A ring: the address that came first makes room. */
#include "habits.h"

#include <stdio.h>
#include <string.h>

#define SECONDS INT64_C(1000000)

static const int64_t lasts_us[] = { [HABIT_RFB] = 3600 * SECONDS, [HABIT_HTTP] = 60 * SECONDS };

/* curl's request is there when its connection is; nineteen of twenty of Chromium's come within a millisecond, ninety-nine of a
 * hundred within 15. A TLS hello has to be made first: half of curl's come within 1.3 ms, nine of ten within 1.7. The event loop
 * waits in whole milliseconds. */
static const double patience[2][2] = {
	/* [speaks RFB][speaks HTTP] */
	[0] = { 0.001, 0.5 },
	[1] = { 0.001, 0.02 },
};
static const double tls_patience = 0.003;

static size_t host_length(const char *address)
{
	const char *colon = strrchr(address, ':');
	return colon ? (size_t)(colon - address) : strlen(address);
}

static const struct habit_of *find(const struct habits *b, const char *address)
{
	const size_t n = host_length(address);
	for (unsigned i = 0; i < HABITS_MAX; i++)
		if (strlen(b->at[i].host) == n && !memcmp(b->at[i].host, address, n))
			return &b->at[i];
	return NULL;
}

void habits_note(struct habits *b, const char *address, enum habit what, int64_t now_us)
{
	struct habit_of *h = (struct habit_of *)(uintptr_t)find(b, address);
	if (!h) {
		h = &b->at[b->next];
		b->next = (b->next + 1) % HABITS_MAX;
		*h = (struct habit_of){ 0 };
		snprintf(h->host, sizeof h->host, "%.*s", (int)host_length(address), address);
	}
	h->until_us[what] = now_us + lasts_us[what];
}

double habits_patience(const struct habits *b, const char *address, int64_t now_us, bool tls)
{
	const struct habit_of *h = find(b, address);
	const double least = patience[h && now_us < h->until_us[HABIT_RFB]][h && now_us < h->until_us[HABIT_HTTP]];
	return tls && least < tls_patience ? tls_patience : least;
}
