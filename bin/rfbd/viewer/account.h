/* What rfbstat shows of viewers: counts by the metrics table, and each viewer's line. */
#ifndef RFBD_ACCOUNT_H
#define RFBD_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

struct unit;
struct viewer;
struct worker;

void account_opened(struct viewer *v);
/* It is past authentication. */
void account_came_in(struct viewer *v);
/* What its rule limits it to may be something else now. */
void account_limits(struct viewer *v);
/* Its rights are others now. */
void account_rights(struct viewer *v);
/* type: a security type's name; result: STAT_AUTH_*. */
void account_auth(const char *type, unsigned result);
/* A unit was queued for it. */
void account_unit(struct viewer *v, const struct unit *u);
/* A CopyRect of this size was. */
void account_copy(const struct viewer *v, unsigned w, unsigned h);
/* An update is complete in its queue; it shows the frame captured at captured_us (io_now's clock; 0: unknown). */
void account_update(struct viewer *v, int64_t captured_us);
/* Everything queued was handed to the kernel. */
void account_flushed(struct viewer *v);
void account_received(struct viewer *v, uint64_t n);
/* It pressed a key or moved the pointer; the first time is logged. */
void account_control(struct viewer *v);
/* A text came from it (STAT_IN) or went to it (STAT_OUT). */
void account_clip(const struct viewer *v, unsigned direction, size_t bytes);
/* Counts it out, by v->ended_by, and logs the end. */
void account_closed(struct viewer *v);
/* A frame was taken from the source, and the framebuffer's size. */
void account_frame(const struct worker *w);

#endif
