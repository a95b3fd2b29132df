/* The clipboard between the screen and the viewers. What somebody offers is announced; the text itself
 * moves only when somebody pastes, in parts that other things go between. */
#ifndef RFBD_CLIP_H
#define RFBD_CLIP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "clippack.h"
#include "fbs/fbs.h"
#include "rfb/msg.h"

struct viewer;
struct worker;

/* A selection of the screen. */
struct clip_selection {
	bool offered, whole, asked;	/* asked: CLIP_WANT is on its way */
	uint64_t serial, size;		/* of the offer; size 0: unknown */
	char *text;
	size_t len, cap;
	struct clip_pack pack;
};

struct clip {
	struct worker *w;
	struct clip_selection screen[2];	/* CLIPBOARD, PRIMARY */
	unsigned current;		/* which of them viewers are offered */
	ev_timer packing;		/* runs while a long one is made ready for those that want it */

	/* what a viewer offers to the screen */
	uint32_t viewer;		/* 0: none */
	uint64_t serial;
	bool whole;			/* the text is here */
	bool told;			/* to the input consumer that is there now */
	char *text;
	size_t len;
	/* selections that the screen wants it for, and how much of it was sent */
	bool wanted[2];
	size_t sent[2];
};

void clip_init(struct clip *c, struct worker *w);
void clip_fini(struct clip *c);

/* CLIP_OFFER, CLIP and CLIP_WANT of the source or the input consumer. */
void clip_record(struct clip *c, const struct fbs_record *r);
/* The source is another: what was offered is not any more. */
void clip_source_lost(struct clip *c);
/* A part of a viewer's clipboard message. */
void clip_viewer_part(struct clip *c, struct viewer *v, const struct rfb_msg_cut_text *part);
/* The viewer has said that it knows the extended clipboard. */
void clip_viewer_extended(struct clip *c, struct viewer *v);
void clip_viewer_left(struct clip *c, struct viewer *v);
/* The input consumer is gone: what it was asked for does not come, what it wanted nobody waits for. */
void clip_consumer_lost(struct clip *c);
/* Another is there: it owns what a viewer has offered, and is asked for what viewers wait for. */
void clip_consumer_ready(struct clip *c);
/* The input consumer takes more: goes on with a text that is being sent to it. */
void clip_pump(struct clip *c);

#endif
