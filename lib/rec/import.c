/* Which format it is. */
#include "rec/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LOOK = 4096 };

static bool has(const struct rec_bytes *in, const char *text)
{
	size_t n = in->n < LOOK ? in->n : LOOK;

	return n && memmem(in->at, n, text, strlen(text)) != NULL;
}

static bool begins(const struct rec_bytes *in, const char *text)
{
	return in->n >= strlen(text) && memcmp(in->at, text, strlen(text)) == 0;
}

enum rec_foreign rec_foreign_detect(struct rec_bytes *in)
{
	(void)rec_bytes_want(in, LOOK);
	if (begins(in, "FBS 001.0") && in->n >= 12 && in->at[11] == '\n')
		return REC_FOREIGN_FBS;
	if (begins(in, "vncLog0.0") || begins(in, "vncLog0.1"))
		return REC_FOREIGN_VNCREC;
	if (has(in, "VNC_frame_data"))
		return REC_FOREIGN_NOVNC;
	if (begins(in, "{") && (has(in, "\"session_id\"") || has(in, "\"event_type\"")))
		return REC_FOREIGN_PYVNC;
	return REC_FOREIGN_NONE;
}

static const struct { const char *name; int (*read)(struct rec_import *i); } formats[] = {
	[REC_FOREIGN_NONE] = { "no recording", NULL },
	[REC_FOREIGN_FBS] = { "FBS", rec_import_fbs },
	[REC_FOREIGN_VNCREC] = { "vncrec", rec_import_vncrec },
	[REC_FOREIGN_NOVNC] = { "noVNC", rec_import_novnc },
	[REC_FOREIGN_PYVNC] = { "PyVNCServer", rec_import_pyvnc },
};

const char *rec_foreign_name(enum rec_foreign f)
{
	return formats[f].name;
}

int rec_foreign_read(struct rec_import *i, enum rec_foreign f)
{
	i->why[0] = '\0';
	if (!formats[f].read)
		return rec_import_fail(i, "no recording of a known format");
	return formats[f].read(i);
}

int rec_import_fail(struct rec_import *i, const char *why)
{
	snprintf(i->why, sizeof i->why, "%s at offset %" PRIu64, i->in->why ? i->in->why : why, i->in->offset);
	return -1;
}
