/* Escapes what a terminal or a log reader could be fooled by. */
#include "cli/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Length of the valid UTF-8 character at s, its code point in *c; 0 when it is none. */
static size_t character(const unsigned char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (n == 0)
		return 0;
	*c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)	/* a NUL too */
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[n] || (*c >= 0xd800 && *c < 0xe000) || *c > 0x10ffff)
		return 0;
	return n;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static size_t escape_bytes(char *out, const unsigned char *s, size_t n)
{
	size_t len = 0;

	if (n == 1 && (*s == '\n' || *s == '\t' || *s == '\r'))
		return (size_t)sprintf(out, "\\%c", *s == '\n' ? 'n' : *s == '\t' ? 't' : 'r');
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(out + len, "\\x%02x", s[i]);
	return len;
}

void cli_escape(char *dst, size_t n, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (n > 1 && *s) {
		uint32_t c = 0;
		size_t used = character(s, &c), len;
		char one[32];

		if (used && !is_control(c)) {
			memcpy(one, s, used);
			len = used;
		} else {
			used = used ? used : 1;
			len = escape_bytes(one, s, used);
		}
		if (len >= n)
			break;
		memcpy(dst, one, len);
		dst += len;
		n -= len;
		s += used;
	}
	if (n)
		*dst = '\0';
}
