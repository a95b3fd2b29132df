/* Messages that viewers of other families send unasked, and that a server of an X display has no use for: how long
 * they are. Private to the message parser. */
#ifndef RFBKIT_RFB_MSGSKIP_H
#define RFBKIT_RFB_MSGSKIP_H

#include "rfb/msg.h"
#include "wire/wire.h"

/* Readers as in msg.c: they leave out->kind IGNORED. What follows the fixed part goes to p->skip. */
long rfb_skip_1(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_4(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_6(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_10(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
/* UltraVNC: file transfer, chat. */
long rfb_skip_ultra_file(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_chat(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
/* TightVNC 1.3 file transfer: a u16 length and a name; a name after a position; data. */
long rfb_skip_tight_name(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_tight_transfer(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
long rfb_skip_tight_data(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);
/* General Input Interface, either byte order (rfbproto "gii Client Message"). */
long rfb_skip_gii(struct rfb_parser *p, struct rfb_msg *out, struct wire_in in, size_t n);

#endif
