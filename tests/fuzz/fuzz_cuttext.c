/* Clipboard conversions and the extended clipboard's reader: whatever comes out is valid UTF-8 within its limit,
 * and what is written from it reads back the same. */
#include <stdlib.h>

#include "rfb/cuttext.h"

enum { MAX = 5000 };

static bool is_clean(const char *text, size_t n)
{
	struct wire_buf b = { 0 };
	bool same;

	rfb_utf8_clean(&b, text, n);
	same = b.len == n && (n == 0 || !memcmp(b.data, text, n));
	wire_buf_fini(&b);
	return same;
}

/* Feeds a message's body in pieces. */
static int feed(struct rfb_cut_reader *r, const uint8_t *body, size_t n, bool extended, size_t piece, struct rfb_cut *cut)
{
	size_t at = 0;
	int result;

	do {
		size_t some = n - at < piece ? n - at : piece;
		struct rfb_msg_cut_text part = {
			.data = body + at, .len = (uint32_t)some, .total = (uint32_t)n, .extended = extended, .first = at == 0, .last = at + some == n,
		};

		result = rfb_cut_feed(r, &part, cut);
		at += some;
	} while (result == 0 && at < n);
	return result;
}

static void round_trip(struct rfb_cut_reader *r, const struct rfb_cut *cut)
{
	char *text = malloc(cut->len + 1);
	struct wire_buf b = { 0 };
	size_t len = cut->len;
	struct rfb_cut again;

	memcpy(text, cut->text, len);
	rfb_put_clip_provide(&b, RFB_CLIP_CLIENT, text, len);
	if (b.bad || feed(r, b.data + 8, b.len - 8, true, 777, &again) != 1 || again.kind != RFB_CUT_TEXT ||
	    again.len != len || memcmp(again.text, text, len))
		abort();
	wire_buf_fini(&b);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rfb_cut_reader *r;
	struct wire_buf b = { 0 };
	struct rfb_cut cut;

	if (size < 1)
		return 0;
	rfb_latin1_from_utf8(&b, (const char *)data + 1, size - 1);
	wire_buf_fini(&b);
	r = rfb_cut_reader_new(MAX);
	if (feed(r, data + 1, size - 1, data[0] & 1, 1 + (data[0] >> 1), &cut) == 1 && cut.kind == RFB_CUT_TEXT) {
		if (cut.len > MAX || !is_clean(cut.text, cut.len))
			abort();
		round_trip(r, &cut);
	}
	rfb_cut_reader_free(r);
	return 0;
}
