/* The connection to a display. Both halves of x11 have this; it knows neither. */
#ifndef RFBKIT_X11_DISPLAY_H
#define RFBKIT_X11_DISPLAY_H

#include <X11/Xlib.h>
#include <stdbool.h>
#include <stddef.h>

/* Why a display is lost, as one line; "" while it is not. */
struct x11_lost {
	char why[160];
};

/* Connects to `name`, with a cookie as x11_auth_open (auth.h) finds it. From here on errors of X are counted instead of ending the
 * program, and the server's end fills *lost, which must outlive the connection. NULL when it cannot be: `why`, of `size` bytes, then
 * holds one line for people, which is nowhere else (Xlib would say it on stderr); *is_there tells whether the display is there and
 * lacks the screen, for which it is no use to wait. */
Display *x11_display_open(const char *name, const char *auth, struct x11_lost *lost, bool *is_there, char *why, size_t size);

/* X errors so far, of anybody's requests: one failed when this has changed by its reply, or by XSync. */
unsigned x11_display_errors(void);

/* The first reason stays. */
void x11_lose(struct x11_lost *lost, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
