/* What a viewer said that it can do: its SetEncodings, sorted into encodings by preference,
 * capabilities, and levels. */
#ifndef RFBKIT_RFB_ENCODINGS_H
#define RFBKIT_RFB_ENCODINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "rfb/msg.h"

/* Pseudo-encoding numbers. Those of encodings are lib/codec's. */
enum rfb_pseudo {
	RFB_PSEUDO_QUALITY_0 = -32, RFB_PSEUDO_QUALITY_9 = -23,
	RFB_PSEUDO_DESKTOP_SIZE = -223, RFB_PSEUDO_LAST_RECT = -224, RFB_PSEUDO_POINTER_POS = -232,
	RFB_PSEUDO_CURSOR = -239, RFB_PSEUDO_XCURSOR = -240,
	RFB_PSEUDO_COMPRESS_9 = -247, RFB_PSEUDO_COMPRESS_0 = -256,
	RFB_PSEUDO_QEMU_KEYS = -258, RFB_PSEUDO_QEMU_AUDIO = -259, RFB_PSEUDO_QEMU_LEDS = -261,
	RFB_PSEUDO_GII = -305, RFB_PSEUDO_DESKTOP_NAME = -307, RFB_PSEUDO_EXT_DESKTOP_SIZE = -308,
	RFB_PSEUDO_XVP = -309, RFB_PSEUDO_FENCE = -312, RFB_PSEUDO_CONTINUOUS = -313,
	RFB_PSEUDO_ALPHA_CURSOR = -314, RFB_PSEUDO_EXT_MOUSE = -316, RFB_PSEUDO_TIGHT_NOZLIB = -317,
	RFB_PSEUDO_FINE_QUALITY_100 = -412, RFB_PSEUDO_FINE_QUALITY_0 = -512,
	RFB_PSEUDO_SUBSAMPLE_16X = -763, RFB_PSEUDO_SUBSAMPLE_1X = -768,
	RFB_PSEUDO_VMWARE_CURSOR = 0x574d5664, RFB_PSEUDO_VMWARE_POINTER = 0x574d5666,
	RFB_PSEUDO_VMWARE_LEDS = 0x574d5668,
};
#define RFB_PSEUDO_EXT_CLIPBOARD ((int32_t)0xC0A1E5CE)

enum rfb_cap {
	RFB_CAP_LAST_RECT = 1 << 0, RFB_CAP_POINTER_POS = 1 << 1, RFB_CAP_VMWARE_POINTER = 1 << 2,
	RFB_CAP_CURSOR = 1 << 3, RFB_CAP_XCURSOR = 1 << 4, RFB_CAP_ALPHA_CURSOR = 1 << 5, RFB_CAP_VMWARE_CURSOR = 1 << 6,
	RFB_CAP_DESKTOP_SIZE = 1 << 7, RFB_CAP_EXT_DESKTOP_SIZE = 1 << 8, RFB_CAP_DESKTOP_NAME = 1 << 9,
	RFB_CAP_FENCE = 1 << 10, RFB_CAP_CONTINUOUS = 1 << 11, RFB_CAP_EXT_CLIPBOARD = 1 << 12,
	RFB_CAP_QEMU_KEYS = 1 << 13, RFB_CAP_QEMU_LEDS = 1 << 14, RFB_CAP_VMWARE_LEDS = 1 << 15,
	RFB_CAP_EXT_MOUSE = 1 << 16, RFB_CAP_TIGHT_NOZLIB = 1 << 17, RFB_CAP_XVP = 1 << 18,
	RFB_CAP_QEMU_AUDIO = 1 << 19, RFB_CAP_GII = 1 << 20, RFB_CAP_COPYRECT = 1 << 21,
};
#define RFB_CAP_ANY_CURSOR (RFB_CAP_CURSOR | RFB_CAP_XCURSOR | RFB_CAP_ALPHA_CURSOR | RFB_CAP_VMWARE_CURSOR)

#define RFB_CHOICES_MAX 16u

struct rfb_encodings {
	int32_t choices[RFB_CHOICES_MAX];	/* encodings of pixels that lib/codec knows, best first, each once; no CopyRect */
	unsigned n;
	uint32_t caps;			/* RFB_CAP_* */
	int8_t quality;			/* 0–9; -1: not given */
	int8_t compress;		/* 0–9; -1 */
	int8_t fine_quality;		/* 0–100; -1 */
	int8_t subsample;		/* codec_params' numbers: 0 4:4:4, 1 4:2:2, 2 4:2:0 (and coarser), 3 grey; -1 */
};

/* What holds before any SetEncodings: Raw only, nothing else. */
void rfb_encodings_init(struct rfb_encodings *e);
/* Replaces everything by what the message lists. Of contradicting levels the last one counts. */
void rfb_encodings_set(struct rfb_encodings *e, const struct rfb_msg_encodings *m);
bool rfb_encodings_has(const struct rfb_encodings *e, int32_t encoding);
static inline bool rfb_can(const struct rfb_encodings *e, uint32_t caps) { return (e->caps & caps) != 0; }
/* Sets the parser's switches to what the viewer listed. */
void rfb_parser_follow(struct rfb_parser *p, const struct rfb_encodings *e);

#endif
