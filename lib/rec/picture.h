/* What a stream shows: every record applied, ready to be looked at or to be said again as a keyframe. */
#ifndef RFBKIT_REC_PICTURE_H
#define RFBKIT_REC_PICTURE_H

#include "fbs/fbs.h"

struct codec_decoder;

struct rec_picture {
	struct fbs_screen screen;	/* display points into `display` */
	bool has_screen, has_cursor, has_pointer, has_name, has_leds;
	uint32_t *px;			/* screen.w × screen.h, XRGB8888 */
	struct fbs_cursor cursor;	/* argb is the picture's own */
	struct fbs_pointer pointer;
	struct fbs_leds leds;
	struct fbs_text name;
	/* private */
	char display[FBS_TEXT_MAX], name_text[FBS_TEXT_MAX];
	uint8_t *argb;
	struct codec_decoder *decoder;
};

/* Takes what a record is given to; 0 goes on, anything else ends and is passed up. */
typedef int (*rec_put)(void *arg, const struct fbs_record *r);

/* Zero is an empty picture. */
void rec_picture_fini(struct rec_picture *p);
/* Applies a record that an fbs_reader returned (its rectangles lie within the screen). Records that show
 * nothing are ignored. 0; FBS_E_VALUE when pixels do not decode; FBS_E_SYSTEM. */
int rec_picture_apply(struct rec_picture *p, const struct fbs_record *r);
/* Gives the whole state as records at time_us: SCREEN, NAME, LEDS, CURSOR, POINTER, PIXELS (raw); no FRAME.
 * Returns what `put` returned first that was not 0. */
int rec_picture_say(const struct rec_picture *p, int64_t time_us, rec_put put, void *arg);
/* Copies src to this picture's state. 0; FBS_E_SYSTEM. */
int rec_picture_copy(struct rec_picture *p, const struct rec_picture *src);
/* Paints the cursor, where it is shown, onto px (a frame of the screen's size). */
void rec_picture_paint_cursor(const struct rec_picture *p, uint32_t *px);

#endif
