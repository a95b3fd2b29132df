/* The landlock half of confine.h. */
#ifndef RFBKIT_CONFINE_LANDLOCK_H
#define RFBKIT_CONFINE_LANDLOCK_H

#include "confine/confine.h"

/* Denies every path but what the settings name, TCP bind and connect, and abstract sockets and signals
 * to processes outside, as far as the kernel can. 1 done, 0 the kernel has no landlock, -1 and errno. */
int confine_landlock(const struct confine_settings *s);

#endif
