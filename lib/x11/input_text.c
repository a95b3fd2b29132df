/* Selections' bytes to text that a stream may carry (UTF-8 without NUL, lines ending in LF), and
 * back to Latin-1 for those who ask for STRING. */
#include "x11/input_state.h"

#include <stdlib.h>

/* Length of the well-formed UTF-8 sequence at p; 0 when there is none. */
static size_t sequence(const uint8_t *p, size_t n)
{
	static const struct { uint8_t mask, lead, len; uint32_t least; } kinds[] = {
		{ 0x80, 0x00, 1, 0 }, { 0xe0, 0xc0, 2, 0x80 }, { 0xf0, 0xe0, 3, 0x800 }, { 0xf8, 0xf0, 4, 0x10000 },
	};

	for (unsigned i = 0; i < 4; i++) {
		uint32_t point = p[0] & (uint8_t)~kinds[i].mask;

		if ((p[0] & kinds[i].mask) != kinds[i].lead)
			continue;
		if (kinds[i].len > n)
			return 0;
		for (unsigned j = 1; j < kinds[i].len; j++) {
			if ((p[j] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (p[j] & 0x3f);
		}
		return point < kinds[i].least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? 0 : kinds[i].len;
	}
	return 0;
}

static void put_byte(struct wire_buf *b, uint8_t c, bool latin1)
{
	if (latin1 && c >= 0x80) {
		wire_put_u8(b, (uint8_t)(0xc0 | c >> 6));
		wire_put_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c) {
		wire_put_u8(b, c);
	}
}

char *input_text_clean(const uint8_t *bytes, size_t n, bool latin1, size_t *len)
{
	struct wire_buf b = { .max = FBS_CLIP_MAX };

	for (size_t i = 0; i < n; ) {
		const size_t s = latin1 ? 1 : sequence(bytes + i, n - i);

		if (bytes[i] == '\r' && (i + 1 == n || bytes[i + 1] == '\n'))
			;					/* CRLF */
		else if (bytes[i] == '\r')
			wire_put_u8(&b, '\n');
		else if (s == 1)
			put_byte(&b, bytes[i], latin1);
		else if (s > 1)
			wire_put(&b, bytes + i, s);
		else
			wire_put(&b, "\xef\xbf\xbd", 3);	/* U+FFFD */
		i += s ? s : 1;
	}
	if (b.bad) {
		wire_buf_fini(&b);
		return NULL;
	}
	if (!b.data)
		return calloc(1, 1);		/* *len stays 0 */
	return (char *)wire_buf_take(&b, len);
}

uint8_t *input_text_latin1(const uint8_t *utf8, size_t n, size_t *len)
{
	uint8_t *out = malloc(n ? n : 1);
	size_t at = 0;

	for (size_t i = 0; out && i < n; ) {
		const size_t s = sequence(utf8 + i, n - i);
		const bool fits = s == 1 || (s == 2 && utf8[i] <= 0xc3);

		if (!fits)
			out[at++] = '?';
		else
			out[at++] = s == 1 ? utf8[i] : (uint8_t)(utf8[i] << 6 | (utf8[i + 1] & 0x3f));
		i += s ? s : 1;
	}
	*len = at;
	return out;
}
