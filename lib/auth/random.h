/* Randomness, constant-time compare, wiping. */
#ifndef RFBKIT_AUTH_RANDOM_H
#define RFBKIT_AUTH_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* 0; -1 when the system gives none (callers refuse the connection). */
int auth_random(void *out, size_t n);
bool auth_equal(const void *a, const void *b, size_t n);
void auth_wipe(void *p, size_t n);

#endif
