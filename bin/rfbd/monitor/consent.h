/* --accept's command, which is run for each viewer that the worker asks about (entry/asking.h). */
#ifndef RFBD_CONSENT_H
#define RFBD_CONSENT_H

#include <stddef.h>
#include <stdint.h>

struct monitor;

/* Starts the command for viewer `id`; text is what MSG_ASK brought. */
void consent_start(struct monitor *m, uint32_t id, const char *text, size_t len);
/* Ends it: the viewer has left. */
void consent_stop(struct monitor *m, uint32_t id);
/* Ends all of them. */
void consent_end(struct monitor *m);

#endif
