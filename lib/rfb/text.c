/* Latin-1, UTF-8 and line ends. A text may come in parts cut anywhere: its last bytes are held back until it is
 * known what follows them. */
#include "rfb/cuttext.h"

/* Bytes that decide what a character is: a whole one of UTF-8, or CR and what follows it. */
enum { AHEAD = 4 };

/* Converts what stands at p: n bytes, at least AHEAD unless the text ends with them. Returns the bytes used; 0 at a
 * NUL, where a text ends. */
typedef size_t (*convert_fn)(struct wire_buf *out, const uint8_t *p, size_t n);

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

/* Bytes that are the same in every form: ASCII, but neither a CR nor a NUL. */
static size_t plain_run(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] < 0x80 && p[i] != '\r' && p[i])
		i++;
	return i;
}

/* At a CR: puts one LF; returns the bytes of the line end. */
static size_t put_line_end(struct wire_buf *out, const uint8_t *p, size_t n)
{
	wire_put_u8(out, '\n');
	return n > 1 && p[1] == '\n' ? 2 : 1;
}

/* What every form has in common: plain bytes, line ends, the end. True: *used says how much that was. */
static bool convert_plain(struct wire_buf *out, const uint8_t *p, size_t n, size_t *used)
{
	*used = plain_run(p, n);
	if (*used)
		wire_put(out, p, *used);
	else if (*p == '\r')
		*used = put_line_end(out, p, n);
	return *used || *p == 0;
}

static size_t latin1_to_utf8(struct wire_buf *out, const uint8_t *p, size_t n)
{
	size_t used;

	if (convert_plain(out, p, n, &used))
		return used;
	wire_put_u8(out, (uint8_t)(0xc0 | *p >> 6));
	wire_put_u8(out, (uint8_t)(0x80 | (*p & 0x3f)));
	return 1;
}

static size_t utf8_to_latin1(struct wire_buf *out, const uint8_t *p, size_t n)
{
	uint32_t c;
	size_t used;

	if (convert_plain(out, p, n, &used))
		return used;
	used = utf8_char(p, n, &c);
	wire_put_u8(out, used && c < 256 ? (uint8_t)c : '?');
	return used ? used : 1;
}

static size_t utf8_to_utf8(struct wire_buf *out, const uint8_t *p, size_t n)
{
	uint32_t c;
	size_t used;

	if (convert_plain(out, p, n, &used))
		return used;
	used = utf8_char(p, n, &c);
	if (used)
		wire_put(out, p, used);
	else
		wire_put(out, "\xef\xbf\xbd", 3);
	return used ? used : 1;
}

static void convert_part(struct rfb_text *t, struct wire_buf *out, convert_fn convert, const uint8_t *p, size_t n, bool last)
{
	uint8_t seam[2 * AHEAD];
	size_t held = t->n_held, more = n < AHEAD ? n : AHEAD, at = 0, used = 1;

	memcpy(seam, t->held, held);
	if (more)
		memcpy(seam + held, p, more);
	/* the bytes that were held back, with the next ones in sight */
	while (!t->ended && used && at < held && (held + more - at >= AHEAD || last))
		at += used = convert(out, seam + at, held + more - at);
	if (used && at < held) {	/* still too few: they all fit */
		t->n_held = (uint8_t)(held + n - at);
		memmove(t->held, seam + at, t->n_held);
		return;
	}
	at -= held;
	while (!t->ended && used && at < n && (n - at >= AHEAD || last))
		at += used = convert(out, p + at, n - at);
	t->ended = t->ended || !used || last;
	t->n_held = t->ended ? 0 : (uint8_t)(n - at);
	if (t->n_held)
		memcpy(t->held, p + at, t->n_held);
}

void rfb_text_utf8(struct rfb_text *t, struct wire_buf *out, const uint8_t *utf8, size_t n, bool last)
{
	convert_part(t, out, utf8_to_utf8, utf8, n, last);
}

void rfb_text_latin1(struct rfb_text *t, struct wire_buf *out, const uint8_t *latin1, size_t n, bool last)
{
	convert_part(t, out, latin1_to_utf8, latin1, n, last);
}

void rfb_utf8_from_latin1(struct wire_buf *out, const uint8_t *latin1, size_t n)
{
	convert_part(&(struct rfb_text){ 0 }, out, latin1_to_utf8, latin1, n, true);
}

void rfb_latin1_from_utf8(struct wire_buf *out, const char *utf8, size_t n)
{
	convert_part(&(struct rfb_text){ 0 }, out, utf8_to_latin1, (const uint8_t *)utf8, n, true);
}

void rfb_utf8_clean(struct wire_buf *out, const char *utf8, size_t n)
{
	convert_part(&(struct rfb_text){ 0 }, out, utf8_to_utf8, (const uint8_t *)utf8, n, true);
}

size_t rfb_utf8_prefix(const char *utf8, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((uint8_t)utf8[max] & 0xc0) == 0x80)
		max--;
	return max;
}
