/* Text of a selection's owner, who may send anything, to what a CLIP record promises: valid UTF-8,
 * lines that end in LF, no NUL. */
#include "x11/capture_state.h"

#include <stdlib.h>

/* Length of the well-formed UTF-8 sequence at p (Unicode, table 3-7), 0 when there is none. */
static size_t sequence(const uint8_t *p, size_t n)
{
	const uint8_t b = p[0];
	const size_t len = b < 0x80 ? 1 : b >= 0xc2 && b <= 0xdf ? 2 : b >= 0xe0 && b <= 0xef ? 3
			   : b >= 0xf0 && b <= 0xf4 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((b == 0xe0 && p[1] < 0xa0) || (b == 0xed && p[1] > 0x9f) || (b == 0xf0 && p[1] < 0x90) ||
	    (b == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static size_t put_latin1(char *out, uint8_t b)
{
	if (b < 0x80) {
		out[0] = (char)b;
		return 1;
	}
	out[0] = (char)(0xc0 | b >> 6);
	out[1] = (char)(0x80 | (b & 0x3f));
	return 2;
}

char *capture_text_clean(const uint8_t *bytes, size_t n, bool latin1, uint32_t *len)
{
	char *out;
	size_t used = 0;

	if (n > FBS_CLIP_MAX || !(out = malloc(n * 3 + 1)))
		return NULL;
	for (size_t i = 0; i < n;) {
		size_t good = latin1 ? 0 : sequence(bytes + i, n - i);

		if (bytes[i] == 0 || (bytes[i] == '\r' && i + 1 < n && bytes[i + 1] == '\n')) {
			i++;
		} else if (bytes[i] == '\r') {
			out[used++] = '\n';
			i++;
		} else if (good > 0) {
			for (; good > 0; good--)
				out[used++] = (char)bytes[i++];
		} else if (latin1) {
			used += put_latin1(out + used, bytes[i++]);
		} else {
			out[used++] = (char)0xef;	/* U+FFFD */
			out[used++] = (char)0xbf;
			out[used++] = (char)0xbd;
			i++;
		}
	}
	*len = (uint32_t)used;
	return out;
}
