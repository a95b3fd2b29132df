/* The rules file: parsing and finding. A line is `WHO WHAT [LIMIT=VALUE]...'. */
#include "rules.h"

#include <arpa/inet.h>
#include <string.h>

#include "auth/userfile.h"
#include "fbs/fbs.h"
#include "word.h"

/* What stands before a comment: `#' where a word could begin. */
static struct word without_comment(struct word line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
			line.len = i;
	return line;
}

/* --- values ----------------------------------------------------------------------------- */

/* Takes decimal digits off the front. False: there are none, or the number is larger than `most`. */
static bool take_number(struct word *w, uint64_t most, uint64_t *out)
{
	size_t n = 0;
	*out = 0;
	for (; n < w->len && w->at[n] >= '0' && w->at[n] <= '9'; n++) {
		*out = *out * 10 + (uint64_t)(w->at[n] - '0');
		if (*out > most)
			return false;
	}
	w->at += n;
	w->len -= n;
	return n > 0;
}

static bool take_char(struct word *w, char c)
{
	if (!w->len || *w->at != c)
		return false;
	w->at++;
	w->len--;
	return true;
}

static const char *set_seconds(struct word v, uint32_t *out)
{
	uint64_t n;
	if (!take_number(&v, 1 << 30, &n) || v.len || n == 0)
		return "not a number of seconds";
	*out = (uint32_t)n;
	return NULL;
}

static const char *set_idle(struct rule *r, struct word v)
{
	return set_seconds(v, &r->limits.idle);
}

static const char *set_most(struct rule *r, struct word v)
{
	return set_seconds(v, &r->limits.most);
}

/* Frames a second, with up to three decimals. */
static const char *set_fps(struct rule *r, struct word v)
{
	uint64_t whole, part = 0;
	uint32_t digits = 0;
	if (!take_number(&v, 1000, &whole))
		return "fps: not a number up to 1000";
	if (take_char(&v, '.')) {
		digits = (uint32_t)v.len;
		if (digits > 3 || !take_number(&v, 999, &part))
			return "fps: not a number up to 1000";
	}
	for (; digits < 3; digits++)
		part *= 10;
	r->limits.millifps = (uint32_t)(whole * 1000 + part);
	return v.len || !r->limits.millifps ? "fps: not a number up to 1000" : NULL;
}

/* Bytes a second: 1000, 64k, 2M. */
static const char *set_rate(struct rule *r, struct word v)
{
	uint64_t n;
	if (!take_number(&v, 1000000000, &n))
		return "rate: not a number of bytes a second";
	if (take_char(&v, 'k'))
		n *= 1000;
	else if (take_char(&v, 'M'))
		n *= 1000000;
	r->limits.rate = n;
	return v.len || n < 1000 || n > 1000000000000 ? "rate: not 1k or more bytes a second" : NULL;
}

static const char *set_region(struct rule *r, struct word v)
{
	uint64_t w, h, x, y;
	if (!take_number(&v, FBS_SIDE_MAX, &w) || !take_char(&v, 'x') || !take_number(&v, FBS_SIDE_MAX, &h) || !take_char(&v, '+') ||
	    !take_number(&v, FBS_SIDE_MAX, &x) || !take_char(&v, '+') || !take_number(&v, FBS_SIDE_MAX, &y) || v.len || !w || !h ||
	    w * h > FBS_PIXELS_MAX)
		return "region: not WIDTHxHEIGHT+X+Y";
	r->limits.x = (uint16_t)x;
	r->limits.y = (uint16_t)y;
	r->limits.w = (uint16_t)w;
	r->limits.h = (uint16_t)h;
	return NULL;
}

