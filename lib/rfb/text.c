/* Latin-1, UTF-8 and line ends. */
#include "rfb/cuttext.h"

/* Bytes of the well-formed UTF-8 character at p (n > 0 bytes), its code in *c; 0 when it is none. */
static size_t utf8_char(const uint8_t *p, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		   : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	*c = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

/* At a CR: puts one LF; returns the bytes of the line end. */
static size_t put_line_end(struct wire_buf *out, const uint8_t *p, size_t n)
{
	wire_put_u8(out, '\n');
	return n > 1 && p[1] == '\n' ? 2 : 1;
}

void rfb_utf8_from_latin1(struct wire_buf *out, const uint8_t *latin1, size_t n)
{
	for (size_t i = 0; i < n && latin1[i]; ) {
		uint8_t c = latin1[i];

		if (c == '\r') {
			i += put_line_end(out, latin1 + i, n - i);
			continue;
		}
		if (c >= 0x80)
			wire_put_u8(out, (uint8_t)(0xc0 | c >> 6));
		wire_put_u8(out, c >= 0x80 ? (uint8_t)(0x80 | (c & 0x3f)) : c);
		i++;
	}
}

void rfb_latin1_from_utf8(struct wire_buf *out, const char *utf8, size_t n)
{
	const uint8_t *p = (const uint8_t *)utf8;

	for (size_t i = 0; i < n && p[i]; ) {
		uint32_t c;
		size_t len;

		if (p[i] == '\r') {
			i += put_line_end(out, p + i, n - i);
			continue;
		}
		len = utf8_char(p + i, n - i, &c);
		wire_put_u8(out, len && c < 256 ? (uint8_t)c : '?');
		i += len ? len : 1;
	}
}

void rfb_utf8_clean(struct wire_buf *out, const char *utf8, size_t n)
{
	const uint8_t *p = (const uint8_t *)utf8;

	for (size_t i = 0; i < n && p[i]; ) {
		uint32_t c;
		size_t len;

		if (p[i] == '\r') {
			i += put_line_end(out, p + i, n - i);
			continue;
		}
		len = utf8_char(p + i, n - i, &c);
		if (len)
			wire_put(out, p + i, len);
		else
			wire_put(out, "\xef\xbf\xbd", 3);
		i += len ? len : 1;
	}
}

size_t rfb_utf8_prefix(const char *utf8, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((uint8_t)utf8[max] & 0xc0) == 0x80)
		max--;
	return max;
}
