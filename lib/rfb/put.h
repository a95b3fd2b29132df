/* Server to client messages, written (RFC 6143 7.6, 7.8; rfbproto "Server to Client Messages",
 * "Pseudo-encodings"). All append to `out`; failures stick in out->bad.
 *
 * An update is rfb_put_update(out, n) and then n rectangles; n 0xFFFF needs rfb_put_last_rect at the end. */
#ifndef RFBKIT_RFB_PUT_H
#define RFBKIT_RFB_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/format.h"
#include "rfb/encodings.h"
#include "rfb/msg.h"
#include "wire/wire.h"

#define RFB_RECTS_UNKNOWN 0xFFFFu
#define RFB_RECT_HEADER 12u

/* --- put.c: messages --------------------------------------------------------------------- */

void rfb_put_format(struct wire_buf *out, const struct pixel_format *f);	/* 16 bytes: PIXEL_FORMAT */
void rfb_put_server_init(struct wire_buf *out, uint16_t w, uint16_t h, const struct pixel_format *f,
			 const char *name, size_t name_len);
/* What the Tight security type adds behind ServerInit: no messages or encodings of its own. */
void rfb_put_tight_capabilities(struct wire_buf *out);
void rfb_put_update(struct wire_buf *out, uint16_t n_rects);
/* n <= 256 - first entries of XRGB8888. */
void rfb_put_colour_map(struct wire_buf *out, uint16_t first, uint16_t n, const uint32_t *xrgb);
void rfb_put_bell(struct wire_buf *out);
/* Latin-1 text, lines ending in LF (rfb_latin1_put makes it of UTF-8). */
void rfb_put_cut_text(struct wire_buf *out, const uint8_t *latin1, uint32_t n);
void rfb_put_fence(struct wire_buf *out, uint32_t flags, const uint8_t *payload, unsigned n);
void rfb_put_end_of_continuous(struct wire_buf *out);
void rfb_put_xvp(struct wire_buf *out, uint8_t code);

/* --- put.c: rectangles without pixels; each is one rectangle of an update ------------------ */

void rfb_put_rect(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, int32_t encoding);
void rfb_put_copy_rect(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t w, uint16_t h, uint16_t src_x, uint16_t src_y);
void rfb_put_last_rect(struct wire_buf *out);
void rfb_put_desktop_size(struct wire_buf *out, uint16_t w, uint16_t h);

enum rfb_resize_reason { RFB_RESIZE_SERVER = 0, RFB_RESIZE_THIS = 1, RFB_RESIZE_OTHER = 2 };
enum rfb_resize_status { RFB_RESIZE_OK = 0, RFB_RESIZE_PROHIBITED = 1, RFB_RESIZE_RESOURCES = 2, RFB_RESIZE_INVALID = 3, RFB_RESIZE_FORWARDED = 4 };
/* n screens, at most 255; n 0 is written as one screen that covers everything. */
void rfb_put_ext_desktop_size(struct wire_buf *out, uint16_t reason, uint16_t status, uint16_t w, uint16_t h,
			      const struct rfb_screen *screens, unsigned n);
void rfb_put_desktop_name(struct wire_buf *out, const char *utf8, uint32_t n);
void rfb_put_pointer_pos(struct wire_buf *out, uint16_t x, uint16_t y);
void rfb_put_vmware_pointer(struct wire_buf *out, uint16_t x, uint16_t y);
/* mask: 1 scroll lock, 2 num lock, 4 caps lock. */
void rfb_put_qemu_leds(struct wire_buf *out, uint8_t mask);
void rfb_put_vmware_leds(struct wire_buf *out, uint32_t mask);
/* Empty rectangles that say "I take these": QEMU extended keys, extended mouse buttons. */
void rfb_put_qemu_keys(struct wire_buf *out);
void rfb_put_ext_mouse(struct wire_buf *out);

/* --- cursor.c: cursor shapes; each is one rectangle ------------------------------------------ */

#define RFB_CURSOR_SIDE_MAX 256u	/* larger ones are cropped around the hotspot: some viewers break on them */

struct rfb_cursor {
	uint16_t w, h;			/* 0 × 0: hidden */
	int16_t hot_x, hot_y;		/* brought inside the shape */
	const uint8_t *argb;		/* w × h little-endian u32 of premultiplied ARGB, as in FBS_CURSOR */
};
/* Half-transparent pixels are decided at alpha 0x80 where the form knows only a mask; hidden is 0 × 0
 * (VMware: 1 × 1, transparent). */
void rfb_put_cursor(struct wire_buf *out, const struct rfb_cursor *c, const struct pixel_format *f);
void rfb_put_xcursor(struct wire_buf *out, const struct rfb_cursor *c);
void rfb_put_alpha_cursor(struct wire_buf *out, const struct rfb_cursor *c);
void rfb_put_vmware_cursor(struct wire_buf *out, const struct rfb_cursor *c);
/* The best form that the viewer knows (alpha, VMware, Cursor, XCursor); false when it knows none. */
bool rfb_put_best_cursor(struct wire_buf *out, const struct rfb_cursor *c, const struct rfb_encodings *e, const struct pixel_format *f);

/* --- request.c: the client's messages, written (for rfbrec, tests, benchmarks) ------------------ */

void rfb_put_set_format(struct wire_buf *out, const struct pixel_format *f);
void rfb_put_set_encodings(struct wire_buf *out, const int32_t *list, uint16_t n);
void rfb_put_request(struct wire_buf *out, bool incremental, uint16_t x, uint16_t y, uint16_t w, uint16_t h);
void rfb_put_key(struct wire_buf *out, uint32_t keysym, bool down);
void rfb_put_qemu_key(struct wire_buf *out, uint32_t keysym, uint32_t code, bool down);
/* buttons as in rfb_msg_pointer; extended: the server acknowledged extended mouse buttons. */
void rfb_put_pointer(struct wire_buf *out, uint16_t x, uint16_t y, uint16_t buttons, bool extended);
void rfb_put_client_cut_text(struct wire_buf *out, const uint8_t *latin1, uint32_t n);
void rfb_put_continuous(struct wire_buf *out, bool enable, uint16_t x, uint16_t y, uint16_t w, uint16_t h);
void rfb_put_client_fence(struct wire_buf *out, uint32_t flags, const uint8_t *payload, unsigned n);
void rfb_put_set_desktop_size(struct wire_buf *out, uint16_t w, uint16_t h, const struct rfb_screen *screens, uint8_t n);

#endif
