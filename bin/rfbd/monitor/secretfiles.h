/* The files that secrets are in: the monitor opens them, at the start and on SIGHUP, and hands on what they hold. */
#ifndef RFBD_SECRETFILES_H
#define RFBD_SECRETFILES_H

#include <stdbool.h>

#include "config.h"
#include "offer.h"

/* What the configured files give. Dies with a line when they are unusable. Makes a certificate where -C names none. */
struct offer_means secretfiles_open(const struct config *c);
/* Hands everything to the worker. False: something is unusable now, and a line said what. */
bool secretfiles_send(const struct config *c, int worker_fd);

#endif
