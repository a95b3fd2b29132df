/* Guessing and crowding: what an address that has not proven anything may do, and how often. */
#ifndef RFBD_GUARD_H
#define RFBD_GUARD_H

#include "viewer/viewer.h"

/* True while this viewer's address has to wait because of failed attempts. */
bool guard_blocks(const struct viewer *v);
/* Remembers a failure or a success of its address; logs how long that has to wait now. */
void guard_note(const struct viewer *v, bool ok);
/* A new one is there: when too many have not come in yet, of its address or in all, the one that has tried for longest goes. */
void guard_crowd(struct viewer *v);
/* True while its address has as many passwords being checked as it may at once; those that wait for it are none. */
bool guard_busy(const struct viewer *v);

#endif
