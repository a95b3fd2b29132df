/* SetEncodings, sorted: a table from pseudo-encoding to capability, ranges for the levels. */
#include "rfb/encodings.h"

#include <string.h>

#include "wire/wire.h"

static const struct { int32_t number; uint32_t cap; } capabilities[] = {
	{ 1, RFB_CAP_COPYRECT },
	{ RFB_PSEUDO_DESKTOP_SIZE, RFB_CAP_DESKTOP_SIZE },
	{ RFB_PSEUDO_LAST_RECT, RFB_CAP_LAST_RECT },
	{ RFB_PSEUDO_POINTER_POS, RFB_CAP_POINTER_POS },
	{ RFB_PSEUDO_CURSOR, RFB_CAP_CURSOR },
	{ RFB_PSEUDO_XCURSOR, RFB_CAP_XCURSOR },
	{ RFB_PSEUDO_QEMU_KEYS, RFB_CAP_QEMU_KEYS },
	{ RFB_PSEUDO_QEMU_AUDIO, RFB_CAP_QEMU_AUDIO },
	{ RFB_PSEUDO_QEMU_LEDS, RFB_CAP_QEMU_LEDS },
	{ RFB_PSEUDO_GII, RFB_CAP_GII },
	{ RFB_PSEUDO_DESKTOP_NAME, RFB_CAP_DESKTOP_NAME },
	{ RFB_PSEUDO_EXT_DESKTOP_SIZE, RFB_CAP_EXT_DESKTOP_SIZE },
	{ RFB_PSEUDO_XVP, RFB_CAP_XVP },
	{ RFB_PSEUDO_FENCE, RFB_CAP_FENCE },
	{ RFB_PSEUDO_CONTINUOUS, RFB_CAP_CONTINUOUS },
	{ RFB_PSEUDO_ALPHA_CURSOR, RFB_CAP_ALPHA_CURSOR },
	{ RFB_PSEUDO_EXT_MOUSE, RFB_CAP_EXT_MOUSE },
	{ RFB_PSEUDO_TIGHT_NOZLIB, RFB_CAP_TIGHT_NOZLIB },
	{ RFB_PSEUDO_VMWARE_CURSOR, RFB_CAP_VMWARE_CURSOR },
	{ RFB_PSEUDO_VMWARE_POINTER, RFB_CAP_VMWARE_POINTER },
	{ RFB_PSEUDO_VMWARE_LEDS, RFB_CAP_VMWARE_LEDS },
	{ RFB_PSEUDO_EXT_CLIPBOARD, RFB_CAP_EXT_CLIPBOARD },
};

/* Encodings of pixels that lib/codec writes. */
static const int32_t choices[] = { 0, 2, 4, 5, 6, 7, 8, 15, 16, 17, 21, 50, -260 };

/* 1X, 4X, 2X, grey, 8X, 16X (from -768 up) as codec_params.subsample. */
static const int8_t subsamplings[] = { 0, 2, 1, 3, 2, 2 };

void rfb_encodings_init(struct rfb_encodings *e)
{
	memset(e, 0, sizeof *e);
	e->quality = e->compress = e->fine_quality = e->subsample = -1;
}

static bool in_range(int32_t v, int32_t low, int32_t high)
{
	return v >= low && v <= high;
}

static void add_level(struct rfb_encodings *e, int32_t v)
{
	if (in_range(v, RFB_PSEUDO_QUALITY_0, RFB_PSEUDO_QUALITY_9))
		e->quality = (int8_t)(v - RFB_PSEUDO_QUALITY_0);
	else if (in_range(v, RFB_PSEUDO_COMPRESS_0, RFB_PSEUDO_COMPRESS_9))
		e->compress = (int8_t)(v - RFB_PSEUDO_COMPRESS_0);
	else if (in_range(v, RFB_PSEUDO_FINE_QUALITY_0, RFB_PSEUDO_FINE_QUALITY_100))
		e->fine_quality = (int8_t)(v - RFB_PSEUDO_FINE_QUALITY_0);
	else if (in_range(v, RFB_PSEUDO_SUBSAMPLE_1X, RFB_PSEUDO_SUBSAMPLE_16X))
		e->subsample = subsamplings[v - RFB_PSEUDO_SUBSAMPLE_1X];
}

static void add_choice(struct rfb_encodings *e, int32_t v)
{
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (choices[i] == v && !rfb_encodings_has(e, v) && e->n < RFB_CHOICES_MAX)
			e->choices[e->n++] = v;
}

static void add(struct rfb_encodings *e, int32_t v)
{
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		if (capabilities[i].number == v) {
			e->caps |= capabilities[i].cap;
			return;
		}
	add_level(e, v);
	add_choice(e, v);
}

void rfb_encodings_set(struct rfb_encodings *e, const struct rfb_msg_encodings *m)
{
	rfb_encodings_init(e);
	for (unsigned i = 0; i < m->n; i++)
		add(e, (int32_t)wire_ld32be(m->list + 4 * (size_t)i));
}

bool rfb_encodings_has(const struct rfb_encodings *e, int32_t encoding)
{
	for (unsigned i = 0; i < e->n; i++)
		if (e->choices[i] == encoding)
			return true;
	return false;
}

void rfb_parser_follow(struct rfb_parser *p, const struct rfb_encodings *e)
{
	p->extended_clipboard = rfb_can(e, RFB_CAP_EXT_CLIPBOARD);
	p->extended_mouse = rfb_can(e, RFB_CAP_EXT_MOUSE);
}
