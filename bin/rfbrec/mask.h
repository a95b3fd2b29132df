/* Parts of the screen that must not be in a recording: black in everything that goes on. */
#ifndef RFBREC_MASK_H
#define RFBREC_MASK_H

#include "rec/picture.h"
#include "settings.h"
#include "wire/wire.h"

struct mask {
	const struct mask_area *areas;
	unsigned n;
	/* private */
	struct rec_picture picture;	/* as it really is */
	struct wire_buf scratch;
};

void mask_fini(struct mask *m);
/* Passes a record on to put, with what it would show of the areas painted black: pixels that touch one, and copies from
 * or to one, go on as raw pixels. 0; -1 and errno (EILSEQ: pixels do not decode); what put returned. */
int mask_record(struct mask *m, const struct fbs_record *r, rec_put put, void *arg);

#endif
