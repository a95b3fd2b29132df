/* Server to client messages, parsed (RFC 6143 7.6–7.8): for rfbrec -c, tests, benchmarks, readers of recordings.
 *
 * A rectangle of pixels comes as its header only: the caller decodes its data (lib/codec) from the bytes that
 * follow, then calls rfb_sparser_decoded. Pseudo-encodings come with their data. */
#ifndef RFBKIT_RFB_SMSG_H
#define RFBKIT_RFB_SMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pixel/format.h"
#include "rfb/encodings.h"
#include "rfb/error.h"
#include "rfb/msg.h"
#include "wire/wire.h"

#define RFB_SMSG_CURSOR_SIDE_MAX 512u
#define RFB_SMSG_NAME_MAX 65536u
/* A buffer of this size never gets stuck (pixel data apart). */
#define RFB_SMSG_MAX (RFB_SMSG_CURSOR_SIDE_MAX * RFB_SMSG_CURSOR_SIDE_MAX * 8u + 4096u)

enum rfb_smsg_kind {
	RFB_SMSG_IGNORED,
	RFB_SMSG_UPDATE,		/* FramebufferUpdate begins; last: it has no rectangles */
	RFB_SMSG_RECT,			/* pixels: decode, then rfb_sparser_decoded */
	RFB_SMSG_LAST_RECT,
	RFB_SMSG_DESKTOP_SIZE,		/* rect.w × rect.h */
	RFB_SMSG_EXT_DESKTOP_SIZE,	/* the same; rect.x reason, rect.y status; screens */
	RFB_SMSG_NAME,
	RFB_SMSG_CURSOR,		/* of any form; rfb_smsg_cursor converts it */
	RFB_SMSG_POINTER,		/* at rect.x, rect.y */
	RFB_SMSG_LEDS,
	RFB_SMSG_QEMU_KEYS, RFB_SMSG_EXT_MOUSE,	/* acknowledged */
	RFB_SMSG_COLOUR_MAP,
	RFB_SMSG_BELL,
	RFB_SMSG_CUT_TEXT,		/* a part, for rfb_cut_feed */
	RFB_SMSG_END_OF_CONTINUOUS,
	RFB_SMSG_FENCE,
	RFB_SMSG_XVP,
};

struct rfb_rect { uint16_t x, y, w, h; int32_t encoding; };
struct rfb_view { const uint8_t *at; size_t len; };

struct rfb_smsg {
	enum rfb_smsg_kind kind;
	uint8_t type;
	bool last;			/* with this one the update is complete (a RECT's after its decoding) */
	struct rfb_rect rect;		/* of everything that is a rectangle */
	union {
		uint16_t n_rects;
		struct rfb_view data;		/* NAME: UTF-8; CURSOR: as on the wire */
		struct { unsigned n; const uint8_t *list; } screens;	/* rfb_smsg_screen */
		uint32_t leds;
		struct { uint16_t first, n; const uint8_t *rgb; } colours;	/* n × three u16be */
		struct rfb_msg_cut_text cut_text;
		struct rfb_msg_fence fence;
		uint8_t xvp_code;
	};
};

/* Zero, and format set to the one in force, is the state at the start. */
struct rfb_sparser {
	struct pixel_format format;	/* the caller changes it with SetPixelFormat */
	bool extended_clipboard;	/* we listed it */
	/* private */
	uint32_t rects_left;
	bool decoding;
	uint64_t skip;
	uint32_t cut_left, cut_total;
	bool cut_extended, cut_started;
};

/* As rfb_msg_parse. An encoding that is neither pixels nor known here is RFB_E_ENCODING. */
long rfb_smsg_parse(struct rfb_sparser *p, struct rfb_smsg *out, const uint8_t *bytes, size_t n);
/* The data of the RECT has been consumed by the caller. */
void rfb_sparser_decoded(struct rfb_sparser *p);
struct rfb_screen rfb_smsg_screen(const struct rfb_smsg *m, unsigned i);
/* Colour i of a COLOUR_MAP as XRGB8888. */
uint32_t rfb_smsg_colour(const struct rfb_smsg *m, unsigned i);
/* Appends rect.w × rect.h little-endian u32 of premultiplied ARGB (the toolkit's form); rect.x, rect.y are the hotspot. */
void rfb_smsg_cursor(struct wire_buf *out, const struct rfb_smsg *m, const struct pixel_format *f);

#endif