static const char *set_clipboard(struct rule *r, struct word v)
{
	const bool both = word_is(v, "both");
	if (!both && !word_is(v, "in") && !word_is(v, "out") && !word_is(v, "off"))
		return "clipboard: none of in, out, both, off";
	r->rights &= ~(uint32_t)(FBS_RIGHT_CLIP_IN | FBS_RIGHT_CLIP_OUT);
	r->rights |= (both || word_is(v, "in") ? FBS_RIGHT_CLIP_IN : 0) | (both || word_is(v, "out") ? FBS_RIGHT_CLIP_OUT : 0);
	return NULL;
}

static const char *set_resize(struct rule *r, struct word v)
{
	if (!word_is(v, "on") && !word_is(v, "off"))
		return "resize: neither on nor off";
	r->rights &= ~(uint32_t)FBS_RIGHT_RESIZE;
	r->rights |= word_is(v, "on") ? FBS_RIGHT_RESIZE : 0;
	return NULL;
}

static const char *set_user(struct rule *r, struct word v)
{
	if (word_is(v, "*")) {
		r->who = RULE_SOME_USER;
		return NULL;
	}
	if (v.len > AUTH_NAME_MAX || !auth_user_name_ok(v.at, v.len))
		return "user: not a user's name";
	memcpy(r->user, v.at, v.len);
	r->who = RULE_THIS_USER;
	return NULL;
}

/* --- a line ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *(*set)(struct rule *r, struct word value);
} settings[] = {
	{ "user", set_user }, { "clipboard", set_clipboard }, { "resize", set_resize }, { "fps", set_fps },
	{ "rate", set_rate }, { "region", set_region }, { "idle", set_idle }, { "max-time", set_most },
};

static const char *parse_setting(struct rule *r, struct word w, unsigned *seen)
{
	const char *equal = memchr(w.at, '=', w.len);
	const struct word name = { w.at, equal ? (size_t)(equal - w.at) : w.len };
	for (unsigned i = 0; equal && i < sizeof settings / sizeof *settings; i++)
		if (word_is(name, settings[i].name)) {
			if (*seen & 1u << i)
				return "a setting is given twice";
			*seen |= 1u << i;
			return settings[i].set(r, (struct word){ equal + 1, w.len - name.len - 1 });
		}
	return "an unknown word";
}

static bool parse_number_of_bits(struct word w, unsigned most, uint8_t *out)
{
	uint64_t n;
	if (!take_number(&w, most, &n) || w.len)
		return false;
	*out = (uint8_t)n;
	return true;
}

/* ADDRESS[/BITS], of either family. */
static bool parse_net(struct rule *r, struct word w)
{
	char text[INET6_ADDRSTRLEN];
	const char *slash = memchr(w.at, '/', w.len);
	const size_t len = slash ? (size_t)(slash - w.at) : w.len;
	const struct word bits = { slash ? slash + 1 : NULL, slash ? w.len - len - 1 : 0 };
	if (len >= sizeof text || memchr(w.at, 0, len))
		return false;
	memcpy(text, w.at, len);
	text[len] = '\0';
	r->peer = RULE_NET;
	if (inet_pton(AF_INET6, text, r->address) == 1) {
		r->bits = 128;
		return !slash || parse_number_of_bits(bits, 128, &r->bits);
	}
	memcpy(r->address, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);
	r->bits = 32;
	if (inet_pton(AF_INET, text, r->address + 12) != 1 || (slash && !parse_number_of_bits(bits, 32, &r->bits)))
		return false;
	r->bits += 96;
	return true;
}

static bool address_is_within(const uint8_t a[16], const uint8_t net[16], unsigned bits)
{
	const uint8_t last = (uint8_t)(0xff00u >> (bits & 7));
	return !memcmp(a, net, bits / 8) && (!(bits & 7) || ((a[bits / 8] ^ net[bits / 8]) & last) == 0);
}

/* Bits beyond the mask would suggest another net than the one that is meant. */
static bool net_is_clean(const struct rule *r)
{
	static const uint8_t zero[16];
	uint8_t rest[16];
	for (unsigned i = 0; i < 16; i++)
		rest[i] = r->address[i] & (uint8_t)(i * 8 >= r->bits ? 0xff : r->bits - i * 8 >= 8 ? 0 : 0xff >> (r->bits - i * 8));
	return !memcmp(rest, zero, 16);
}

