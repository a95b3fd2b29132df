/* The rules file: which viewers come in, what they may do and how much they get. See rfbd.rules(5).
 *
 * A rule is a fixed structure: the monitor parses the file and hands each on to the worker as it is. */
#ifndef RFBD_RULES_H
#define RFBD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/server.h"
#include "cli/limits.h"

#define RULES_MAX 256u
#define RULES_BYTES_MAX (64u << 10)	/* of a file */

enum rule_peer { RULE_ANYBODY, RULE_UNIX, RULE_NET };
enum rule_user { RULE_ANY_USER, RULE_SOME_USER, RULE_THIS_USER };

struct rule {
	uint32_t line;			/* in the file, for logs */
	uint8_t peer;			/* enum rule_peer */
	uint8_t bits;			/* of the address that count */
	uint8_t who;			/* enum rule_user */
	uint8_t deny;
	uint8_t address[16];		/* IPv4 as ::ffff:a.b.c.d */
	uint32_t rights;		/* FBS_RIGHT_* that it leaves */
	struct cli_limits limits;
	char user[AUTH_NAME_MAX + 1];
};

struct rules {
	unsigned n;
	struct rule rule[RULES_MAX];
};

/* Parses a file's text. 0; -1 with the number of the first bad line and why. *out is then not to be used. */
int rules_parse(struct rules *out, const char *text, size_t n, unsigned *line, const char **reason);

/* Where a viewer comes from. */
struct rule_address {
	bool is_unix, known;
	uint8_t address[16];
};

/* From the text that net_sockaddr_text makes. What is neither is known to no rule but `*'. */
void rule_address_parse(struct rule_address *out, const char *text);

enum rules_answer { RULES_NONE, RULES_FOUND, RULES_LATER };
/* The first rule that is about this viewer; user: "" for none, NULL when it is not known yet: RULES_LATER if the answer
 * depends on it. */
enum rules_answer rules_find(const struct rules *r, const struct rule_address *from, const char *user, const struct rule **out);

#endif
