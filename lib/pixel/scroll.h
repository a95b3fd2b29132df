/* Scrolls and moves: which copies within the old picture explain most of a change. Exact by
 * construction: each copy is carried out on what the reader has, and whatever still differs from
 * the new picture afterwards is sent as pixels. Internal to lib/pixel. */
#ifndef RFBKIT_PIXEL_SCROLL_H
#define RFBKIT_PIXEL_SCROLL_H

#include <stddef.h>

#include "pixel/model.h"

enum { SCROLL_COPIES_MAX = 24 };

struct pixel_scroll;

/* The search's memory from frame to frame, for screens of m's size; NULL when there is no memory. */
struct pixel_scroll *pixel_scroll_new(const struct pixel_model *m);
void pixel_scroll_free(struct pixel_scroll *s);
/* Finds copies for the frame at hand, in the order in which they must be done, and does them with
 * model_copy. Returns how many. */
size_t pixel_scroll_find(struct pixel_scroll *s, struct pixel_model *m, struct pixel_copy copies[SCROLL_COPIES_MAX]);

#endif
