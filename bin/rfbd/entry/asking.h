/* --accept: the monitor's command is asked about each viewer that has shown who it is. The handshake stands still until the answer
 * is there. */
#ifndef RFBD_ASKING_H
#define RFBD_ASKING_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/types.h"

struct viewer;
struct worker;

/* True when somebody has to be asked about this viewer. Not about viewers that we called, nor about our own user's on
 * a Unix socket, who could do all that a viewer can without us. */
bool asking_is_needed(const struct viewer *v);
/* Asks about a viewer that may come in with these rights. */
void asking_begin(struct viewer *v, enum auth_rights rights);
/* The answer (CONSENT_*), with which the handshake goes on; viewers that have left are no longer known. */
void asking_answer(struct worker *w, uint32_t id, unsigned answer);
/* The viewer leaves: nobody need decide any more. */
void asking_forget(struct viewer *v);

#endif
