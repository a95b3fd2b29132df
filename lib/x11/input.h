/* What people do, done to an X display: keys, pointer, clipboard, size.
 *
 * One object per display. It acts at once, through XTEST, on behalf of viewers that have joined, keeps count of what each of them
 * holds, and undoes everything when they leave. Until it is freed it never waits for time to pass and blocks on nothing but the
 * X server's own answers. What it has to say (a text that was asked for, the result of a resize) goes to a function
 * of the caller's. Xlib's error handlers are process-wide: opening installs them. */
#ifndef RFBKIT_X11_INPUT_H
#define RFBKIT_X11_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fbs/fbs.h"

/* --- input.c ------------------------------------------------------------------------------ */

struct x11_input;

struct x11_input_options {
	const char *display;		/* NULL: $DISPLAY */
	const char *auth;		/* a cookie file, "guess", or NULL: as Xlib finds it */
	bool raw;			/* a hardware code decides, whatever its keysym says */
	bool no_resize, no_clipboard;
	/* CLIP, CLIP_WANT, RESULT; views are valid during the call. NULL: nobody listens, so none of them is done */
	void (*say)(void *arg, const struct fbs_record *r);
	void *arg;
};

enum x11_input_open {
	X11_INPUT_OK = 0,
	X11_INPUT_WAIT = -1,		/* not there, or not ours yet: worth trying again */
	X11_INPUT_BAD = -2,		/* will not work: no XTEST, no XKB */
	X11_INPUT_NO_SCREEN = -3,	/* the display is there, and has fewer screens */
};

/* Connects, and releases what a predecessor that was killed left held. On failure *why holds one line for people. */
enum x11_input_open x11_input_open(struct x11_input **out, const struct x11_input_options *o, char *why, size_t size);
/* Releases all keys and buttons, gives back keycodes (a quarter of a second after their last use), selections and the screen's
 * size, closes. NULL is allowed. */
void x11_input_free(struct x11_input *in);
/* The connection, for poll(POLLIN); call x11_input_events before sleeping on it. */
int x11_input_fd(const struct x11_input *in);
/* The display's name as it was opened: ":99". */
const char *x11_input_display(const struct x11_input *in);
/* FBS_HELLO_*: what this display can do. */
uint32_t x11_input_abilities(const struct x11_input *in);
/* Handles the events and deadlines that are there, and sends what is pending. */
void x11_input_events(struct x11_input *in);
/* When x11_input_events has something to do although no event comes: io_now's clock, or IO_FOREVER. */
int64_t x11_input_due(const struct x11_input *in);
/* True when the display went away; *why (may be NULL) says so. Every call does nothing from then on. */
bool x11_input_lost(const struct x11_input *in, const char **why);

/* --- what viewers do ------------------------------------------------------------------------ */

enum x11_done {
	X11_DONE = 0,
	X11_LATER = 1,			/* a key that must wait: the same again when x11_input_due says so, and nothing else before it */
	X11_STRANGER = -1,		/* the viewer has not joined, or is one too many */
	X11_FORBIDDEN = -2,		/* it has not the right */
	X11_UNMAPPED = -3,		/* a keysym for which there is no key, nor a free keycode */
	X11_TOO_MUCH = -4,		/* more requests or text than one may have */
};

/* Joining again changes the rights. */
enum x11_done x11_input_join(struct x11_input *in, const struct fbs_join *r);
/* Releases what the viewer holds; with the last one the screen gets its former size back. */
enum x11_done x11_input_leave(struct x11_input *in, uint32_t viewer);
/* input_keys.c: see fbinput(1) for how a keysym finds its key. */
enum x11_done x11_input_key(struct x11_input *in, const struct fbs_key *r);
/* input_pointer.c: moves, then changes buttons. */
enum x11_done x11_input_motion(struct x11_input *in, const struct fbs_motion *r);
/* input_select.c: a viewer has text: its selection becomes ours, the text is asked for when somebody pastes. */
enum x11_done x11_input_offer(struct x11_input *in, const struct fbs_clip_offer *r);
enum x11_done x11_input_clip(struct x11_input *in, const struct fbs_clip *r, bool last);
/* input_fetch.c: a viewer wants the display's text; CLIPs follow, an empty last one when there is none. */
enum x11_done x11_input_want(struct x11_input *in, const struct fbs_clip_want *r);
/* input_resize.c: RESULT follows at once. */
enum x11_done x11_input_resize(struct x11_input *in, const struct fbs_resize *r);

#endif
