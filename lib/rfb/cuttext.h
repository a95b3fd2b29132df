/* Clipboard texts: Latin-1 and the extended clipboard (rfbproto "Extended Clipboard Pseudo-Encoding"),
 * both directions. Inside the toolkit a text is UTF-8 with lines ending in LF. */
#ifndef RFBKIT_RFB_CUTTEXT_H
#define RFBKIT_RFB_CUTTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfb/msg.h"
#include "wire/wire.h"

enum {
	RFB_CLIP_TEXT = 1,
	RFB_CLIP_CAPS = 1 << 24, RFB_CLIP_REQUEST = 1 << 25, RFB_CLIP_PEEK = 1 << 26,
	RFB_CLIP_NOTIFY = 1 << 27, RFB_CLIP_PROVIDE = 1 << 28,
};
/* Who writes: the message type differs, nothing else. */
enum rfb_clip_sender { RFB_CLIP_CLIENT = 6, RFB_CLIP_SERVER = 3 };

/* --- cuttext.c: writing ----------------------------------------------------------------------- */

/* What we take: text, by request, peek, notify and provide. unsolicited: largest text (bytes) that the other side
 * may provide without being asked; 0 forces it to notify. */
void rfb_put_clip_caps(struct wire_buf *out, enum rfb_clip_sender sender, uint32_t unsolicited);
/* notify: whether text is there (flags text or none). */
void rfb_put_clip_notify(struct wire_buf *out, enum rfb_clip_sender sender, bool text);
void rfb_put_clip_request(struct wire_buf *out, enum rfb_clip_sender sender);
void rfb_put_clip_peek(struct wire_buf *out, enum rfb_clip_sender sender);
/* The text itself: LF becomes CRLF, a NUL is added, deflated. n at most RFB_CUT_TEXT_MAX - 1 (out->bad otherwise). */
void rfb_put_clip_provide(struct wire_buf *out, enum rfb_clip_sender sender, const char *utf8, size_t n);

/* --- provide.c: a long text, written bit by bit -------------------------------------------------- */

struct rfb_provide;
/* Begins the message that rfb_put_clip_provide puts; the text is borrowed until it is done. NULL: no memory, or n too large. */
struct rfb_provide *rfb_provide_new(enum rfb_clip_sender sender, const char *utf8, size_t n);
void rfb_provide_free(struct rfb_provide *p);
/* Reads at most `most` more bytes of the text. 1: the message is whole; 0: there is more; an enum rfb_error. */
int rfb_provide_step(struct rfb_provide *p, size_t most);
/* Gives the whole message, *n bytes, to the caller, who frees it. */
uint8_t *rfb_provide_take(struct rfb_provide *p, size_t *n);

/* --- cutread.c: reading -------------------------------------------------------------------------- */

enum rfb_cut_kind {
	RFB_CUT_TEXT,			/* text is here */
	RFB_CUT_CAPS, RFB_CUT_REQUEST, RFB_CUT_PEEK, RFB_CUT_NOTIFY,
	RFB_CUT_NOTHING,		/* understood, but holds nothing for us (another format, a dropped text) */
};
struct rfb_cut {
	enum rfb_cut_kind kind;
	uint32_t flags;			/* the extended form's flags word; 0 for Latin-1 */
	uint32_t text_max;		/* CAPS: largest unsolicited text that the sender takes */
	const char *text;		/* TEXT: valid UTF-8, LF, no NUL; borrowed until the next call */
	size_t len;
};

struct rfb_cut_reader;
/* max: largest text in bytes of UTF-8 (longer ones are cut off at a character). NULL: no memory. */
struct rfb_cut_reader *rfb_cut_reader_new(size_t max);
void rfb_cut_reader_free(struct rfb_cut_reader *r);
/* Takes a part. 1: the message is complete, *out says what it was; 0: more parts follow; an enum rfb_error. */
int rfb_cut_feed(struct rfb_cut_reader *r, const struct rfb_msg_cut_text *part, struct rfb_cut *out);
/* Gives the text that rfb_cut_feed has just told of to the caller, who frees it; NULL: it is empty. */
char *rfb_cut_take(struct rfb_cut_reader *r);

/* --- text.c: conversions ---------------------------------------------------------------------------- */

/* A text that comes in parts; zero is its beginning. Bytes that need what follows them are held back. */
struct rfb_text {
	uint8_t held[3], n_held;
	bool ended;
};
/* Appends what the next part makes certain, as rfb_utf8_clean and rfb_utf8_from_latin1 do for a whole text. */
void rfb_text_utf8(struct rfb_text *t, struct wire_buf *out, const uint8_t *utf8, size_t n, bool last);
void rfb_text_latin1(struct rfb_text *t, struct wire_buf *out, const uint8_t *latin1, size_t n, bool last);

/* Appends Latin-1 as UTF-8; CRLF and lone CR become LF; a NUL ends it. */
void rfb_utf8_from_latin1(struct wire_buf *out, const uint8_t *latin1, size_t n);
/* Appends UTF-8 as Latin-1, '?' for what that lacks; CRLF becomes LF. */
void rfb_latin1_from_utf8(struct wire_buf *out, const char *utf8, size_t n);
/* Appends UTF-8 as valid UTF-8: bad sequences become U+FFFD; CRLF and CR become LF; a NUL ends it. */
void rfb_utf8_clean(struct wire_buf *out, const char *utf8, size_t n);
/* The longest prefix of at most max bytes that does not cut a character. */
size_t rfb_utf8_prefix(const char *utf8, size_t n, size_t max);

#endif
