/* What a VNC server says, as records: the part of a viewer that looks. For rfbrec -c, and for recordings
 * of the protocol's bytes that others made. No I/O and no clock. */
#ifndef RFBKIT_REC_VIEWER_H
#define RFBKIT_REC_VIEWER_H

#include "codec/codec.h"
#include "rec/picture.h"
#include "rfb/smsg.h"

#define REC_VIEWER_INPUT_MAX ((FBS_PIXELS_MAX * 4u) + (1u << 20))	/* bytes held: one raw picture */

struct rfb_cut_reader;

struct rec_viewer {
	/* for the side that talks: looked at after each feed, reset by the caller */
	struct wire_buf replies;	/* what the protocol wants answered at once (fences) */
	uint64_t updates;		/* complete FramebufferUpdates so far */
	bool resized;			/* the size changed: the whole picture must be asked for */
	bool continuous;		/* EndOfContinuousUpdates was seen: they can be enabled */
	const char *why;		/* of an error: a static string */
	uint16_t w, h;
	/* private */
	struct rfb_sparser parser;
	struct codec_decoder *decoder;
	struct rfb_cut_reader *cut;
	struct wire_buf in, scratch;
	uint32_t *px;
	rec_put put;
	void *arg;
	uint32_t kind;
	int64_t now_us;
	bool in_update;			/* may be read */
	bool dirty, key_due, gap_due;
	bool has_pixels;		/* of this size */
	uint64_t clip_serial;
};

/* Starts after ServerInit. kind: FBS_RELAY or FBS_RECORDING. Records go to put (0, or -1
 * to end), with the times given to feed. False:
 * no memory, or a size or format that cannot be (why). */
bool rec_viewer_init(struct rec_viewer *v, uint32_t kind, uint16_t w, uint16_t h, const struct pixel_format *format,
		     rec_put put, void *arg);
void rec_viewer_fini(struct rec_viewer *v);
/* Says SCREEN and NAME at time_us; gap: the first frame follows a discontinuity. 0, or what put returned. */
int rec_viewer_open(struct rec_viewer *v, int64_t time_us, const char *name, size_t name_len, bool gap);
/* Does one step with bytes at the front of a server's: a message or a rectangle of an update. *used: how many it took; 1: more
 * are needed; else as rec_viewer_feed. v->in_update tells whether a message ended. Not to be mixed with feed. */
int rec_viewer_step(struct rec_viewer *v, const uint8_t *bytes, size_t n, int64_t time_us, size_t *used);
/* Takes bytes that the server sent. 0; -1: they are wrong (why), or put failed (why is NULL). */
int rec_viewer_feed(struct rec_viewer *v, const uint8_t *bytes, size_t n, int64_t time_us);

#endif
