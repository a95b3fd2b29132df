/* Addresses that have spoken HTTP lately. On a port that takes viewers and browsers, who says nothing at once is
 * taken for a viewer and greeted; a browser that was only slow, or had opened a connection to spare, fails by that.
 * Once an address has asked for a page, its connections are given more time. */
#ifndef RFBD_BROWSERS_H
#define RFBD_BROWSERS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/addr.h"

#define BROWSERS_MAX 32u
#define BROWSERS_SECONDS 60

struct browsers {
	struct { char host[NET_TEXT_MAX]; int64_t until_us; } at[BROWSERS_MAX];
	unsigned next;
};

/* address: "192.0.2.1:49152" as logged. */
void browsers_note(struct browsers *b, const char *address, int64_t now_us);
bool browsers_know(const struct browsers *b, const char *address, int64_t now_us);

#endif
