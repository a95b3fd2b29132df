/* A recording's pictures as a stream, with the position drawn over them on demand. */
#ifndef RFBPLAY_EMIT_H
#define RFBPLAY_EMIT_H

#include "fbs/writer.h"
#include "player.h"

enum { EMIT_TEXT = 64 };

struct emit {
	struct fbs_writer w;
	bool own_times;			/* record times are the recording's, not the clock's */
	char text[EMIT_TEXT];		/* what is drawn; "": nothing */
	/* private */
	struct { int x, y, w, h; } shown;	/* the part of the screen that is painted over; w 0: none */
	uint32_t *px;
	int64_t origin_us;
	bool started;
};

/* 0; -1 and errno. */
int emit_init(struct emit *e, int fd, bool own_times);
void emit_fini(struct emit *e);
/* The player's unit, which it has applied already. 0; -1 and errno. */
int emit_unit(struct emit *e, const struct player *p);
/* The player's whole picture, as that of a moment at which it is shown. */
int emit_picture(struct emit *e, const struct player *p, int64_t at_us, bool gap);
/* Draws text (from now on), or takes it away: "". Writes a frame, of this moment, when that changes something. */
int emit_text(struct emit *e, const struct player *p, int64_t at_us, const char *text);
/* MEDIA; and CUE, one for each mark. */
int emit_media(struct emit *e, int64_t length_us, bool paused, uint32_t permille);
int emit_cue(struct emit *e, int64_t at_us, const struct fbs_mark *mark);
int emit_end(struct emit *e, uint32_t status, const char *reason);

#endif
