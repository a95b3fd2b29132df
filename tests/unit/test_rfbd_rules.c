/* The rules file: what is parsed, what is refused and where, who is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rules.c"
#include "word.c"

static struct rules rules;

static void parse(const char *text)
{
	unsigned line;
	const char *reason;
	if (rules_parse(&rules, text, strlen(text), &line, &reason) != 0)
		fail_msg("line %u: %s", line, reason);
}

static void refuse(const char *text, unsigned at, const char *why)
{
	unsigned line = 0;
	const char *reason = NULL;
	if (rules_parse(&rules, text, strlen(text), &line, &reason) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(line, at);
	if (!strstr(reason, why))
		fail_msg("`%s': %s", text, reason);
}

/* The line that a viewer of this address and user falls under; 0: none, -1: later. */
static int line_of(const char *address, const char *user)
{
	struct rule_address from;
	const struct rule *r = NULL;
	rule_address_parse(&from, address);
	switch (rules_find(&rules, &from, user, &r)) {
	case RULES_FOUND: return (int)r->line;
	case RULES_LATER: return -1;
	default: return 0;
	}
}

static void test_values(void **state)
{
	(void)state;
	parse("# who what\n\n  192.0.2.0/24\tcontrol clipboard=in resize=off fps=12.5 rate=64k region=800x600+10+20 idle=60 max-time=3600 # all\r\n"
	      "* view\nunix deny\n* control rate=2M fps=0.001 user=*");
	assert_int_equal(rules.n, 4);
	const struct rule *r = &rules.rule[0];
	assert_int_equal(r->line, 3);
	assert_int_equal(r->rights, FBS_RIGHT_INPUT | FBS_RIGHT_CLIP_IN);
	assert_int_equal(r->limits.millifps, 12500);
	assert_int_equal(r->limits.rate, 64000);
	assert_int_equal(r->limits.w, 800);
	assert_int_equal(r->limits.h, 600);
	assert_int_equal(r->limits.x, 10);
	assert_int_equal(r->limits.y, 20);
	assert_int_equal(r->limits.idle, 60);
	assert_int_equal(r->limits.most, 3600);
	assert_int_equal(rules.rule[1].rights, 0);
	assert_int_equal(rules.rule[2].deny, 1);
	assert_int_equal(rules.rule[3].limits.rate, 2000000);
	assert_int_equal(rules.rule[3].limits.millifps, 1);
	assert_int_equal(rules.rule[3].who, RULE_SOME_USER);
	parse("");
	assert_int_equal(rules.n, 0);
	parse("* view clipboard=out");
	assert_int_equal(rules.rule[0].rights, FBS_RIGHT_CLIP_OUT);
}

static void test_refused(void **state)
{
	(void)state;
	refuse("* view\n192.0.2.300 view\n", 2, "begins with none");
	refuse("192.0.2.1/33 view", 1, "begins with none");
	refuse("192.0.2.1/24 view", 1, "beyond its mask");
	refuse("2001:db8::1/32 view", 1, "beyond its mask");
	refuse("192.0.2.1/ view", 1, "begins with none");
	refuse("example.org view", 1, "begins with none");
	refuse("unix:/x view", 1, "begins with none");
	refuse("*", 1, "second word");
	refuse("* watch", 1, "second word");
	refuse("* view fps", 1, "unknown word");
	refuse("* view speed=1", 1, "unknown word");
	refuse("* view fps=1 fps=2", 1, "twice");
	refuse("* view fps=0", 1, "fps");
	refuse("* view fps=1001", 1, "fps");
	refuse("* view fps=1.2345", 1, "fps");
	refuse("* view fps=1x", 1, "fps");
	refuse("* view rate=999", 1, "rate");
	refuse("* view rate=1G", 1, "rate");
	refuse("* view rate=99999999999999999999", 1, "rate");
	refuse("* view region=0x5+0+0", 1, "region");
	refuse("* view region=5x5", 1, "region");
	refuse("* view region=5x5+-1+0", 1, "region");
	refuse("* view region=32767x32767+0+0", 1, "region");
	refuse("* view region=40000x5+0+0", 1, "region");
	refuse("* view idle=0", 1, "seconds");
	refuse("* view clipboard=on", 1, "clipboard");
	refuse("* view resize=yes", 1, "resize");
	refuse("* view user=", 1, "user");
	refuse("* deny fps=3", 1, "denied");
	const char nul[] = "192.0.2.1\0junk view";
	unsigned line;
	const char *reason;
	assert_int_equal(rules_parse(&rules, nul, sizeof nul - 1, &line, &reason), -1);
}

