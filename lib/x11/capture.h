/* Capture of an X display: pixels, damage, cursor, pointer, layout, LEDs, bell, selections.
 *
 * One object per display. It never blocks on anything but the X server's own answers, never
 * waits for time to pass, and survives every X error: what went wrong shows up as news (the
 * screen changed), as a fallback (no MIT-SHM, no XDamage) or as x11_capture_lost.
 * Xlib's error handlers are process-wide: opening installs them. */
#ifndef RFBKIT_X11_CAPTURE_H
#define RFBKIT_X11_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fbs/fbs.h"

/* --- capture.c: open, news, close ------------------------------------------------------ */

struct x11_capture;

enum x11_part_kind { X11_PART_ALL, X11_PART_GEOMETRY, X11_PART_OUTPUT, X11_PART_WINDOW };

struct x11_capture_options {
	const char *display;		/* NULL: $DISPLAY */
	const char *auth;		/* a cookie file, "guess", or NULL: as Xlib finds it */
	enum x11_part_kind part;
	const char *part_name;		/* OUTPUT: RandR's name; WINDOW: a number or a title */
	int x, y;			/* GEOMETRY */
	unsigned w, h;
	bool shared;			/* pixels in a segment that a reader may attach (SHARED, DAMAGE) */
	bool poll;			/* hash tiles even if there is XDamage */
	bool no_cursor;			/* neither shape nor position */
	bool no_clipboard;
	int64_t period_us;		/* from frame to frame at the fastest; more than 0 */
};

enum x11_open {
	X11_OPEN_OK = 0,
	X11_OPEN_WAIT = -1,		/* not there, or not ours yet: worth trying again */
	X11_OPEN_BAD = -2,		/* will not work: a depth that cannot be converted, no memory */
	X11_OPEN_PART = -3,		/* the part is not there: no such output or window, outside the screen */
};

/* Connects. All strings are copied. On failure *why holds one line for people. */
enum x11_open x11_capture_open(struct x11_capture **out, const struct x11_capture_options *o,
			       char *why, size_t size);
/* Closes; gives back segment and connection. NULL is allowed. */
void x11_capture_free(struct x11_capture *c);
/* The connection, for poll(POLLIN). Ask x11_capture_news before sleeping on it. */
int x11_capture_fd(const struct x11_capture *c);
/* The display's name as it was opened: ":99". */
const char *x11_capture_display(const struct x11_capture *c);
/* True when there is nothing to capture any more; *why (may be NULL) says what happened. */
bool x11_capture_lost(const struct x11_capture *c, const char **why);

/* What has happened and was not taken yet. */
enum x11_news {
	X11_NEWS_SCREEN = 1,	/* size, layout or origin: the next fetch takes everything */
	X11_NEWS_NAME = 2,
	X11_NEWS_LEDS = 4,
	X11_NEWS_CURSOR = 8,
	X11_NEWS_POINTER = 16,	/* may have moved */
	X11_NEWS_BELL = 32,
	X11_NEWS_OFFER = 64,
	X11_NEWS_CLIP = 128,
	X11_NEWS_PIXELS = 256,	/* damage, or it is time to look */
};
/* Handles all events that are there without waiting, and returns what is pending: a set of
 * enum x11_news. */
unsigned x11_capture_news(struct x11_capture *c);
/* The same set as it stands, without a look at the connection. */
unsigned x11_capture_pending(const struct x11_capture *c);
/* When x11_capture_news has something to do although no event comes: io_now's clock, or
 * IO_FOREVER. */
int64_t x11_capture_due(const struct x11_capture *c);
/* For the time that nobody reads: events of the pointer and the cursor are not asked for, and
 * nothing is due. What was missed becomes news when parking ends. */
void x11_capture_park(struct x11_capture *c, bool parked);
/* The facts that people ask for in a log: "MIT-SHM, XDamage" and the like. */
const char *x11_capture_method(const struct x11_capture *c);

/* --- capture_fetch.c: pixels ------------------------------------------------------------- */

struct x11_box {
	uint16_t x, y, w, h;		/* of the captured part */
	const uint32_t *px;		/* first pixel, XRGB8888; valid until the next fetch */
	size_t stride;			/* bytes from row to row */
	uint64_t offset;		/* of px in the shared segment */
};
enum { X11_FETCH_AGAIN = -1 };
/* Captures what was damaged (after X11_NEWS_SCREEN: all) into memory of c's own. Returns how many
 * disjoint boxes there are, *boxes valid until the next call; or X11_FETCH_AGAIN when the screen
 * changed meanwhile or the display went away: nothing was captured, ask for news. */
int x11_capture_fetch(struct x11_capture *c, const struct x11_box **boxes);

/* capture_memory.c: the segment of the last fetch; false when pixels are not shared. */
bool x11_capture_shared(const struct x11_capture *c, struct fbs_shared *out);
/* Where all boxes are, whatever the fetch; NULL before the first. What a fetch left there stays until the next. */
const uint8_t *x11_capture_memory(const struct x11_capture *c, size_t *size);

/* --- what else there is to tell; each takes its piece of news -------------------------------- */

/* The layout as the last fetch saw it; display's view is valid as long as c. */
void x11_capture_screen(struct x11_capture *c, struct fbs_screen *out);
/* "host:99 (user)". */
void x11_capture_name(struct x11_capture *c, struct fbs_text *out);
uint32_t x11_capture_leds(struct x11_capture *c);
/* Bells since the last call, at most 8. */
unsigned x11_capture_bells(struct x11_capture *c);
/* False when no shapes are asked for, or the display is lost; an arrow where the server does not give the shape. argb is valid until the next call. */
bool x11_capture_cursor(struct x11_capture *c, struct fbs_cursor *out);
/* Asks where the pointer is; false when that is where it was last time, unless `always`. */
bool x11_capture_pointer(struct x11_capture *c, bool always, struct fbs_pointer *out);
/* The next offer or text; false when there is none (any more). The text is valid until the next call. */
bool x11_capture_offer(struct x11_capture *c, struct fbs_clip_offer *out);
bool x11_capture_clip(struct x11_capture *c, struct fbs_clip *out);

#endif
