/* The extended clipboard's text, written: counted first, because its length comes first, then deflated. Both can be
 * done bit by bit, because deflating twenty megabytes takes as long as many frames. */
#include "rfb/cuttext.h"

#include <stdlib.h>
#include <zlib.h>

enum {
	PIECE = 8192,		/* bytes of text converted at a time */
	LONG = 1 << 20,		/* a text of which the speed counts for more than the size */
};

struct rfb_provide {
	const char *text;
	size_t n, at;
	size_t extra;		/* CRs that the wire has and the text has not */
	bool counted;
	z_stream z;
	struct wire_buf out;
};

struct rfb_provide *rfb_provide_new(enum rfb_clip_sender sender, const char *utf8, size_t n)
{
	struct rfb_provide *p = n < RFB_CUT_TEXT_MAX ? calloc(1, sizeof *p) : NULL;

	if (!p)
		return NULL;
	if (deflateInit(&p->z, n < LONG ? Z_DEFAULT_COMPRESSION : Z_BEST_SPEED) != Z_OK) {
		free(p);
		return NULL;
	}
	p->text = utf8;
	p->n = n;
	wire_put_u8(&p->out, (uint8_t)sender);
	wire_put_zero(&p->out, 7);	/* padding, and the length, which comes last */
	wire_put_u32be(&p->out, RFB_CLIP_PROVIDE | RFB_CLIP_TEXT);
	return p;
}

void rfb_provide_free(struct rfb_provide *p)
{
	if (!p)
		return;
	deflateEnd(&p->z);
	wire_buf_fini(&p->out);
	free(p);
}

/* An LF that lacks its CR. */
static bool is_bare(const struct rfb_provide *p, size_t i)
{
	return p->text[i] == '\n' && (i == 0 || p->text[i - 1] != '\r');
}

static void put_deflated(struct rfb_provide *p, const void *bytes, size_t n, int flush)
{
	p->z.next_in = (Bytef *)(uintptr_t)bytes;
	p->z.avail_in = (uInt)n;
	do {
		uint8_t *room = wire_buf_room(&p->out, PIECE);

		if (!room)
			return;
		p->z.next_out = room;
		p->z.avail_out = PIECE;
		if (deflate(&p->z, flush) == Z_STREAM_ERROR)
			p->out.bad = true;
		p->out.len += PIECE - p->z.avail_out;
	} while (p->z.avail_out == 0 && !p->out.bad);
}

static void count(struct rfb_provide *p, size_t most)
{
	size_t end = p->n - p->at < most ? p->n : p->at + most;
	uint8_t length[4];

	for (; p->at < end; p->at++)
		p->extra += is_bare(p, p->at);
	if (p->at < p->n)
		return;
	wire_st32be(length, (uint32_t)(p->n + p->extra + 1));
	put_deflated(p, length, sizeof length, Z_NO_FLUSH);
	p->counted = true;
	p->at = 0;
}

/* The text in the wire's form: every line ends in CRLF. */
static void pack(struct rfb_provide *p, size_t most)
{
	uint8_t piece[2 * PIECE];

	while (most > 0 && p->at < p->n && !p->out.bad) {
		size_t n = p->n - p->at < PIECE ? p->n - p->at : PIECE, len = 0;

		n = n < most ? n : most;
		for (size_t end = p->at + n; p->at < end; p->at++) {
			if (is_bare(p, p->at))
				piece[len++] = '\r';
			piece[len++] = (uint8_t)p->text[p->at];
		}
		put_deflated(p, piece, len, Z_NO_FLUSH);
		most -= n;
	}
}

int rfb_provide_step(struct rfb_provide *p, size_t most)
{
	if (!p->counted)
		count(p, most);
	else
		pack(p, most);
	if (p->counted && p->at == p->n && !p->out.bad) {
		put_deflated(p, "", 1, Z_SYNC_FLUSH);
		wire_set_u32be(&p->out, 4, 0 - (uint32_t)(p->out.len - 8));
		return p->out.bad ? RFB_E_MEMORY : 1;
	}
	return p->out.bad ? RFB_E_MEMORY : 0;
}

uint8_t *rfb_provide_take(struct rfb_provide *p, size_t *n)
{
	return wire_buf_take(&p->out, n);
}

void rfb_put_clip_provide(struct wire_buf *out, enum rfb_clip_sender sender, const char *utf8, size_t n)
{
	struct rfb_provide *p = rfb_provide_new(sender, utf8, n);
	int result = 0;

	while (p && result == 0)
		result = rfb_provide_step(p, SIZE_MAX);
	if (result == 1)
		wire_put(out, p->out.data, p->out.len);
	else
		out->bad = true;
	rfb_provide_free(p);
}
