/* What one viewer still has to be told: the region whose pixels it lacks, the copies that
 * it makes before them, and where it holds approximations only.
 *
 * Invariant: once a viewer has made the copies in order, every pixel outside `pending` is
 * right (outside `lossy`: exactly right). */
#ifndef RFBD_PICTURE_H
#define RFBD_PICTURE_H

#include <pixman.h>
#include <stdbool.h>

#include "fbs/fbs.h"

#define PICTURE_COPIES_MAX 512u

struct picture {
	pixman_region32_t pending, lossy;
	pixman_region32_t fresh, due;	/* parts of lossy: sent since the last picture_age; at rest since the one before */
	struct fbs_copy *copies;
	unsigned n_copies, cap_copies;
	bool copies_ok;		/* the viewer knows CopyRect */
};

void picture_init(struct picture *p);
void picture_fini(struct picture *p);
/* A new framebuffer: all of it is pending. */
void picture_reset(struct picture *p, uint32_t w, uint32_t h);
void picture_damage(struct picture *p, const pixman_region32_t *region);
void picture_damage_box(struct picture *p, const pixman_box32_t *box);
/* The screen copied a rectangle: the viewer may do the same where its source is up to date;
 * the rest of the destination becomes pending. */
void picture_copy(struct picture *p, const struct fbs_copy *c);
/* Turns the queued copies into pending pixels. */
void picture_give_up_copies(struct picture *p);
/* A box was sent, exactly or not. */
void picture_sent(struct picture *p, const pixman_box32_t *box, bool lossy);
/* Time went by: what was not sent approximately since the last call is due to be sent exactly. True: all that is
 * lossy is due now. */
bool picture_age(struct picture *p);
/* True when every queued copy lies, with its source, within the box. */
bool picture_copies_within(const struct picture *p, const pixman_box32_t *box);

#endif
