/* What a rule limits a viewer to, as rfbd keeps it and publishes it, and as people and programs are told. */
#ifndef RFBKIT_CLI_LIMITS_H
#define RFBKIT_CLI_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Zero is no limit. */
struct cli_limits {
	uint32_t millifps;		/* updates in a thousand seconds */
	uint64_t rate;			/* bytes a second */
	uint32_t idle, most;		/* seconds without doing anything; seconds at all */
	uint16_t x, y, w, h;		/* the part of the screen that it sees; w 0: all */
};

enum { CLI_LIMITS_TEXT = 160 };		/* bytes that are enough */

struct json_t;

/* An object with what is limited, in the words of rfbd.rules(5); the caller's. */
struct json_t *cli_limits_json(const struct cli_limits *l);
/* The same for people: "12.5 updates/s, idle 900 s"; "" when nothing is. Returns `out`, of n bytes. */
const char *cli_limits_text(const struct cli_limits *l, char *out, size_t n);

#endif
