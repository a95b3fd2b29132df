/* What one viewer is sent of the streams of video: which it follows, how far, and what its decoders have to forget.
 *
 * A viewer has a decoder for each box that it was ever sent video of, 64 at most (rfbproto, "Open H.264 Encoding"). */
#ifndef RFBD_FOLLOW_H
#define RFBD_FOLLOW_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "units/unit.h"

#define FOLLOW_DECODERS 64u

/* Where a viewer's framebuffer begins on the screen. */
struct view_origin { int32_t x, y; };

struct viewer;
struct wire_buf;

/* A decoder of the viewer. */
struct follow_decoder {
	pixman_box32_t box;
	uint32_t stream;		/* that it is in step with; 0: none */
	uint32_t number;		/* the newest unit of it that was taken for it */
	bool anew;			/* what is sent it next tells it to begin anew */
};

struct follow {
	struct follow_decoder *decoders;	/* FOLLOW_DECODERS; NULL until needed */
	unsigned n;
	bool forget_all;		/* so does the next unit to all of them */
	struct view_origin origin;	/* of the places where it has them */
	uint8_t tier;
	struct unit **taken;		/* for the next update; references */
	unsigned n_taken, cap_taken;
};

void follow_fini(struct viewer *v);
/* Whether it is sent video at all: it lists Open H.264 before what else it would be sent. */
bool follow_wanted(const struct viewer *v);
/* Takes out of what is to be sent (within the area that it asked for) the regions that go as video: their units are in
 * v->follow.taken then, to be sent first. Puts back what must be painted over them. */
void follow_take(struct viewer *v, pixman_region32_t *region, const pixman_box32_t *area);
/* Hands the taken units over, with their references, to room for v->follow.n_taken. */
unsigned follow_collect(struct viewer *v, struct unit **to);
/* Appends a rectangle that makes the viewer forget its decoders, when none is of use any more. Returns how many. */
unsigned follow_put_reset(struct viewer *v, struct wire_buf *out);
/* Queues a unit of video as this viewer must get it, as viewer_put_unit does. */
void follow_put(struct viewer *v, struct unit *u, struct view_origin o);
/* A taken unit cannot be sent. */
void follow_lost(struct viewer *v, const struct unit *u);
/* Whether it is in step with a stream. */
bool follow_has(const struct viewer *v, uint32_t stream);
/* Whether it is in step with any. */
bool follow_is_watching(const struct viewer *v);
/* Bytes that a frame of video may have on its link; 0: not known. */
uint64_t follow_budget(const struct viewer *v);

#endif