static const char *parse_who(struct rule *r, struct word w)
{
	if (word_is(w, "*"))
		r->peer = RULE_ANYBODY;
	else if (word_is(w, "unix"))
		r->peer = RULE_UNIX;
	else if (!parse_net(r, w))
		return "it begins with none of *, unix, ADDRESS, ADDRESS/BITS";
	else if (!net_is_clean(r))
		return "the address has bits beyond its mask";
	return NULL;
}

static const char *parse_what(struct rule *r, struct word w)
{
	if (word_is(w, "deny"))
		r->deny = 1;
	else if (word_is(w, "control"))
		r->rights = FBS_RIGHT_INPUT | FBS_RIGHT_CLIP_IN | FBS_RIGHT_CLIP_OUT | FBS_RIGHT_RESIZE;
	else if (!word_is(w, "view"))
		return "the second word is none of deny, view, control";
	return NULL;
}

static const char *parse_rule(struct rule *r, struct word line)
{
	unsigned seen = 0;
	const char *why = parse_who(r, word_next(&line));
	if (!why)
		why = parse_what(r, word_next(&line));
	for (struct word w; !why && (w = word_next(&line)).len;)
		why = parse_setting(r, w, &seen);
	if (!why && r->deny && seen & ~1u)
		why = "what is denied has no limits";
	return why;
}

int rules_parse(struct rules *out, const char *text, size_t n, unsigned *line, const char **reason)
{
	memset(out, 0, sizeof *out);
	*reason = "the file is too long";
	*line = 0;
	if (n > RULES_BYTES_MAX)
		return -1;
	for (size_t at = 0; at < n;) {
		const char *lf = memchr(text + at, '\n', n - at);
		const struct word whole = { text + at, lf ? (size_t)(lf - text) - at : n - at };
		const struct word w = without_comment(whole);
		struct word look = w;
		at += whole.len + 1;
		++*line;
		if (!word_next(&look).len)
			continue;
		*reason = out->n == RULES_MAX ? "too many rules" : parse_rule(&out->rule[out->n], w);
		if (*reason)
			return -1;
		out->rule[out->n++].line = *line;
	}
	return 0;
}

/* --- finding --------------------------------------------------------------------------------- */

void rule_address_parse(struct rule_address *out, const char *text)
{
	char host[INET6_ADDRSTRLEN];
	const bool six = *text == '[';
	const size_t len = strcspn(text + six, six ? "]%" : ":");
	memset(out, 0, sizeof *out);
	out->is_unix = !strncmp(text, "unix", 4) && (!text[4] || text[4] == ':');
	if (out->is_unix || len >= sizeof host)
		return;
	memcpy(host, text + six, len);
	host[len] = '\0';
	if (!six)
		memcpy(out->address, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);
	out->known = inet_pton(six ? AF_INET6 : AF_INET, host, out->address + (six ? 0 : 12)) == 1;
}

static bool is_from(const struct rule *r, const struct rule_address *from)
{
	return r->peer == RULE_ANYBODY || (r->peer == RULE_UNIX && from->is_unix) ||
		(r->peer == RULE_NET && from->known && address_is_within(from->address, r->address, r->bits));
}

enum rules_answer rules_find(const struct rules *rules, const struct rule_address *from, const char *user, const struct rule **out)
{
	for (unsigned i = 0; i < rules->n; i++) {
		const struct rule *r = &rules->rule[i];
		if (!is_from(r, from))
			continue;
		if (r->who != RULE_ANY_USER && !user)
			return RULES_LATER;
		if ((r->who == RULE_SOME_USER && !*user) || (r->who == RULE_THIS_USER && strcmp(r->user, user) != 0))
			continue;
		*out = r;
		return RULES_FOUND;
	}
	return RULES_NONE;
}
