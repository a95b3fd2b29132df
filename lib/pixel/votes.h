/* Which shifts could explain a change: short runs of new pixels that stand out are looked up in the
 * old picture, and every find votes for a shift. Guesses only; others verify. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_VOTES_H
#define RFBKIT_PIXEL_VOTES_H

#include <stddef.h>
#include <stdint.h>

#include "pixel/model.h"

enum {
	VOTES_TILES = 320,	/* tiles whose runs are looked up at most */
	VOTES_BEST = 8,		/* shifts returned */
};

struct pixel_shift { int dx, dy; long votes; };
struct pixel_votes;

/* NULL when there is no memory. width: of the screen. */
struct pixel_votes *pixel_votes_new(int width);
void pixel_votes_free(struct pixel_votes *v);
/* Looks up the changed tiles listed (indices into m->tile) in what the reader has in those marked MODEL_DIFFERS, which
 * are `differing` tiles; writes the shifts with the most votes, best first, and returns how many. */
size_t pixel_votes_cast(struct pixel_votes *v, const struct pixel_model *m, const uint32_t *tiles, size_t n,
			size_t differing, struct pixel_shift best[VOTES_BEST]);

#endif
