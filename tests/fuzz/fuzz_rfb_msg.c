/* A viewer's messages: any bytes, whole and in small pieces. Both ways give the same messages; no message needs more than
 * RFB_MSG_MAX bytes; every view is within the bytes given. The first byte chooses the extensions and the size of pieces. */
#include <stdlib.h>

#include "rfb/cuttext.h"
#include "rfb/encodings.h"
#include "rfb/msg.h"

static volatile unsigned touched;

static void touch(const uint8_t *p, size_t n)
{
	unsigned sum = 0;

	while (n-- > 0)
		sum += *p++;
	touched = sum;
}

struct summary { unsigned messages, cut_bytes, hash; long end; };

static void note(struct summary *s, const struct rfb_msg *m, struct rfb_cut_reader *cut, struct rfb_parser *p)
{
	struct rfb_encodings e;
	struct rfb_cut text;

	switch (m->kind) {
	case RFB_MSG_IGNORED:
		return;		/* as many as there are pieces */
	case RFB_MSG_CUT_TEXT:
		touch(m->cut_text.data, m->cut_text.len);
		s->cut_bytes += m->cut_text.len;
		if (rfb_cut_feed(cut, &m->cut_text, &text) == 1)
			touch((const uint8_t *)text.text, text.len);
		return;
	case RFB_MSG_ENCODINGS:
		rfb_encodings_set(&e, &m->encodings);
		rfb_parser_follow(p, &e);
		s->hash = s->hash * 31 + e.caps + e.n;
		break;
	case RFB_MSG_FENCE:
		touch(m->fence.payload, m->fence.len);
		break;
	case RFB_MSG_RESIZE:
		for (unsigned i = 0; i < m->resize.n_screens; i++)
			s->hash += rfb_msg_screen(&m->resize, i).id;
		break;
	case RFB_MSG_PIXEL_FORMAT:
		if (pixel_bytes(&m->format) > 4)
			abort();
		break;
	default:
		break;
	}
	s->messages++;
	s->hash = s->hash * 31 + m->kind + (unsigned char)rfb_msg_name(m)[0];
}

static struct summary run(const uint8_t *bytes, size_t n, uint8_t flags, size_t piece)
{
	struct rfb_parser p = { .extended_clipboard = flags & 1, .extended_mouse = flags & 2 };
	struct rfb_cut_reader *cut = rfb_cut_reader_new(100000);
	struct summary s = { 0 };
	size_t shown = 0;

	while (s.end >= 0) {
		struct rfb_msg m;
		/* a buffer of the promised size is enough, and exactly as large as what is shown */
		size_t window = shown < RFB_MSG_MAX ? shown : RFB_MSG_MAX;
		uint8_t *copy = malloc(window ? window : 1);

		memcpy(copy, bytes, window);
		s.end = rfb_msg_parse(&p, &m, copy, window);
		if (s.end > (long)window || (s.end == 0 && window == RFB_MSG_MAX))
			abort();
		if (s.end > 0) {
			note(&s, &m, cut, &p);
			bytes += s.end;
			n -= (size_t)s.end;
			shown -= (size_t)s.end;
		}
		free(copy);
		if (s.end == 0) {
			if (shown == n)
				break;
			shown = n - shown > piece ? shown + piece : n;
		}
	}
	rfb_cut_reader_free(cut);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct summary whole, pieces;

	if (size < 1)
		return 0;
	whole = run(data + 1, size - 1, data[0], SIZE_MAX);
	pieces = run(data + 1, size - 1, data[0], 1 + (data[0] >> 2));
	if (whole.messages != pieces.messages || whole.cut_bytes != pieces.cut_bytes || whole.hash != pieces.hash || whole.end != pieces.end)
		abort();
	return 0;
}
