/* A meter inside a pipe: `fbgrab | rfbstat -p | fbdiff`. */
#ifndef RFBSTAT_METER_H
#define RFBSTAT_METER_H

/* Passes stdin to stdout byte by byte, reads the stream that it is, and shows frames, rectangles
 * and bytes per second on stderr once a second. Returns the exit code. */
int meter_run(void);

#endif
