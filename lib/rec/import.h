/* Recordings that others made, read as if they were ours: FBS (rfbproxy and its kin), vncrec, noVNC and
 * websockify, PyVNCServer. Layouts as found in their programs; doc/interop says more. */
#ifndef RFBKIT_REC_IMPORT_H
#define RFBKIT_REC_IMPORT_H

#include "rec/bytes.h"
#include "rec/picture.h"

enum rec_foreign { REC_FOREIGN_NONE, REC_FOREIGN_FBS, REC_FOREIGN_VNCREC, REC_FOREIGN_NOVNC, REC_FOREIGN_PYVNC };

struct rec_import {
	struct rec_bytes *in;
	rec_put put;		/* takes the records, times from 0; 0, or -1 to end */
	void *arg;
	int64_t wall_us;	/* when it was recorded; 0: it does not say */
	int64_t end_us;		/* its length, as far as it says */
	char why[200];		/* after a failure; "" when put ended it */
};

/* What the bytes are, by their content. */
enum rec_foreign rec_foreign_detect(struct rec_bytes *in);
const char *rec_foreign_name(enum rec_foreign f);
/* Reads all of it. 0; -1: it is damaged or cut (why, with the offset), or put ended it: what came before is good. */
int rec_foreign_read(struct rec_import *i, enum rec_foreign f);

/* --- one per format; import.c picks ------------------------------------------------------- */

int rec_import_fbs(struct rec_import *i);
int rec_import_vncrec(struct rec_import *i);
int rec_import_novnc(struct rec_import *i);
int rec_import_pyvnc(struct rec_import *i);
/* Says why, with the offset. Returns -1. */
int rec_import_fail(struct rec_import *i, const char *why);

#endif
