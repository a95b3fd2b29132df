/* What is known of the recording behind the stream: for the browser's time line. */
#ifndef RFBD_MEDIA_H
#define RFBD_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fbs/fbs.h"

#define MEDIA_MARKS_MAX 256u
#define MEDIA_TEXT_MAX 96u

struct media {
	bool known;			/* a MEDIA record came: this is a recording */
	int64_t length_us, position_us;
	int64_t since_us;		/* io_now() when position_us was right */
	bool paused;
	uint32_t permille;
	unsigned n_marks;
	struct { int64_t at_us; char text[MEDIA_TEXT_MAX]; } mark[MEDIA_MARKS_MAX];
};

/* Another stream begins: its marks are told anew. */
void media_begin(struct media *m);
/* A record of the stream. True when a time line has to be told: state, marks, or a jump. */
bool media_apply(struct media *m, const struct fbs_record *r, int64_t now_us);
/* The state as one line of JSON with its LF, from malloc; NULL: no memory. source: whether one is there now. */
char *media_json(const struct media *m, bool source, int64_t now_us);

#endif
