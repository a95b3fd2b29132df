/* Users' passwords are checked by the monitor: few at once, of an address and of all, while the others wait for their turn. So many
 * connections are no way around the delay after a failure, and many who come back at the same moment are all let in. */
#ifndef RFBD_CHECKS_H
#define RFBD_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

struct viewer;
struct worker;

/* Has the password that this viewer showed checked, now or when it is its turn; handshake_checked comes then. */
void checks_add(struct viewer *v);
/* The monitor's verdict (VERDICT_*) on the user of viewer `id`, who may have left. */
void checks_verdict(struct worker *w, uint32_t id, unsigned verdict);

#endif
