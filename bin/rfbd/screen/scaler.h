/* --scale: one scaled picture for all viewers. The stream's own picture is kept as a screen of its own; what a frame changed in
 * it becomes a frame of the screen that viewers see, in which only pixels that depend on the change are computed anew.
 *
 * It is here, and not in a filter before rfbd, because positions of pointers and sizes that viewers ask for have to be turned back. */
#ifndef RFBD_SCALER_H
#define RFBD_SCALER_H

#include <stdbool.h>
#include <stdint.h>

#include "scale.h"
#include "screen.h"

struct scaler {
	struct scale scale;		/* all zero: everything passes as it is */
	struct screen native;
	bool all;			/* a frame was lost: the next is computed whole */
};

int scaler_init(struct scaler *s, const struct scale *scale);	/* -1: no memory */
void scaler_fini(struct scaler *s);
/* screen_apply, screen_abort and screen_commit for the screen that viewers see. */
int scaler_apply(struct scaler *s, struct screen *to, const struct fbs_record *r, const char **why);
void scaler_abort(struct scaler *s, struct screen *to);
int scaler_commit(struct scaler *s, struct screen *to, bool keyframe, const struct screen_change **change);
/* A position on the screen that viewers see as one on the stream's. */
void scaler_back(const struct scaler *s, const struct screen *to, int *x, int *y);
/* What a viewer asks the screen to become, as the stream's. False: it cannot become that. */
bool scaler_back_resize(const struct scaler *s, struct fbs_resize *r);
/* The size that the stream's comes to. */
void scaler_size(const struct scaler *s, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h);

#endif
