/* The monitor's part of signing in: users files, PAM. Each check runs in a child of its own, so that
 * scrypt's and PAM's time is nobody else's. */
#ifndef RFBD_VERIFY_H
#define RFBD_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"

/* Starts a check for viewer `id`: text is what MSG_CHECK brought. done(arg, id, VERDICT_*) is called when
 * it is decided, at once when it cannot be started. */
void verify_start(const struct config *c, uint32_t id, const char *text, size_t len,
		  void (*done)(void *arg, uint32_t id, unsigned verdict), void *arg);

#endif
