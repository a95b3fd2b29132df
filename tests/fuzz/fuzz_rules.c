/* The rules file, and addresses as rules look at them. */
#include <stdlib.h>
#include <string.h>

#include "rules.c"
#include "word.c"

static void check(const struct rule *r)
{
	const struct cli_limits *l = &r->limits;
	if (r->bits > 128 || r->peer > RULE_NET || r->who > RULE_THIS_USER || !memchr(r->user, 0, sizeof r->user) || !r->line ||
	    (l->w == 0) != (l->h == 0) || (uint32_t)l->w * l->h > FBS_PIXELS_MAX || l->millifps > 1000999 || (l->rate && l->rate < 1000))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules rules;
	struct rule_address from;
	const struct rule *found = NULL;
	const char *reason = NULL;
	unsigned line = 0;
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = 0;
	rule_address_parse(&from, text);
	char *exact = malloc(size ? size : 1);	/* without the NUL: an overrun shows */
	memcpy(exact, data, size);
	if (rules_parse(&rules, exact, size, &line, &reason) == 0) {
		for (unsigned i = 0; i < rules.n; i++)
			check(&rules.rule[i]);
		if (rules_find(&rules, &from, "alice", &found) == RULES_FOUND && (found < rules.rule || found >= rules.rule + rules.n))
			abort();
		if (rules_find(&rules, &from, "", &found) == RULES_LATER)
			abort();
	} else if (!reason || (line == 0 && size <= RULES_BYTES_MAX)) {
		abort();
	}
	free(exact);
	free(text);
	return 0;
}
