/* What a page's time line asks for: one line of JSON ({"pause": true}, {"seek": 12.5}, {"speed": 2}) to a record. */
#ifndef RFBD_WISH_H
#define RFBD_WISH_H

#include <stdbool.h>
#include <stddef.h>

#include "fbs/fbs.h"

/* The line without its LF. True and *r (PAUSE, SEEK or SPEED, of no viewer yet); false: not what we speak. */
bool wish_parse(struct fbs_record *r, const char *line, size_t n);

#endif
