/* The seccomp half of confine.h. */
#ifndef RFBKIT_CONFINE_SECCOMP_H
#define RFBKIT_CONFINE_SECCOMP_H

#include "confine/confine.h"

/* Installs the filter for all threads. Needs no_new_privs. 0; -1 and errno. */
int confine_seccomp(unsigned rights);

#endif
