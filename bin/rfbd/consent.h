/* --accept: a command is asked about each viewer that has shown who it is. The worker waits, the monitor runs it. */
#ifndef RFBD_CONSENT_H
#define RFBD_CONSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/types.h"

struct monitor;
struct viewer;
struct worker;

/* What the command is told of a viewer, in this order. */
enum consent_fact { FACT_ADDRESS, FACT_USER, FACT_SECURITY, FACT_TRANSPORT, FACT_RIGHTS, FACT_DISPLAY, FACTS };
/* Answers, as MSG_CONSENT carries them. */
enum consent { CONSENT_NO, CONSENT_FULL, CONSENT_VIEW, CONSENT_LATE, CONSENT_BUSY, CONSENTS };

/* --- asking.c: the worker's part ----------------------------------------------------------- */

/* True when somebody has to be asked about this viewer. Not about viewers that we called, nor about our own user's on
 * a Unix socket, who could do all that a viewer can without us. */
bool consent_is_needed(const struct viewer *v);
/* Asks about a viewer that may come in with these rights; handshake_consent is told the answer. */
void consent_ask(struct viewer *v, enum auth_rights rights);
/* The answer; viewers that have left are no longer known. */
void consent_answer(struct worker *w, uint32_t id, unsigned answer);
/* The viewer leaves: nobody need decide any more. */
void consent_forget(struct viewer *v);

/* --- consent.c: the monitor's ---------------------------------------------------------------- */

/* Starts the command for viewer `id`; text is what MSG_ASK brought. */
void consent_start(struct monitor *m, uint32_t id, const char *text, size_t len);
/* Ends it: the viewer has left. */
void consent_stop(struct monitor *m, uint32_t id);
/* Ends all of them. */
void consent_end(struct monitor *m);

#endif
