/* Names of displays: which can never be one, and why one could not be opened. Both halves of x11 have this. */
#ifndef RFBKIT_X11_NAME_H
#define RFBKIT_X11_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether this may name a display: [PROTOCOL/][HOST]:NUMBER[.SCREEN], or the path of a socket (X(7), "DISPLAY NAMES"). */
bool x11_name_valid(const char *display);
/* What can be said of one that could not be opened, when Xlib said nothing: `why` is returned. Asks for the host's address. */
const char *x11_name_why(const char *display, char *why, size_t size);
/* The display without its screen, when it names one other than 0: true, and the screen's number. */
bool x11_name_screen(const char *display, char *rest, size_t size, int *screen);

#endif
