/* Client to server messages, parsed (RFC 6143 7.5; rfbproto "Client to Server Messages").
 *
 * The parser keeps the little state that the wire needs: bytes still to skip, a clipboard text that is
 * passed on in parts as it arrives, and which extensions change a message's layout. So no message ever
 * needs more than RFB_MSG_MAX bytes of buffer, whatever length it claims. */
#ifndef RFBKIT_RFB_MSG_H
#define RFBKIT_RFB_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixel/format.h"
#include "rfb/error.h"

#define RFB_MSG_MAX 4112u		/* a buffer of this size never gets stuck at "need more" */
#define RFB_ENCODINGS_MAX 1024u		/* of one SetEncodings; those beyond are skipped */
#define RFB_CUT_TEXT_MAX (64u << 20)	/* longer clipboard messages are skipped as a whole */
#define RFB_FENCE_MAX 64u

enum rfb_msg_kind {
	RFB_MSG_IGNORED,		/* understood and of no interest, or a part of something being skipped */
	RFB_MSG_PIXEL_FORMAT,
	RFB_MSG_ENCODINGS,
	RFB_MSG_REQUEST,		/* FramebufferUpdateRequest */
	RFB_MSG_KEY,			/* KeyEvent and QEMU's extended one */
	RFB_MSG_POINTER,
	RFB_MSG_CUT_TEXT,		/* a part of a clipboard message; feed it to rfb_cut_feed */
	RFB_MSG_CONTINUOUS,		/* EnableContinuousUpdates */
	RFB_MSG_FENCE,
	RFB_MSG_RESIZE,			/* SetDesktopSize */
	RFB_MSG_XVP,
	RFB_MSG_SCALE,			/* SetScale (8) and PalmVNC's 15: 1/scale is asked for */
};

struct rfb_screen {			/* rfbproto, "SCREEN": 16 bytes on the wire */
	uint32_t id;
	uint16_t x, y, w, h;
	uint32_t flags;
};

struct rfb_area { uint16_t x, y, w, h; };

struct rfb_msg_encodings {
	const uint8_t *list;		/* borrowed: n big-endian s32; rfb_encodings_set reads it */
	unsigned n;			/* at most RFB_ENCODINGS_MAX */
};
struct rfb_msg_request { bool incremental; struct rfb_area area; };
struct rfb_msg_key { uint32_t keysym, code; bool down; };	/* code: XT scan code, 0 when not given; 0xb7 comes as 0x54 */
struct rfb_msg_pointer { uint16_t x, y, buttons; };		/* bit 0 left, 1 middle, 2 right, 3–6 wheel, 7 back, 8 forward */
struct rfb_msg_cut_text {
	const uint8_t *data;		/* borrowed */
	uint32_t len;			/* bytes of this part; may be 0 for an empty text */
	uint32_t total;			/* bytes of the whole message */
	bool extended;			/* the extended clipboard's form (rfbproto "Extended Clipboard") */
	bool first, last;
	bool dropped;			/* longer than RFB_CUT_TEXT_MAX: it is skipped; no data, first and last */
};
struct rfb_msg_continuous { bool enable; struct rfb_area area; };
struct rfb_msg_fence { uint32_t flags; uint32_t len; const uint8_t *payload; };	/* payload borrowed, at most RFB_FENCE_MAX */
struct rfb_msg_resize { uint16_t w, h; unsigned n_screens; const uint8_t *screens; };	/* borrowed; rfb_msg_screen reads it */

struct rfb_msg {
	enum rfb_msg_kind kind;
	uint8_t type;			/* first byte, for logs */
	union {
		struct pixel_format format;	/* normalised: servable as it is */
		struct rfb_msg_encodings encodings;
		struct rfb_msg_request request;
		struct rfb_msg_key key;
		struct rfb_msg_pointer pointer;
		struct rfb_msg_cut_text cut_text;
		struct rfb_msg_continuous continuous;
		struct rfb_msg_fence fence;
		struct rfb_msg_resize resize;
		uint8_t xvp_code;
		uint8_t scale;
	};
};

enum { RFB_FENCE_BLOCK_BEFORE = 1, RFB_FENCE_BLOCK_AFTER = 2, RFB_FENCE_SYNC_NEXT = 4 };
#define RFB_FENCE_REQUEST 0x80000000u
#define RFB_FENCE_KNOWN (7u)		/* the bits (beside REQUEST) that a reply keeps */

/* Zero is the state at the start of a connection. The caller sets the two switches from each
 * SetEncodings (rfb_parser_follow does it). */
struct rfb_parser {
	bool extended_clipboard;	/* negative cut text lengths are legal */
	bool extended_mouse;		/* the pointer mask's top bit announces another byte */
	/* private */
	uint64_t skip;
	uint32_t cut_left, cut_total;
	bool cut_extended, cut_started;
};

/* Parses one message, or a part of a long one. Returns the bytes consumed (out is filled in; views in it
 * are valid while `bytes` is); 0 when more bytes are needed; an enum rfb_error. After an error
 * the connection is lost: nothing says where the next message begins. */
long rfb_msg_parse(struct rfb_parser *p, struct rfb_msg *out, const uint8_t *bytes, size_t n);
/* Screen i (< n_screens) of a SetDesktopSize. */
struct rfb_screen rfb_msg_screen(const struct rfb_msg_resize *m, unsigned i);
/* "FramebufferUpdateRequest", for logs. */
const char *rfb_msg_name(const struct rfb_msg *m);

#endif
