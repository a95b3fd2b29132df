/* A recording and a place in it: what is shown there, and what comes next. */
#ifndef RFBPLAY_PLAYER_H
#define RFBPLAY_PLAYER_H

#include "rec/picture.h"
#include "rec/spool.h"
#include "rec/units.h"

struct player {
	const char *file;
	struct rec_spool spool;
	struct rec_reader *r;		/* the spool's */
	struct rec_picture picture;	/* at `position` */
	struct rec_unit unit;		/* what comes next, when player_next said 1 */
	int64_t position;
	bool has_frame;			/* the picture shows one */
	bool gap;			/* damage lies between the picture and the unit */
	int fd, temporary;
	unsigned damage;		/* places that could not be read so far */
	bool cut;			/* it ends without an END */
	char problem[256];		/* the last of these, in words */
};

/* Opens the file of a recording ("-": stdin) without a look at what is in it. Dies with a line when that cannot be. */
void player_open(struct player *p, const char *file);
/* Reads what it is, of whatever format. Dies with a line when it is none. */
void player_load(struct player *p);
void player_close(struct player *p);
/* Reads the next unit. 1; 0 at the end. Damage is logged and stepped over; a cut end is an end. */
int player_next(struct player *p);
/* Shows the unit: applies it to the picture. 0; -1: its pixels do not decode (logged; it counts as damage). */
int player_apply(struct player *p);
/* Goes to a moment: afterwards the picture is what was shown then (the first one before that), and the unit what
 * comes next. As player_next. */
int player_seek(struct player *p, int64_t us);
/* Length in µs; 0 when it cannot be known (a pipe). */
int64_t player_length(const struct player *p);

#endif
