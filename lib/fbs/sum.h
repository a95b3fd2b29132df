/* XXH3, in which each update is done by the widest instructions that this processor has, where the library can choose. */
#ifndef RFBKIT_FBS_SUM_H
#define RFBKIT_FBS_SUM_H

#include <xxhash.h>

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>	/* the same names for it */
#endif

#endif
