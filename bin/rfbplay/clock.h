/* Media times for people. */
#ifndef RFBPLAY_CLOCK_H
#define RFBPLAY_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 32 };
/* "01:05", "1:02:03". text is returned. */
const char *clock_text(int64_t us, char text[CLOCK_TEXT]);

#endif
