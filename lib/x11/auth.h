/* Opening a display whose cookie is not where Xlib looks. Both halves of x11 have this; it knows neither. */
#ifndef RFBKIT_X11_AUTH_H
#define RFBKIT_X11_AUTH_H

#include <stdbool.h>

/* Files that may hold the cookie of `display`, best first: those that running X servers name,
 * then the usual places. Calls `use` for each readable one until it returns true, and returns that. */
bool x11_auth_guess(const char *display, bool (*use)(void *arg, const char *path), void *arg);

/* Calls `try_open` until it returns true, and returns that. auth NULL: once, with $XAUTHORITY as it is; a file: once, with that
 * file; "guess": as it is, then with each guess. $XAUTHORITY stays at what did, or as it was. */
bool x11_auth_open(const char *display, const char *auth, bool (*try_open)(void *arg), void *arg);

#endif
