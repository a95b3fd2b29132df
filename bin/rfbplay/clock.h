/* Media times for people. */
#ifndef RFBPLAY_CLOCK_H
#define RFBPLAY_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 32 };
/* What a stretch of a recording takes at a speed in thousandths, in µs; at most some thousands of years. */
int64_t clock_stretch(int64_t us, uint32_t permille);
/* "01:05", "1:02:03". text is returned. */
const char *clock_text(int64_t us, char text[CLOCK_TEXT]);

#endif