static void test_bounds(void **state)
{
	static char text[RULES_BYTES_MAX + 8];
	unsigned line;
	const char *reason;
	size_t n = 0;
	(void)state;
	for (unsigned i = 0; i < RULES_MAX; i++)
		n += (size_t)sprintf(text + n, "* view\n");
	assert_int_equal(rules_parse(&rules, text, n, &line, &reason), 0);
	assert_int_equal(rules.n, RULES_MAX);
	n += (size_t)sprintf(text + n, "* view\n");
	assert_int_equal(rules_parse(&rules, text, n, &line, &reason), -1);
	assert_int_equal(line, RULES_MAX + 1);
	memset(text, '#', sizeof text);
	assert_int_equal(rules_parse(&rules, text, RULES_BYTES_MAX, &line, &reason), 0);
	assert_int_equal(rules_parse(&rules, text, RULES_BYTES_MAX + 1, &line, &reason), -1);
}

static void test_addresses(void **state)
{
	(void)state;
	parse("192.0.2.128/25 view\n192.0.2.0/24 view\n2001:db8::/33 view\nunix view\n10.0.0.1 view\n::1 view\n0.0.0.0/0 view\n");
	assert_int_equal(line_of("192.0.2.129:5", ""), 1);
	assert_int_equal(line_of("192.0.2.127:5", ""), 2);
	assert_int_equal(line_of("[::ffff:192.0.2.127]:5", ""), 2);
	assert_int_equal(line_of("[2001:db8:7fff::1]:5", ""), 3);
	assert_int_equal(line_of("[2001:db8:8000::1]:5", ""), 0);
	assert_int_equal(line_of("unix", ""), 4);
	assert_int_equal(line_of("unix:/tmp/x", ""), 4);
	assert_int_equal(line_of("10.0.0.1:1", ""), 5);
	assert_int_equal(line_of("10.0.0.2:1", ""), 7);
	assert_int_equal(line_of("[::1]:1", ""), 6);
	assert_int_equal(line_of("[fe80::1%eth0]:1", ""), 0);
	assert_int_equal(line_of("nonsense", ""), 0);
	parse("::/0 view\n");
	assert_int_equal(line_of("[fe80::1%eth0]:1", ""), 1);
	assert_int_equal(line_of("unix", ""), 0);
}

static void test_users(void **state)
{
	(void)state;
	parse("10.0.0.0/8 deny user=mallory\n* control user=alice\n* view user=*\n10.0.0.0/8 deny\n* view\n");
	assert_int_equal(line_of("10.1.1.1:1", NULL), -1);
	assert_int_equal(line_of("10.1.1.1:1", "mallory"), 1);
	assert_int_equal(line_of("192.0.2.1:1", "mallory"), 3);
	assert_int_equal(line_of("10.1.1.1:1", "alice"), 2);
	assert_int_equal(line_of("10.1.1.1:1", "alic"), 3);
	assert_int_equal(line_of("10.1.1.1:1", ""), 4);
	assert_int_equal(line_of("192.0.2.1:1", ""), 5);
	parse("10.0.0.0/8 deny\n* control user=a#b\n");
	assert_int_equal(line_of("10.1.1.1:1", NULL), 1);	/* no user makes a difference */
	assert_int_equal(line_of("192.0.2.1:1", "a#b"), 2);
	assert_int_equal(line_of("192.0.2.1:1", "a"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_refused), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
