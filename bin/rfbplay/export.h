/* Pictures out of a recording. Each writes to stdout and returns an exit code. */
#ifndef RFBPLAY_EXPORT_H
#define RFBPLAY_EXPORT_H

#include "player.h"
#include "settings.h"

/* A PNG of what was shown at s->still_us. */
int export_still(struct player *p, const struct settings *s);
/* A PNG of s->stills small pictures, evenly spread, each with its time. */
int export_sheet(struct player *p, const struct settings *s);
/* YUV4MPEG2, s->fps pictures a second, each the one that was shown then. */
int export_y4m(struct player *p, const struct settings *s);
/* What is in it, as text or JSON. */
int export_info(struct player *p, const struct settings *s);

/* 8-bit RGB PNG of XRGB8888 pixels, stride in pixels. 0; -1 and errno. */
int png_write(int fd, const uint32_t *px, size_t stride, unsigned w, unsigned h);

#endif
