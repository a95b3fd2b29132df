/* A text of the screen in the forms that viewers are sent: each is made once, when the first asks, and shared. */
#ifndef RFBD_CLIPPACK_H
#define RFBD_CLIPPACK_H

#include <stddef.h>

#include "viewer/outq.h"

struct rfb_provide;

/* Zero: nothing is made yet. */
struct clip_pack {
	struct rfb_provide *job;	/* the extended form in the making */
	struct outq_shared *extended, *latin1;
};

/* The text is another, or none. */
void clip_pack_drop(struct clip_pack *p);
/* One step towards the extended form, about a millisecond of work. 1: it is there; 0: go on after other things; -1: no
 * memory. The text must stay as it is until then. */
int clip_pack_step(struct clip_pack *p, const char *text, size_t n);
/* The Latin-1 form; NULL: no memory. Meant for texts of a megabyte at most. */
struct outq_shared *clip_pack_latin1(struct clip_pack *p, const char *text, size_t n);

#endif
