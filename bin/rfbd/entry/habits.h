/* What addresses have spoken lately. On a port that takes viewers and browsers, who says nothing at once is taken for a
 * viewer and greeted: a viewer waits for that, and a browser that was only slow, or had opened a connection to spare, fails by it. So a
 * browser's connections are given time, and all others very little. */
#ifndef RFBD_HABITS_H
#define RFBD_HABITS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/addr.h"

#define HABITS_MAX 128u

enum habit { HABIT_RFB, HABIT_HTTP /* or TLS: it speaks first */, HABIT_KINDS };

struct habits {
	struct habit_of {
		char host[NET_TEXT_MAX];	/* "": a free place */
		int64_t until_us[HABIT_KINDS];
	} at[HABITS_MAX];
	unsigned next;
};

/* This address speaks that; "192.0.2.1:49152" as logged. It is remembered for a minute (HTTP) or an hour (RFB). */
void habits_note(struct habits *b, const char *address, enum habit what, int64_t now_us);
/* How long, in seconds, a connection from there is listened to before it is greeted; tls: it might begin with a TLS hello. */
double habits_patience(const struct habits *b, const char *address, int64_t now_us, bool tls);

#endif
